"""A session's process from outside: requests with deadlines, its death, its replay.

What dies inside costs the call in which it died. The next call forks anew and runs the
cells that had finished once more.
"""

import secrets
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from course_pkg.check.case import Problem
from course_pkg.grade.limits import Limits
from course_pkg.grade.sandbox import claims, wire
from course_pkg.grade.sandbox.memory import Used

ORDER_SECONDS = 5.0  # for what takes a millisecond
GRACE = 2.0  # seconds after its limit in which a call may still say so itself


class Host(Protocol):
    """What a session needs of its box."""

    word: str
    limits: Limits
    bodies: dict[str, str]

    def fork(
        self, files: Mapping[str, bytes], unseal: Mapping[str, str]
    ) -> tuple[int, socket.socket]:
        """Fork a process."""

    def end(self, pid: int) -> dict[str, Any]:
        """Kill it."""

    def used(self) -> Used:
        """Return how much all sessions use."""


class Greedy(Exception):
    """All processes of a session together use more than they may."""

    def __init__(self, kind: str, most: str) -> None:
        text = f"needed more {kind} than the limit of {most}"
        self.problem = Problem(kind, text, stops=True)


@dataclass
class History:
    """What a submission has done so far: finished cells, for a replay, and seconds."""

    cells: list[str] = field(default_factory=list)
    spent: float = 0.0


class Process:
    """One session's process, forked when it is first needed and again after a death.

    history: shared by all processes of the session; unseal: bodies by dotted name.
    """

    def __init__(
        self,
        box: Host,
        files: Mapping[str, bytes],
        history: History,
        unseal: Mapping[str, str],
    ) -> None:
        self.box, self.files, self.unseal = box, files, dict(unseal)
        self.history, self.ran = history, 0
        self.pid = 0
        self.line: socket.socket | None = None

    def open(self, bodies: Mapping[str, str]) -> None:
        """Unseal functions for good, in a process that may have run cells already."""
        self.unseal |= bodies
        if self.line is not None:
            self.ask("cell", ORDER_SECONDS, {"do": "unseal", "sources": dict(bodies)})

    def ask(self, what: str, seconds: float, request: dict[str, Any]) -> Any:
        """Send a request and wait; return the reply, or the Problem in its place."""
        left = self.box.limits.session_seconds - self.history.spent
        if left <= 0:
            most = self.box.limits.session_seconds
            text = f"was not run: the submission's limit of {most:g} s was used up"
            return Problem("time", text, stops=True)
        start = time.monotonic()
        limit = min(seconds, left)
        try:
            if self.line is None or self.ran < len(self.history.cells):
                self._replay(start + left)
            return self._exchange(request, limit)
        except wire.Late:
            self.end()
            text = f"ran longer than the limit of {limit:g} s"
            return Problem("time", text, stops=True)
        except Greedy as greedy:
            self.end()
            return greedy.problem
        except wire.Closed:
            return self._died(what)
        except wire.Malformed:
            return self.broken()
        finally:
            self.history.spent += time.monotonic() - start

    def _exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request; the reply must bear the number that was drawn for it.

        So nothing that was written before, or twice, is taken for this reply.
        """
        assert self.line
        number = secrets.randbits(63)
        wire.send(self.line, request | {"number": number})
        reply = wire.receive(self.line, seconds + GRACE, self._look)
        claims.expect(type(reply) is dict, "a reply")
        said = reply.pop("number", None)
        claims.expect(type(said) is int and said == number, "a reply's number")
        return reply

    def _look(self) -> None:
        used, limits = self.box.used(), self.box.limits
        if used.memory > limits.memory:
            raise Greedy("memory", f"{limits.memory // 2**20} MiB")
        # With a wall each session's own count ends at the limit; here a second may run.
        if used.processes > 2 * limits.processes:
            raise Greedy("processes", f"{limits.processes}")

    def _replay(self, end: float) -> None:
        """Run the finished cells it has not run; one that now kills it is left out.

        end: when the submission's time is used up; raises Late then.
        """
        cells = self.history.cells
        while self.line is None or self.ran < len(cells):
            if self.line is None:
                self.pid, self.line = self.box.fork(self.files, self.unseal)
                self.ran = 0
                continue
            limit = min(self.box.limits.cell_seconds, end - time.monotonic())
            if limit <= 0:
                raise wire.Late
            request = {"do": "run", "source": cells[self.ran], "seconds": limit}
            try:
                self._exchange(request, limit)
                self.ran += 1
            except (wire.Late, wire.Closed, wire.Malformed, Greedy):
                self.end()
                cells[self.ran] = ""

    def finished(self, source: str) -> None:
        """Keep a cell that has run to its end here, for a replay."""
        self.history.cells.append(source)
        self.ran += 1

    def _died(self, what: str) -> Problem:
        """Say how the session's process ended."""
        status = self.end()["status"]
        if status == -signal.SIGKILL:
            text = f"was killed while running this {what}"
        elif status < 0:
            text = f"crashed Python ({signal.Signals(-status).name})"
        else:
            text = f"ended Python (exit status {status})"
        return Problem("crash", text, stops=True)

    def broken(self) -> Problem:
        """End a process whose replies have no right form."""
        self.end()
        return Problem("crash", "wrote into the channel of the grader", stops=True)

    def end(self) -> dict[str, Any]:
        """Kill it and all that it started."""
        if self.line is not None:
            self.line.close()
        found = self.box.end(self.pid) if self.pid else {}
        self.pid, self.line = 0, None
        return found
