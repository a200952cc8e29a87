"""Building the book, for the tests of it."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]


class Quiet(SimpleHTTPRequestHandler):
    """A file server that does not log."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine and give its address."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def toc_pages() -> list[str]:
    """Return the pages of the book as paths without ending, root first."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [c for part in toc["parts"] for c in part["chapters"]]
    return [toc["root"], *(c["file"] for c in chapters)]


def build(folder: Path) -> tuple[int, str]:
    """Build the book in `folder` as `make book` does; return status and output."""
    command = [str(Path(sys.executable).with_name("jupyter-book"))]
    command += ["build", ".", "-W", "--keep-going"]
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    result = subprocess.run(command, cwd=folder, **both)
    return result.returncode, re.sub(r"\x1b\[[\d;]*m", "", result.stdout)


def complaints(output: str) -> str:
    """Return what Sphinx complained about, or its last lines."""
    lines = output.splitlines()
    found = [s for s in lines if any(w in s for w in ("WARNING:", "ERROR:", "Error:"))]
    return "\n".join(found or lines[-20:])


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[], Any]) -> Any:
    """Call `make` once per test run, also under xdist; its result goes through JSON."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    result = shared / f"{name}.json"
    with FileLock(shared / f"{name}.lock"):
        if not result.exists():
            result.write_text(json.dumps(make()), encoding="utf-8")
    return json.loads(result.read_text(encoding="utf-8"))
