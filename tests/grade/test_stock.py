"""The stock nbgrader, from a fresh clone's root, without activating the environment."""

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.utils import is_solution

from course_pkg.grade.course import Course
from course_pkg.syllabus import WORDS

from .tiny import submit

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
RELEASED = Path("assignments") / "bptt" / "bptt.ipynb"
BIN = Path(sys.executable).parent


def environment(home: Path) -> dict[str, str]:
    """Return what a plain shell has: the environment's programs are not on PATH."""
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone in which nothing is built yet."""
    root = tmp_path_factory.mktemp("clone") / "unrolled"
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for name in ("solutions", "course_pkg"):
        shutil.copytree(ROOT / name, root / name)
    return root


def nbgrader(clone: Path, *arguments: str) -> str:
    """Run the stock command in the clone and return its log."""
    done = subprocess.run(
        [BIN / "nbgrader", *arguments],
        cwd=clone, env=environment(clone.parent), check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def graded(clone: Path) -> Path:
    """Release and grade with stock commands only."""
    nbgrader(clone, "generate_assignment", "bptt")
    source = nbformat.read(Course(clone, WORDS).source("bptt"), as_version=4)
    answers = {c.id: c.source for c in source.cells if is_solution(c)}
    submit(clone / "submitted", "ada", clone / RELEASED, **answers)
    nbgrader(clone, "autograde", "bptt")
    nbgrader(clone, "generate_feedback", "bptt")
    return clone


def test_list_is_quiet(clone: Path) -> None:
    """``nbgrader list`` finds its exchange and no assignment in it."""
    assert "Released assignments" in nbgrader(clone, "list")


def test_the_release_is_the_committed_one(graded: Path) -> None:
    """generate_assignment and ``course release`` make the same bytes."""
    assert (graded / RELEASED).read_bytes() == (ROOT / RELEASED).read_bytes()


def test_the_grades_are_in_the_gradebook(graded: Path) -> None:
    """autograde reads partial credit; the written answer waits for a person."""
    with sqlite3.connect(graded / "gradebook.db") as book:
        rows = book.execute(
            "select auto_score, needs_manual_grade from grade"
        ).fetchall()
    book.close()
    assert sorted(rows, key=str) == [(2, 0)] * 4 + [(3, 0)] * 2 + [(4, 0), (None, 1)]


def test_feedback_is_written(graded: Path) -> None:
    """generate_feedback writes ada's page."""
    page = graded / "feedback" / "ada" / "bptt" / "bptt.html"
    assert "check-step_grad" in page.read_text("utf-8")


def wait_for(address: str) -> None:
    """Wait until a server listens: Jupyter says so a little before it does."""
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{address}api").close()
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise TimeoutError(address)


@pytest.fixture
def lab(graded: Path) -> Iterator[str]:
    """Serve the clone as ``make lab`` does; gives the address with its token."""
    command = [BIN / "jupyter", "lab", "--notebook-dir=.", "--no-browser", "--port=0"]
    options = ["--IdentityProvider.token=unrolled", "--allow-root", "--ip=127.0.0.1"]
    with subprocess.Popen(
        [*command, *options], cwd=graded, env=environment(graded.parent), text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr
        said = iter(process.stderr.readline, "")
        text = "".join(takewhile(lambda line: "Use Control-C" not in line, said))
        found = re.search(r"http://127\.0\.0\.1:\d+/", text)
        assert found, text
        wait_for(found[0])
        yield found[0]
        process.send_signal(signal.SIGTERM)
        process.stderr.read()


def test_the_formgrader_shows_the_class(lab: str, page: Any) -> None:
    """In a real browser: the assignment, its submission, and the answer to mark."""
    page.goto(f"{lab}lab?token=unrolled")
    page.goto(f"{lab}formgrader/manage_submissions/bptt")
    page.get_by_text("needs manual grading").wait_for()
    page.goto(f"{lab}formgrader/gradebook/bptt/bptt")
    page.get_by_text("Submission #1").click()
    page.get_by_role("heading", name="Backpropagation through time").first.wait_for()


def test_the_formgrader_s_interface_grades(lab: str) -> None:
    """Its autograde button works in the server's process, where PATH is plain too."""
    header = {"Authorization": "token unrolled"}
    address = f"{lab}formgrader/api/submission/bptt/ada/autograde"
    request = urllib.request.Request(address, b"", header, method="POST")
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["success"] is True
