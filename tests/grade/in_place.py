"""A box without walls, for tests of what happens on the trusted side of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from course_pkg.check.ask import interview
from course_pkg.check.case import Evidence, Problem
from course_pkg.check.plain import NotPlain, to_plain
from course_pkg.grade.sandbox.session import AnswerError


def problem_of(error: BaseException) -> Problem:
    """Say of an exception what a session says."""
    if isinstance(error, NotImplementedError):
        return Problem("unwritten", "not written yet", stops=True)
    return Problem("error", f"raised a {type(error).__name__}: {error}")


class Session:
    """Runs everything here; keeps what was asked, for tests to look at."""

    def __init__(
        self, problems: dict[str, Problem], limits: dict[str, Problem]
    ) -> None:
        self.names: dict[str, Any] = {}
        self.problems = problems
        self.asked: list[tuple[str, str, list]] = []
        self.ran: list[str] = []
        self.limits = limits

    def run(self, source: str, task: str = "") -> Any:
        self.ran.append(source)
        for part, problem in self.limits.items():
            if part in source:
                return SimpleNamespace(outputs=[], problem=problem)
        try:
            exec(source, self.names)
        except Exception as error:
            name, text = type(error).__name__, str(error)
            output = {"output_type": "error", "ename": name, "evalue": text}
            return SimpleNamespace(outputs=[output], problem=None)
        return SimpleNamespace(outputs=[], problem=None)

    def value(self, variable: str, task: str = "") -> Any:
        if variable not in self.names:
            raise AnswerError(Problem("missing", "is not there"))
        try:
            return to_plain(self.names[variable])
        except NotPlain as error:
            raise AnswerError(Problem("type", str(error))) from None

    def call(self, variable: str, args: tuple, kwargs: dict, task: str = "") -> Any:
        if variable in self.problems:
            raise AnswerError(self.problems[variable])
        try:
            return to_plain(self.names[variable](*args, **kwargs))
        except NotPlain as error:
            raise AnswerError(Problem("type", f"gave {error}")) from None
        except Exception as error:
            raise AnswerError(problem_of(error)) from None

    def interview(self, name: str, variable: str, questions: list) -> list[Evidence]:
        self.asked.append((name, variable, questions))
        if variable in self.problems:
            return [Evidence(problem=self.problems[variable])] * len(questions)
        found: list[tuple[Callable, Any]] = []
        for address, inputs in questions:
            word, probe = address.split(".")
            probes = import_module(f"course_pkg.check.probes.{word}")
            found.append((getattr(probes, probe), inputs))
        return interview(found, self.names[variable], seconds=1.0)


class Box:
    """Gives sessions; problems: by name of an answer, limits: by a piece of a cell."""

    def __init__(self, **problems: Problem) -> None:
        self.problems = problems
        self.limits: dict[str, Problem] = {}
        self.sessions: list[Session] = []

    @contextmanager
    def session(self, files: dict[str, bytes] | None = None) -> Iterator[Session]:
        self.sessions.append(Session(self.problems, self.limits))
        yield self.sessions[-1]
