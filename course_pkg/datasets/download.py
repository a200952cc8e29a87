"""Fetch a file: with a progress bar, going on where it broke off, checked at the end.

What has come so far lies beside the goal as ``….part``. The file gets its name only
when its SHA-256 is the published one, so a name without ``.part`` is a whole file.
"""

import hashlib
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path

CHUNK = 1 << 16
SECONDS = 30.0
Progress = Callable[[int, int], None]


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def bar(label: str) -> Progress:
    """Make a function (done, size in bytes) that draws a bar on standard output."""

    def show(done: int, size: int) -> None:
        full = 20 * done // max(size, 1)
        end = "\n" if done >= size else ""
        line = f"\r{label} [{'#' * full:20}] {done / 1e6:.1f} of {size / 1e6:.1f} MB"
        print(line, end=end, file=sys.stdout, flush=True)

    return show


def fetch(
    url: str, goal: Path, size: int, digest: str, progress: Progress | None = None
) -> Path:
    """Download url to goal, which must become size bytes with this SHA-256.

    An earlier part is continued where the server allows it. Raises ConnectionError
    when the network fails, keeping the part, and ValueError when the content is not
    the published one, discarding it.
    """
    part = goal.with_name(goal.name + ".part")
    goal.parent.mkdir(parents=True, exist_ok=True)
    if _size(part) > size:
        part.unlink()
    if _size(part) < size or size == 0:
        try:
            _receive(url, part, size, progress or bar(goal.name))
        except (OSError, HTTPException) as error:
            raise ConnectionError(f"{url}: {_reason(error)}") from error
    if _size(part) < size:
        got = f"broke off after {_size(part)} of {size} bytes"
        raise ConnectionError(f"{url}: {got}; call again to go on from there")
    data = part.read_bytes()
    if sha256(data) != digest:
        part.unlink()
        want = f"expected SHA-256 {digest}, got {sha256(data)}"
        raise ValueError(f"{url}: {want}; nothing was kept")
    part.replace(goal)
    return goal


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        error.close()  # it is an open answer as well
        return f"the server answers {error.code} {error.reason}"
    return f"no download ({getattr(error, 'reason', None) or error})"


def _receive(url: str, part: Path, size: int, progress: Progress) -> None:
    """Append what is missing to part, or begin anew where the server cannot go on."""
    done = _size(part)
    request = urllib.request.Request(url, headers={"User-Agent": "course_pkg"})
    if done:
        request.add_header("Range", f"bytes={done}-")
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        if answer.status != 206:
            done = 0  # the whole file comes
        elif not _goes_on(answer, done):
            part.unlink()
            raise HTTPException("the server sends another piece; call again")
        with part.open("ab" if done else "wb") as out:
            progress(done, size)
            # One byte above the size is enough to see that the content is wrong.
            while chunk := answer.read(min(CHUNK, size + 1 - done)):
                out.write(chunk)
                done += len(chunk)
                progress(min(done, size), size)
                if done > size:
                    break


def _goes_on(answer: HTTPResponse, done: int) -> bool:
    """Tell whether a partial answer starts at byte ``done``."""
    span = answer.headers.get("Content-Range") or ""
    return span.startswith(f"bytes {done}-")
