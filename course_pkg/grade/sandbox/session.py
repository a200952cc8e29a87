"""A session: one submission's cells and questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course_pkg.check.case import Evidence, Inputs, Problem
from course_pkg.grade.sandbox import claims, wire
from course_pkg.grade.sandbox.policy import NEIGHBOURS
from course_pkg.grade.sandbox.process import Host, Process

MOST_CELLS = 16  # that may show as much as the limit for one cell


@dataclass
class Ran:
    """What a cell showed, as a notebook's outputs, and which limit it met, if any."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    problem: Problem | None = None


class AnswerError(Exception):
    """A call of a student's function that gave no value."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


class Session:
    """Runs cells and asks answers; ``close`` ends all that it started."""

    def __init__(
        self, box: Host, files: Mapping[str, bytes], unseal: Mapping[str, str] = {}
    ) -> None:
        self.box, self.files, self.unseal = box, files, unseal
        self.process = Process(box, files, unseal)
        self.aside: dict[tuple[str, ...], Session] = {}
        self.shown = 0

    def run(self, source: str, seconds: float | None = None) -> Ran:
        """Run a cell of the student's."""
        limit = seconds or self.box.limits.cell_seconds
        request = {"do": "run", "source": source, "seconds": limit}
        reply = self.process.ask("cell", limit, request)
        if isinstance(reply, Problem):
            return Ran(problem=reply)
        try:
            shown = self._cut(claims.outputs(reply.get("outputs")))
            ran = Ran(shown, claims.problem(reply.get("problem")))
        except wire.Malformed:
            return Ran(problem=self.process.broken())
        if not ran.problem:
            self.process.cells.append(source)
        return ran

    def _cut(self, outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Leave a cell's outputs out once all cells together have shown too much."""
        most = MOST_CELLS * self.box.limits.output
        self.shown += claims.size(outputs)
        if self.shown <= most:
            return outputs
        text = f"(left out: the notebook shows more than {most // 2**20} MiB)\n"
        return [{"output_type": "stream", "name": "stdout", "text": text}]

    def interview(
        self,
        name: str,
        variable: str,
        questions: list[tuple[str, Inputs]],
        seconds: float | None = None,
    ) -> list[Evidence]:
        """Ask an answer: (probe's name, inputs) each; evidence in the same order.

        name: "<word>.<task>"; a probe's name is "<word>.<function>" of check.probes.
        After a time-out or a crash the rest is not asked.
        """
        session = self._for(name)
        found: list[Evidence] = []
        for probe, inputs in questions:
            last = found[-1].problem if found else None
            if last and last.stops:
                found.append(Evidence(problem=_again(last)))
                continue
            found.append(session._question(probe, variable, inputs, seconds))
        return found

    def _question(
        self, probe: str, variable: str, inputs: Inputs, seconds: float | None
    ) -> Evidence:
        limit = seconds or self.box.limits.question_seconds
        request: dict[str, Any] = {"do": "ask", "probe": probe, "variable": variable}
        request |= {"inputs": inputs, "seconds": limit}
        reply = self.process.ask("question", limit, request)
        if isinstance(reply, Problem):
            return Evidence(problem=reply)
        try:
            return claims.evidence(reply)
        except wire.Malformed:
            return Evidence(problem=self.process.broken())

    def call(
        self,
        variable: str,
        args: tuple = (),
        kwargs: dict[str, Any] | None = None,
        seconds: float | None = None,
    ) -> Any:
        """Call a student's function on plain data; raises AnswerError."""
        limit = seconds or self.box.limits.question_seconds
        request = {"do": "call", "variable": variable, "seconds": limit}
        request |= {"args": list(args), "kwargs": kwargs or {}}
        return self._value(self.process.ask("call", limit, request))

    def value(self, variable: str) -> Any:
        """Return the plain value of a name of the student's; raises AnswerError.

        Its problem's kind is "missing" for no such name, "callable" for a function.
        """
        limit = self.box.limits.question_seconds
        request = {"do": "value", "variable": variable}
        return self._value(self.process.ask("name", limit, request))

    def _value(self, reply: Any) -> Any:
        if isinstance(reply, Problem):
            raise AnswerError(reply)
        try:
            found = claims.evidence(reply)
        except wire.Malformed:
            raise AnswerError(self.process.broken()) from None
        if found.problem:
            raise AnswerError(found.problem)
        return found.value

    def _for(self, name: str) -> "Session":
        """Return the session for a task: another one, if it may call its neighbours."""
        word, _, task = name.partition(".")
        allowed = NEIGHBOURS.get(word, {}).get(task, ())
        if not allowed or self.unseal:
            return self
        if allowed not in self.aside:
            bodies = {dotted: self.box.bodies[dotted] for dotted in allowed}
            self.aside[allowed] = Session(self.box, self.files, bodies)
        other = self.aside[allowed]
        if other.process.line is None:
            other.process.cells = list(self.process.cells)
        return other

    def close(self) -> None:
        """End the session and all it started."""
        for session in (self, *self.aside.values()):
            session.process.end()


def _again(last: Problem) -> Problem:
    told = last.text.startswith("was not")
    if told or last.kind in ("unwritten", "answer", "missing"):
        return last
    return Problem(
        last.kind, f"was not tried, because before this it {last.text}", True
    )
