"""A class graded again by another grader: old beside new, and nothing lower unasked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from course_pkg.grade.course import Classroom
from course_pkg.grade.session import Step

from . import paper
from .conftest import make_course

pytestmark = [
    pytest.mark.slow,  # releasing an assignment takes nbgrader a second or two
    pytest.mark.filterwarnings("ignore:Object of type"),  # config.be_quiet says why
]
COUNT = 6


@contextmanager
def other_desk(log: Path) -> Iterator[Callable[[Any], Any]]:
    """Give a point to everybody, whatever they had."""
    with paper.desk(log) as grade:

        def again(unit: Any) -> Any:
            outcome = grade(unit)
            first, why = outcome.result.questions
            one = [replace(first, points=1.0), why]
            outcome.result = replace(outcome.result, questions=one, score=1.0)
            return outcome

        yield again


def grade(room: Classroom, desk: Any = paper.desk, **options: bool) -> dict[str, Step]:
    log = room.root / "log"
    given = paper.Options(**options)
    with paper.opened(room, given, log, workers=paper.here) as found:
        running = replace(found, station=partial(desk, log))
        submissions = paper.find_submissions(room, "tiny")
        return {step.student: step for step in running.steps(submissions)}


def scores(room: Classroom) -> dict[str, tuple]:
    with paper.Gradebook(room.db_url, paper.COURSE_ID) as book:
        found = {n: book.find_grade("check-double", "tiny", "tiny", n) for n in NAMES}
        return {n: (grade.auto_score, grade.manual_score) for n, grade in found.items()}


NAMES = [f"s{n:03}" for n in range(COUNT) if n not in (1, 2)]  # those can be read


def test_a_regrade_lowers_nothing_unasked(
    tmp_path: Path, empty_gradebook: Path
) -> None:
    make = partial(make_course, gradebook=empty_gradebook)
    room = paper.make_class(tmp_path, make, COUNT)
    grade(room)
    old = {name: auto for name, (auto, _) in scores(room).items()}
    assert min(old.values()) < 1 < max(old.values())
    marked = max(old, key=old.__getitem__)
    with paper.Gradebook(room.db_url, paper.COURSE_ID) as book:
        book.find_grade("check-double", "tiny", "tiny", marked).manual_score = 1.75
        book.db.commit()

    again = grade(room, other_desk)
    assert {step.how for step in again.values()} == {"unchanged"}
    steps = grade(room, other_desk, regrade=True)
    for name in NAMES:
        step, kept = steps[name], old[name] > 1
        assert step.how == ("kept" if kept else "graded")
        assert step.before is not None
        assert (step.before.questions[0].points, step.offered.questions[0].points) == (
            old[name],
            1.0,
        )
    want = {name: max(auto, 1.0) for name, auto in old.items()}
    assert {name: auto for name, (auto, _) in scores(room).items()} == want
    grade(room, other_desk, regrade=True, allow_lower=True)
    given = dict.fromkeys(NAMES, (1.0, None)) | {marked: (1.0, 1.75)}
    assert scores(room) == given
