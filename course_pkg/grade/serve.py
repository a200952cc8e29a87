"""``course serve``: book and feedback on this machine, each on a port of its own.

Two ports are two origins: a script in a student's output cannot reach the book.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from course_pkg.grade.course import Course, CourseError

HOST = "127.0.0.1"
# Feedback shows what students printed: it may look like anything, but run nothing.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src data:",
        "style-src 'self' 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)


class Pages(SimpleHTTPRequestHandler):
    """Files of one folder, quietly, without listings of folders."""

    def end_headers(self) -> None:
        """Add headers: no guessing of types, no stale page after a new build."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: object) -> None:
        """Refuse to list a folder."""
        self.send_error(404, "no such page")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


class Feedback(Pages):
    """The same, under a policy that lets no script of a page's own run."""

    def end_headers(self) -> None:
        """Add the content security policy."""
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


def feedback_folder(course: Course) -> Path | None:
    """Return the feedback written last: the course's own or another class's."""
    folders = [course.root / "feedback"]
    folders += sorted((course.root / "_build" / "grade").glob("*/feedback"))
    built = [f for f in folders if (f / "index.html").is_file()]
    return max(built, key=lambda f: (f / "index.html").stat().st_mtime, default=None)


def sites(course: Course, feedback: Path | None) -> list[tuple[str, Path, type[Pages]]]:
    """Return what there is to serve; raises CourseError if that is nothing."""
    found: list[tuple[str, Path, type[Pages]]] = []
    book = course.root / "_build" / "html"
    if (book / "index.html").is_file():
        found.append(("book", book, Pages))
    if feedback and not (feedback / "index.html").is_file():
        raise CourseError(f"{feedback}: no feedback there; run: course feedback")
    folder = feedback or feedback_folder(course)
    if folder:
        found.append(("feedback", folder, Feedback))
    if not found:
        raise CourseError(
            "nothing built yet; run: make book, or course grade and course feedback"
        )
    return found


def open_server(folder: Path, handler: type[Pages], port: int) -> ThreadingHTTPServer:
    """Listen on a port of this machine, or on a free one where it is taken."""
    make = partial(handler, directory=str(folder))
    try:
        return ThreadingHTTPServer((HOST, port), make)
    except OSError:
        return ThreadingHTTPServer((HOST, 0), make)


@contextmanager
def serving(
    course: Course, port: int, feedback: Path | None = None
) -> Iterator[list[str]]:
    """Serve from threads while the block runs; gives the lines to print."""
    lines, servers = [], []
    for n, (name, folder, handler) in enumerate(sites(course, feedback)):
        server = open_server(folder, handler, port and port + n)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        got = server.server_address[1]
        taken = "" if port in (0, got - n) else f"   (port {port + n} is taken)"
        lines.append(f"{name:9} http://{HOST}:{got}/{taken}")
    try:
        yield lines
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
