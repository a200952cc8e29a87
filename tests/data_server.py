"""A server of data sets in this process, which may be cut, without ranges or wrong."""

import gzip
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from course_pkg.datasets import store
from course_pkg.datasets.download import sha256

DATA = bytes(range(256)) * 700  # longer than two chunks
NAMES = b"emma\nmia\nemma\nzoe"


class Server(ThreadingHTTPServer):
    """Serve ``content``; ``cut``: close after so many bytes; ``ranges``: go on."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.cut, self.ranges, self.status = DATA, None, True, 200
        self.asked, self.shift = [], 0
        self.url = f"http://127.0.0.1:{self.server_port}/set.txt"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, span = self.server, self.headers.get("Range")
        server.asked.append(span)
        if server.status != 200:
            self.send_error(server.status)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", span)[1]) if span else 0
        start = max(0, start - server.shift)
        if not server.ranges:
            start = 0
        size = len(server.content)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start))
        self.end_headers()
        body = server.content[start:]
        self.wfile.write(body if server.cut is None else body[: server.cut])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def published(server, monkeypatch, tmp_path):
    """Make `first_names` a small set at the server; the cache is a fresh folder."""
    server.content = NAMES
    zipped = gzip.compress(NAMES)
    file = store.File(
        "first_names/names.txt.gz",
        len(zipped),
        sha256(zipped),
        server.url,
        len(NAMES),
        sha256(NAMES),
    )
    facts = store.DataSet("first_names", "names", "open", "MIT", "-", "-", (file,))
    monkeypatch.setattr(store, "manifest", lambda: {"first_names": facts})
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "first_names"
