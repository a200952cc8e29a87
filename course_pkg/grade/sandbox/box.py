"""The box: a warm zygote behind a wall, and sessions forked from it.

    with Box("bptt", limits_of("bptt")) as box, box.session() as session:
        ran = session.run("x = 1")

What comes out is the student's claim, never a verdict.
"""

import array
import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from course_pkg.grade.limits import Limits, limits_of
from course_pkg.grade.sandbox import bare, memory, wall, wire
from course_pkg.grade.sandbox.inside.walls import HOME
from course_pkg.grade.sandbox.policy import LIBRARY, NEIGHBOURS
from course_pkg.grade.sandbox.seal import seal
from course_pkg.grade.sandbox.session import Session

START_SECONDS = 180.0
ORDER_SECONDS = 60.0  # for what takes milliseconds, on a busy machine
MISSING = (
    "bubblewrap is missing, the wall around students' code: apt install bubblewrap "
    "(--sandbox=process grades without a wall and says what it does not protect from)"
)


class BoxError(Exception):
    """The box cannot be had on this machine; the message says what to do."""


class Box:
    """A zygote for one word's assignment; reusable, and it restarts if it dies."""

    def __init__(
        self, word: str, limits: Limits | None = None, sandbox: str = "bwrap"
    ) -> None:
        self.word, self.limits = word, limits or limits_of(word)
        if sandbox not in ("bwrap", "process"):
            raise BoxError(f"unknown sandbox {sandbox!r}: bwrap, or process")
        self.sandbox = sandbox
        if sandbox == "process":
            print(bare.UNPROTECTED, file=sys.stderr)
        sealed = seal(word)
        self.bodies = sealed.bodies
        self.folder = Path(tempfile.mkdtemp(prefix="unrolled-"))
        sealed.write(self.folder / "course")
        self.zygote: subprocess.Popen | None = None
        self.line: socket.socket | None = None

    def __enter__(self) -> "Box":
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the zygote unless it runs; raises BoxError if it cannot."""
        if self.zygote and self.zygote.poll() is None and self.line:
            return
        self.stop()
        ours, theirs = socket.socketpair()
        self.line = ours
        with theirs:
            self.zygote = self._spawn(theirs.fileno())
        try:
            wire.receive(ours, START_SECONDS)
        except (OSError, EOFError, ValueError):
            said = self._last_words()
            self.stop()
            raise BoxError(f"the sandbox does not start: {said}") from None

    def _spawn(self, line: int) -> subprocess.Popen:
        borrowed = {x for row in NEIGHBOURS.get(self.word, {}).values() for x in row}
        settings = {"library": LIBRARY.get(self.word, ()), "borrowed": [*borrowed]}
        if self.sandbox == "process":
            return bare.start(self.folder, line, settings)
        if not wall.bubblewrap():
            raise BoxError(MISSING)
        return wall.start(self.folder / "course", line, settings)

    def _last_words(self) -> str:
        assert self.zygote
        assert self.zygote.stdout
        self.zygote.kill()
        lines = self.zygote.stdout.read()[-4000:].decode("utf-8", "replace").split("\n")
        return " ".join(line for line in lines if line.strip())[-500:]

    def stop(self) -> None:
        """End the zygote and all it started."""
        if self.line:
            self.line.close()
        if self.zygote:
            self.zygote.kill()
            self.zygote.wait()
            if self.zygote.stdout:
                self.zygote.stdout.close()
        self.line = self.zygote = None

    def close(self) -> None:
        """End everything and remove the sealed package."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def session(self, files: Mapping[str, bytes] | None = None) -> Iterator[Session]:
        """Open a session; files: plain data that lies beside the notebook."""
        session = Session(self, dict(files or {}))
        try:
            yield session
        finally:
            session.close()

    def fork(
        self, files: Mapping[str, bytes], unseal: Mapping[str, str]
    ) -> tuple[int, socket.socket]:
        """Fork a process for a session: its number inside, and the line to it."""
        for attempt in (1, 2):
            try:
                self.start()
                return self._fork(files, unseal)
            except (OSError, EOFError, ValueError):
                self.stop()
                if attempt == 2:
                    raise BoxError("the sandbox forks no sessions") from None
        raise AssertionError

    def _fork(
        self, files: Mapping[str, bytes], unseal: Mapping[str, str]
    ) -> tuple[int, socket.socket]:
        assert self.line
        bare_home = self.sandbox == "process"
        folder = tempfile.mkdtemp(dir=self.folder) if bare_home else HOME
        ours, theirs = socket.socketpair()
        with theirs:
            wire.send(self.line, {"do": "open"})
            fds = array.array("i", [theirs.fileno()]).tobytes()
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)
            self.line.sendmsg([b"f"], [rights])
        try:
            pid = wire.receive(self.line, ORDER_SECONDS)["pid"]
            # Past the zygote: what it reads stays in the memory of all its later forks.
            order = {"files": dict(files), "folder": folder, "unseal": dict(unseal)}
            wire.send(ours, order | {"limits": vars(self.limits)})
            ready = wire.receive(ours, ORDER_SECONDS)
            if "ready" not in ready:
                raise BoxError(f"the session does not start: {ready.get('failed')}")
            return pid, ours
        except BaseException:
            ours.close()
            raise

    def used(self) -> memory.Used:
        """Return what the sessions use beyond the zygote's memory."""
        if self.zygote is None:
            return memory.Used()
        return memory.used(self.zygote.pid, self.sandbox)

    def end(self, pid: int) -> dict[str, Any]:
        """Kill a session's process and all it started; how it had ended, if it had."""
        if self.line is None or pid == 0:
            return {"status": 0, "peak": 0}
        try:
            wire.send(self.line, {"do": "end", "pid": pid})
            return wire.receive(self.line, ORDER_SECONDS)
        except (OSError, EOFError, ValueError):
            self.stop()
            return {"status": 0, "peak": 0}
