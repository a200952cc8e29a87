"""Run a probe on a student's answer and bring back evidence. No verdicts here.

This is the student's side of the border. It knows a probe and inputs, and neither the
expected values nor the reference; it may run in a process of its own.
"""

import contextlib
import io
import linecache
import signal
import threading
import warnings
from collections.abc import Iterator
from types import FrameType, TracebackType

import numpy as np

from course_pkg.check.case import Answer, Evidence, Inputs, Probe, Problem
from course_pkg.check.plain import NotPlain, kind_of, to_plain

SECONDS = 5.0  # for one probe; a right answer needs milliseconds
MAX_LINE = 300


class TimeUp(BaseException):
    """Raised in the answer by the timer; no Exception, so `except Exception` lets it "
    "by."""


def ask(
    probe: Probe, answer: Answer, inputs: Inputs, seconds: float = SECONDS
) -> Evidence:
    """Run the probe on a copy of the inputs and return its plain result as evidence.

    Whatever the answer does, an Evidence comes back: its exceptions, exits, warnings
    and odd results are data. Takes the probe and not the case, because expectations
    must not enter a process that runs a student's code.
    """
    if not callable(answer):
        text = f"is no function but {kind_of(answer)}"
        return Evidence(problem=Problem("answer", text, stops=True))
    given = to_plain(inputs)
    heard: list[warnings.WarningMessage] = []
    try:
        with _quiet(heard), _time_limit(seconds):
            result = probe(answer, given)
            value, after = to_plain(result), to_plain(given)
    except BaseException as error:
        problem = _problem(error, seconds)
        return Evidence(problem=problem, warnings=_said(heard))
    return Evidence(value, None, after, _said(heard))


def interview(
    questions: list[tuple[Probe, Inputs]], answer: Answer, seconds: float = SECONDS
) -> list[Evidence]:
    """Ask every question; after a time-out the others are not asked."""
    found: list[Evidence] = []
    stopped: Problem | None = None
    for probe, inputs in questions:
        if stopped:
            found.append(Evidence(problem=stopped))
            continue
        evidence = ask(probe, answer, inputs, seconds)
        found.append(evidence)
        if evidence.problem and evidence.problem.stops:
            again = evidence.problem.kind in ("unwritten", "answer")
            text = f"was not tried, because before this it {evidence.problem.text}"
            kind = evidence.problem.kind
            stopped = evidence.problem if again else Problem(kind, text, stops=True)
    return found


def _problem(error: BaseException, seconds: float) -> Problem:
    # issubclass and not isinstance: an object may lie about its __class__.
    kind = type(error)
    if issubclass(kind, TimeUp):
        return Problem(
            "time", f"ran longer than the limit of {seconds:g} s", stops=True
        )
    if issubclass(kind, NotImplementedError):
        return Problem("unwritten", "not written yet", stops=True)
    if issubclass(kind, NotPlain):
        return Problem("type", _one_line(error))
    if issubclass(kind, KeyboardInterrupt):
        return Problem("interrupt", "was interrupted", stops=True)
    text = f"raised {kind_of(error)}: {_one_line(error)}".rstrip(": ")
    return Problem("error", text + _place(error.__traceback__))


def _one_line(error: BaseException) -> str:
    """Return an error's message; a student's exception may fail to have one."""
    try:
        text = str(error)
    except BaseException:
        return "(without a readable message)"
    return " ".join(text[: 4 * MAX_LINE].split())[:MAX_LINE]


def _place(trace: TracebackType | None) -> str:
    """Return the last line of the student's own code in a traceback, if any."""
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if not module.startswith(("course_pkg.", "numpy", "torch")):
            source = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            quoted = f": {source[:MAX_LINE]}" if source else ""
            place = f" (line {trace.tb_lineno} of the cell, in {code.co_name}{quoted})"
        trace = trace.tb_next
    return place


def _said(heard: list[warnings.WarningMessage]) -> tuple[str, ...]:
    """Return the first few different warnings, as text."""
    lines: list[str] = []
    for entry in heard[:1000]:
        line = f"{entry.category.__name__}: {str(entry.message)[:MAX_LINE]}"
        if line not in lines:
            lines.append(line)
    return tuple(lines[:3])


@contextlib.contextmanager
def _quiet(heard: list[warnings.WarningMessage]) -> Iterator[None]:
    """Collect warnings and swallow stderr: nbgrader counts stderr as failure."""
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stderr(io.StringIO()),
        np.errstate(all="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        try:
            yield
        finally:
            heard.extend(caught)


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp after so many seconds; without effect outside the main thread."""
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or not hasattr(signal, "setitimer"):
        yield
        return
    rings: list[int] = []

    def ring(signum: int, frame: FrameType | None) -> None:
        rings.append(signum)
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    # It rings again and again, for an answer that catches everything in a loop.
    outer = signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:  # once more, since it may ring on the line above
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, before)
    if rings:  # the answer caught TimeUp and went on
        raise TimeUp
