"""A session: one submission's cells and questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course_pkg.check.case import Evidence, Inputs, Problem
from course_pkg.grade.sandbox import claims, wire
from course_pkg.grade.sandbox.policy import NEIGHBOURS
from course_pkg.grade.sandbox.process import History, Host, Process

MOST_CELLS = 16  # that may show as much as the limit for one cell
MOST_EVIDENCE = 64 * 2**20  # bytes, of all questions to one answer together

TOO_MUCH = Problem(
    "type", f"returned more than {MOST_EVIDENCE // 2**20} MiB in all", stops=True
)


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

    def __init__(self, box: Host, files: Mapping[str, bytes]) -> None:
        self.box, self.files, self.history = box, files, History()
        self.process = Process(box, files, self.history, {})
        self.others: dict[tuple[str, ...], Process] = {}
        self.shown = 0

    def run(self, source: str, task: str = "", seconds: float | None = None) -> Ran:
        """Run a cell of the student's; task: which answer it is meant to hold, if any.

        From the answer of a task that may call sealed neighbours on, these work.
        """
        limit = seconds or self.box.limits.cell_seconds
        request = {"do": "run", "source": source, "seconds": limit}
        if not self.process.unseal and self._bodies(task):
            self.process.open(self._bodies(task))
        reply = self.process.ask("cell", limit, request)
        if isinstance(reply, Problem):
            return Ran(problem=reply)
        try:
            shown = self._cut(claims.outputs(reply.get("outputs")))
            ran = Ran(shown, claims.problem(reply.get("problem")))
        except wire.Malformed:
            return Ran(problem=self.process.broken())
        if not ran.problem:
            self.process.finished(source)
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
        process = self._for(name.rpartition(".")[2])
        found: list[Evidence] = []
        left = MOST_EVIDENCE
        for probe, inputs in questions:
            last = found[-1].problem if found else None
            if last and last.stops:
                found.append(Evidence(problem=_again(last)))
                continue
            evidence = self._question(process, probe, variable, inputs, seconds)
            left -= claims.size(evidence.value) + claims.size(evidence.after)
            found.append(evidence if left >= 0 else Evidence(problem=TOO_MUCH))
        return found

    def _question(
        self,
        process: Process,
        probe: str,
        variable: str,
        inputs: Inputs,
        seconds: float | None,
    ) -> Evidence:
        limit = seconds or self.box.limits.question_seconds
        request: dict[str, Any] = {"do": "ask", "probe": probe, "variable": variable}
        request |= {"inputs": inputs, "seconds": limit}
        reply = process.ask("question", limit, request)
        if isinstance(reply, Problem):
            return Evidence(problem=reply)
        try:
            return claims.evidence(reply)
        except wire.Malformed:
            return Evidence(problem=process.broken())

    def call(
        self,
        variable: str,
        args: tuple = (),
        kwargs: dict[str, Any] | None = None,
        task: str = "",
    ) -> Any:
        """Call a student's function on plain data; raises AnswerError."""
        limit = self.box.limits.question_seconds
        request = {"do": "call", "variable": variable, "seconds": limit}
        request |= {"args": list(args), "kwargs": kwargs or {}}
        return self._value("call", request, task)

    def value(self, variable: str, task: str = "") -> Any:
        """Return the plain value of a name of the student's; raises AnswerError.

        Its problem's kind is "missing" for no such name, "callable" for a function.
        """
        return self._value("name", {"do": "value", "variable": variable}, task)

    def _value(self, what: str, request: dict[str, Any], task: str) -> Any:
        process = self._for(task)
        reply = process.ask(what, self.box.limits.question_seconds, request)
        if isinstance(reply, Problem):
            raise AnswerError(reply)
        try:
            found = claims.evidence(reply)
        except wire.Malformed:
            raise AnswerError(process.broken()) from None
        if found.problem:
            raise AnswerError(found.problem)
        return found.value

    def _bodies(self, task: str) -> dict[str, str]:
        """Return what is unsealed for a task."""
        allowed = NEIGHBOURS.get(self.box.word, {}).get(task, ())
        return {dotted: self.box.bodies[dotted] for dotted in allowed}

    def _for(self, task: str) -> Process:
        """Return the process to ask for a task: what works there is what may be used.

        What was unsealed once stays so. Then other tasks are asked in a process of
        their own, which shares no files with this one and runs the cells once more.
        """
        bodies = self._bodies(task)
        if not self.process.unseal and bodies:
            self.process.open(bodies)
        if self.process.unseal == bodies:
            return self.process
        fresh = Process(self.box, self.files, self.history, bodies)
        return self.others.setdefault(tuple(bodies), fresh)

    def close(self) -> None:
        """End the session and all it started."""
        for process in (self.process, *self.others.values()):
            process.end()


def _again(last: Problem) -> Problem:
    told = last.text.startswith("was not")
    if told or last.kind in ("unwritten", "answer", "missing"):
        return last
    return Problem(
        last.kind, f"was not tried, because before this it {last.text}", True
    )
