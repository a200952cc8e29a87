"""A report of one check as plain data and as text, and the points of a session."""

import re
from dataclasses import dataclass
from typing import Any

from course_pkg.check.judge import Result
from course_pkg.syllabus import WORDS, Task

CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Report:
    """What a check found: the task, and a result for each of its cases."""

    name: str
    task: Task
    results: tuple[Result, ...]

    @property
    def points(self) -> float:
        """Built-in float in [0, max]; exactly max if every case is right."""
        if all(result.ok for result in self.results):
            return float(self.task.points)
        return float(round(sum(result.points for result in self.results), 4))

    @property
    def book(self) -> str:
        """Say where in the book to read, in words and as a path."""
        word = self.name.split(".")[0]
        return f"book: {word}, {self.task.section} ({word}.html#{self.task.slug})"

    @property
    def misconceptions(self) -> list[str]:
        """Return the names of the misconceptions found, each once."""
        return list(dict.fromkeys(r.wrong.name for r in self.results if r.wrong))

    @property
    def unwritten(self) -> bool:
        """Tell whether the answer is still the empty one of the release."""
        return any(r.problem == "unwritten" for r in self.results)

    def advice(self, result: Result) -> str:
        """Name the misconception behind a wrong result, or give its case's hint."""
        if result.wrong:
            return f"It looks like this: {result.wrong.name}. {result.wrong.hint}"
        return "" if result.ok or result.problem else f"Hint: {result.case.hint}"

    def message(self) -> str:
        """Explain the first wrong case, with advice and the section; "" if none is."""
        first = next((result for result in self.results if not result.ok), None)
        if first is None:
            return ""
        said = f"{first.case.name}: {first.message}"
        lines = ["Not written yet." if self.unwritten else said, self.advice(first)]
        return clean("\n".join(line for line in [*lines, self.book] if line))

    def as_plain(self) -> dict[str, Any]:
        """Return the report as the JSON of application/vnd.unrolled.check+json."""
        cases = [
            {
                "name": result.case.name,
                "points": result.points,
                "max": float(result.case.points),
                "ok": result.ok,
                "message": clean(result.message),
                "misconception": result.wrong.name if result.wrong else None,
                "hint": clean(
                    result.wrong.hint if result.wrong else self.advice(result)
                ),
                "picture": result.picture,
                "graph": [list(point) for point in result.graph],
            }
            for result in self.results
        ]
        return {
            "id": self.name,
            "points": self.points,
            "max": float(self.task.points),
            "message": self.message(),
            "misconception": "; ".join(self.misconceptions) or None,
            "cases": cases,
        }


def clean(text: str) -> str:
    """Replace control characters, which move a terminal's cursor or turn text round."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def number(points: float) -> str:
    """Write points without needless zeros: 3, 2.5, 1.25."""
    return f"{points:.4f}".rstrip("0").rstrip(".")


def out_of(points: float, largest: float) -> str:
    """Write "2.5 of 3 points"."""
    return f"{number(points)} of {number(largest)} point{'s' * (largest != 1)}"


def tasks(word: str) -> tuple[Task, ...]:
    """Return a word's tasks; ValueError lists the words that have some."""
    known = [name for name, row in WORDS.items() if row.tasks]
    if word not in known:
        raise ValueError(f"unknown word {word!r}; known: {', '.join(known)}")
    return WORDS[word].tasks
