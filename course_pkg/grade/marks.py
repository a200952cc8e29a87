"""Between a result and nbgrader's grades: which cell gets what, and who has the say."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from course_pkg.grade.entries import Mark
from course_pkg.grade.results import WAITING, Question, Result

NO_RESPONSE = "No response."  # nbgrader's own words; its pages look for them
SLACK = 1e-9


@dataclass(frozen=True)
class Graded:
    """One submission as it was graded: the result, and what it is a result of.

    key: of everything the result depends on. content: SHA-256 of what was handed in.
    notebook: the executed one as JSON, None if there is none. when: handed in, UTC.
    """

    result: Result
    key: str
    content: str
    seed: str
    notebook: dict | None = None
    when: datetime | None = None


@dataclass(frozen=True)
class Entered:
    """What became of a result: the row in the gradebook, the one before, the new one.

    kept: the new one is lower than the old one for the same content, and was refused.
    """

    result: Result
    before: Result | None
    offered: Result

    @property
    def kept(self) -> bool:
        """Whether the row before is still the one in the gradebook."""
        return self.result is self.before


def restore(text: str) -> Result:
    """Return the result that was written as JSON; unknown fields fall away."""
    row = json.loads(text)
    known, inner = ({f.name for f in fields(kind)} for kind in (Result, Question))
    row["questions"] = [
        Question(**{name: value for name, value in question.items() if name in inner})
        for question in row["questions"]
    ]
    return Result(**{name: value for name, value in row.items() if name in known})


def written(notebook: Mapping) -> bytes:
    """Return a notebook's file: the same bytes for the same notebook."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def cell(question: Question, graded: Collection[str]) -> str:
    """Return the graded cell of a question: its check, or the written answer itself."""
    task = question.id.partition(".")[2]
    return f"check-{task}" if f"check-{task}" in graded else task


def automatic(
    result: Result, graded: Collection[str]
) -> tuple[dict[str, float | None], dict[str, bool]]:
    """Return the grader's points by graded cell, and whether a person must look.

    What could not be graded is a zero that a person must confirm; so is a cell that
    the result does not speak of.
    """
    auto: dict[str, float | None] = dict.fromkeys(graded, 0.0)
    waits = dict.fromkeys(graded, True)
    if result.status == "graded":
        for question in result.questions:
            name = cell(question, graded)
            auto[name] = question.points
            waits[name] = question.points is None
    return auto, waits


def overlay(
    result: Result, marks: Mapping[str, Mark], graded: Collection[str]
) -> Result:
    """Return a result with the points that persons gave in the gradebook."""
    questions = []
    for question in result.questions:
        mark = marks.get(cell(question, graded))
        questions.append(_marked(question, mark) if mark else question)
    score = sum(question.points or 0.0 for question in questions)
    return replace(result, questions=questions, score=float(score))


def _marked(question: Question, mark: Mark) -> Question:
    if mark.auto is None and mark.waits:
        given = mark.manual
        earlier = "" if given is None else f" (marked {given:g} in an earlier run)"
        return replace(question, points=None, message=WAITING + earlier)
    if mark.manual is None and not mark.extra:
        return question
    message = "" if mark.auto is None else question.message
    return replace(question, points=mark.score, message=message)


def lower(before: Result, after: Result) -> bool:
    """Say whether a result takes points away, in sum or from any question."""
    if before.status == "graded" and after.status != "graded":
        return True
    now = {question.id: question.points for question in after.questions}
    return any(
        (question.points or 0.0) > (now.get(question.id) or 0.0) + SLACK
        for question in before.questions
        if now.get(question.id, 0.0) is not None  # None: a person will say
    )


def responses(notebook: Any) -> dict[str, str | None]:
    """Return nbgrader's comment on every answer of a notebook: none, or not written."""
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum, is_solution, is_task

    texts: dict[str, str | None] = {}
    for item in from_dict(notebook).cells if notebook else ():
        if is_solution(item) or is_task(item):
            meta = item.metadata.nbgrader
            same = meta.get("checksum") == compute_checksum(item) and not is_task(item)
            texts[meta.grade_id] = NO_RESPONSE if same else None
    return texts


def penalty(
    config: Any, student: str, marks: Mapping[str, Mark], seconds: float
) -> float | None:
    """Return what nbgrader's plugin takes off a late submission, None if nothing."""
    from nbgrader.preprocessors import AssignLatePenalties

    if seconds <= 0:
        return None
    late = AssignLatePenalties(config=config)
    late.init_plugin()
    score = sum(mark.score for mark in marks.values())
    points = late.plugin_inst.late_submission_penalty(student, score, seconds)
    return None if points is None else min(max(float(points), 0.0), score)
