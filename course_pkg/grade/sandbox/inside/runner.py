"""A session: runs a student's cells and asks their answers, one request at a time.

It shares its process with the student's code, so nothing that it says can be believed;
the other side takes every reply for a claim of the student's.
"""

import gc
import os
import signal
import socket
import sys
from importlib import import_module
from types import FrameType
from typing import Any

from course_pkg.check.ask import TimeUp, ask
from course_pkg.check.plain import kind_of, to_plain
from course_pkg.grade.sandbox import wire
from course_pkg.grade.sandbox.inside.capture import OUTPUTS, Descriptors, Shell
from course_pkg.grade.sandbox.inside.walls import Seals

# How Python and PyTorch say that a limit is met: kind, their words, ours.
MET: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "memory",
        ("MemoryError", "can't allocate", "std::bad_alloc", "Cannot allocate memory"),
        "needed more memory than the limit of {memory:g} MiB",
    ),
    (
        "processes",
        ("can't start new thread", "Resource temporarily unavailable"),
        "started more processes and threads than the limit of {processes}",
    ),
    (
        "disk",
        ("No space left on device",),
        "wrote more than the limit of {disk:g} MiB for all files",
    ),
    (
        "disk",
        ("File too large",),
        "wrote a file larger than the limit of {file_size:g} MiB",
    ),
)


class Runner:
    """One session's shell and its line to the other side."""

    def __init__(
        self,
        shell: Shell,
        line: socket.socket,
        limits: dict,
        folder: str,
        seals: Seals,
    ) -> None:
        self.shell, self.line, self.limits, self.seals = shell, line, limits, seals
        self.descriptors, self.pid = Descriptors(folder), os.getpid()

    def serve(self) -> None:
        """Answer requests until the other side hangs up."""
        while True:
            try:
                request = wire.receive(self.line, None)
            except wire.Closed:
                return
            number = {"number": request.pop("number")}
            reply = getattr(self, "do_" + request.pop("do"))(**request)
            if os.getpid() != self.pid:  # a copy of this process, made by a fork
                os._exit(0)
            try:
                wire.send(self.line, reply | number)
            except TypeError as error:
                said = {"problem": ["type", str(error), False]}
                wire.send(self.line, said | number)

    def do_run(self, source: str, seconds: float) -> dict[str, Any]:
        """Run one cell and return what it shows."""
        limit = self.limits["output"]
        OUTPUTS.clear(limit)
        timer = Timer(seconds)
        result = None
        with timer:
            result = self.shell.run_cell(source, store_history=True)
        timer.stop()
        sys.stdout.flush()
        self.descriptors.collect(limit)
        error = result and (result.error_before_exec or result.error_in_exec)
        problem = self._problem(error, timer, seconds)
        gc.collect()
        return {"outputs": OUTPUTS.taken(), "problem": problem}

    def do_unseal(self, sources: dict[str, str]) -> dict[str, Any]:
        """Unseal functions from here on."""
        self.seals.open(sources)
        return {}

    def _problem(self, error: Any, timer: "Timer", seconds: float) -> list | None:
        """Say which limit a cell met; an ordinary exception is no problem."""
        if timer.rang:
            return ["time", f"ran longer than the limit of {seconds:g} s", True]
        return self._met(f"{type(error).__name__}: {error}") if error else None

    def _met(self, text: str) -> list | None:
        """Return the problem of an error that says that a limit is met, else None."""
        for kind, words, ours in MET:
            if any(word in text for word in words):
                sizes = ("memory", "disk", "file_size")
                limits = self.limits | {x: self.limits[x] / 2**20 for x in sizes}
                return [kind, ours.format(**limits), True]
        return None

    def _answer(self, variable: str) -> Any:
        if variable not in self.shell.user_ns:
            raise LookupError
        return self.shell.user_ns[variable]

    def do_ask(
        self, probe: str, variable: str, inputs: Any, seconds: float
    ) -> dict[str, Any]:
        """Ask an answer one question: run the probe on it."""
        module, _, name = probe.rpartition(".")
        asked = getattr(import_module(f"course_pkg.check.probes.{module}"), name)
        return self._ask(asked, variable, inputs, seconds)

    def do_call(
        self, variable: str, args: Any, kwargs: dict, seconds: float
    ) -> dict[str, Any]:
        """Call a student's function on plain arguments."""

        def asked(answer: Any, given: Any) -> Any:
            return answer(*given["args"], **given["kwargs"])

        given = {"args": tuple(args), "kwargs": kwargs}
        return self._ask(asked, variable, given, seconds)

    def do_value(self, variable: str) -> dict[str, Any]:
        """Return the value of a name, or what it is if it is no plain data."""
        try:
            value = self._answer(variable)
        except LookupError:
            return {"problem": ["missing", "is not defined in the notebook", True]}
        try:
            return {"value": to_plain(value), "callable": False}
        except ValueError as error:
            kind = "callable" if callable(value) else "type"
            return {"problem": [kind, str(error), False], "kind": kind_of(value)}

    def _ask(
        self, probe: Any, variable: str, inputs: Any, seconds: float
    ) -> dict[str, Any]:
        OUTPUTS.clear(self.limits["output"])
        try:
            found = ask(probe, self._answer(variable), inputs, seconds)
        except LookupError:
            return {"problem": ["missing", "is not defined in the notebook", True]}
        problem = found.problem
        told = [problem.kind, problem.text, problem.stops] if problem else None
        if problem and problem.kind == "error":
            told = self._met(problem.text) or told
        return {
            "value": found.value,
            "problem": told,
            "after": found.after,
            "warnings": list(found.warnings),
        }


class Timer:
    """Raises TimeUp in a cell that runs too long, and again, if the cell catches it."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.rang = seconds, False

    def _ring(self, signum: int, frame: FrameType | None) -> None:
        self.rang = True
        raise TimeUp(f"this cell ran longer than the limit of {self.seconds:g} s")

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self.seconds, 1.0)

    def __exit__(self, *error: object) -> bool:
        self.stop()
        return bool(error) and isinstance(error[1], TimeUp)

    def stop(self) -> None:
        """Stop the clock, also where it rings while it is being stopped."""
        signal.setitimer(signal.ITIMER_REAL, 0)
