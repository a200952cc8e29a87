"""Graded cells, run where no student's line has run.

Their source is the instructor's. `check` and `progress` are the grader's: questions are
drawn from the secret seed, asked across the border, and judged here. What a cell shows
and returns becomes notebook outputs, so that nbgrader reads the points it always read.
"""

import ast
import contextlib
import io
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from course_pkg.check import run as checks
from course_pkg.check.ask import interview
from course_pkg.check.case import Answer, Evidence
from course_pkg.check.question import Question
from course_pkg.check.run import GRADER, conclude, plan, progress_bundle, report_bundle
from course_pkg.grade import outputs
from course_pkg.grade.clock import Clock, TimeIsUp, timed
from course_pkg.grade.config import TIMEOUT
from course_pkg.grade.sandbox.session import AnswerError
from course_pkg.grade.standins import Names, StandIn


class NoScore(Exception):
    """A graded cell that gives no number of points."""


@lru_cache(maxsize=512)
def questions(name: str, seed: int) -> list[Question]:
    """Return the questions of a check, drawn once per process."""
    return plan(name, seed)


class Desk:
    """Where one submission's graded cells are run, in order, sharing their names.

    seconds: how long the loops of one cell may take.
    """

    def __init__(self, session: Any, seed: int, seconds: float) -> None:
        self.session, self.seed, self.seconds = session, seed, seconds
        self.points: dict[str, float] = {}
        self.notes: list[str] = []
        self._shown: list[dict[str, Any]] = []
        self._task = ""
        own = {"check": checks.check, "progress": checks.progress}
        self._names = Names(self._find, display=self._display, **own)

    def run(
        self,
        source: str,
        count: int | None = None,
        points: float | None = None,
        task: str = "",
    ) -> list[dict[str, Any]]:
        """Run a cell of the instructor's and return its outputs.

        points: of a graded cell, task: what it grades. Its value must be a number up to
        that; a cell without a value gets them all, as nbgrader has it, and one that
        raises gets none.
        """
        self._shown, self._task = [], task
        said = io.StringIO()
        last: list[dict[str, Any]] = []
        with _graded_by(self), contextlib.redirect_stdout(said), _silence():
            try:
                value = self._execute(source)
                if value is not None:
                    last = [outputs.value(_score(value, points), count)]
            except (Exception, SystemExit, TimeIsUp) as error:
                last = [outputs.error(_name_of(error), _text_of(error))]
        text = [outputs.stream(said.getvalue())] if said.getvalue() else []
        return [*self._shown, *text, *last]

    def _execute(self, source: str) -> Any:
        self._names |= Clock(self.seconds).names()
        tree = timed(source)
        last = tree.body[-1] if tree.body else None
        value = tree.body.pop() if isinstance(last, ast.Expr) else None
        exec(compile(tree, "<graded cell>", "exec"), self._names)
        if not isinstance(value, ast.Expr):
            return None
        expression = ast.Expression(value.value)
        return eval(compile(expression, "<graded cell>", "eval"), self._names)

    def _find(self, name: str) -> Any:
        """Return a student's variable as data, or a stand-in for what is none."""
        try:
            return self.session.value(name, self._task)
        except AnswerError as error:
            if error.problem.kind == "missing":
                raise NameError(f"name {name!r} is not defined") from None
            if error.problem.kind not in ("callable", "type"):
                raise
            return StandIn(name, self._call)

    def _call(self, name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        return self.session.call(name, args, kwargs, self._task)

    def _display(self, *things: Any, raw: bool = False, **_: Any) -> None:
        """Show as IPython's display does: bundles of media types if raw, else text."""
        for thing in things:
            self._show(thing if raw else {"text/plain": repr(thing)})

    def _show(self, forms: dict[str, Any]) -> None:
        self._shown.append(outputs.display(forms))

    def check(self, name: str, answer: Answer) -> float:
        """Ask an answer's questions across the border; judge and show them here."""
        asked = questions(name, self.seed)
        evidence = self._interview(name, answer, asked)
        try:
            report = conclude(name, asked, evidence)
        except Exception as error:
            self.notes.append(f"{name}: could not be judged: {error!r:.200}")
            raise NoScore("what the answer returned cannot be judged") from None
        self.points[name] = report.points
        self._show(report_bundle(report))
        return report.points

    def _interview(
        self, name: str, answer: Answer, asked: list[Question]
    ) -> list[Evidence]:
        if not isinstance(answer, StandIn):  # the cell's own, perhaps around stand-ins
            return interview([(q.case.probe, q.inputs) for q in asked], answer)
        across = [(address(q), q.inputs) for q in asked]
        return self.session.interview(name, answer.__name__, across)

    def progress(self, word: str) -> None:
        """Show the points that this submission has so far."""
        self._show(progress_bundle(word, self.points))


def _score(value: Any, points: float | None) -> Any:
    """Return a graded cell's value as a plain number; raise NoScore if it is none."""
    if points is None:
        return value
    number = value.item() if isinstance(value, np.generic) else value
    if type(number) not in (int, float) or not 0 <= number <= points:
        raise NoScore(f"the cell's value is {number!r:.60}, not 0 to {points:g} points")
    return number


def address(question: Question) -> str:
    """Return the name by which the sandbox finds a question's probe."""
    probe = question.case.probe
    return f"{probe.__module__.rpartition('.')[2]}.{probe.__name__}"


@contextlib.contextmanager
def _graded_by(desk: Desk) -> Iterator[None]:
    token = GRADER.set(desk)
    try:
        yield
    finally:
        GRADER.reset(token)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Drop what a graded cell says on stderr: nbgrader takes it for a failure."""
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _name_of(error: BaseException) -> str:
    if isinstance(error, TimeIsUp):
        return TIMEOUT
    if isinstance(error, AnswerError):
        unwritten = error.problem.kind == "unwritten"
        return "NotImplementedError" if unwritten else "WrongAnswer"
    return type(error).__name__


def _text_of(error: BaseException) -> str:
    if isinstance(error, AnswerError):
        return f"your answer {error.problem.text}"
    return str(error)
