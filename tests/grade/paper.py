"""A class whose answers are graded at once, for tests of everything around that.

``python -m grade.paper ROOT jobs`` grades the class in ROOT as `course grade` would.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

from course_pkg.grade import pool
from course_pkg.grade.config import COURSE_ID, be_quiet
from course_pkg.grade.course import Classroom, Course, classroom
from course_pkg.grade.ledger import Ledger
from course_pkg.grade.release import release
from course_pkg.grade.results import Question, Result
from course_pkg.grade.screen import grade_all
from course_pkg.grade.session import Grading
from course_pkg.grade.settings import Options, Workers
from course_pkg.grade.submissions import find_submissions
from course_pkg.grade.unit import Outcome, Release, Unit
from course_pkg.grade.work import Failure, Station

from .tiny import WORDS, submit

pool.PRELOADED = [
    "tests.grade.paper" if __name__.startswith("tests") else "grade.paper"
]
SEED = 7


@contextmanager
def desk(log: Path, seconds: float = 0.0) -> Iterator[Callable[[Unit], Outcome]]:
    """Give two points at most by the content's hash; write down who was graded."""

    def grade(unit: Unit) -> Outcome:
        with log.open("a") as file:
            file.write(f"{unit.student} {os.getpid()}\n")
        time.sleep(seconds)
        points = hashlib.sha256(unit.content).digest()[0] % 5 / 2
        questions = [
            Question("tiny.double", points, 2.0, f"{points} of 2 right"),
            Question("tiny.why", None, 1.0),
        ]
        result = Result(unit.student, points, 3.0, "graded", 0.0, questions)
        notebook: Any = nbformat.reads(unit.content.decode(), as_version=4)
        return Outcome(result, json.loads(json.dumps(notebook)), [], unit.key)

    yield grade


def here(
    units: Iterable[Unit], station: Station
) -> Iterator[tuple[Unit, Outcome | Failure]]:
    """Grade in this process, where `pool.run` starts others."""
    with station() as work:
        for unit in units:
            yield unit, work(unit)


def make_class(root: Path, make: Callable[[Path], Course], count: int) -> Classroom:
    """Hand in a class of the tiny assignment; two of them cannot be read."""
    course = make(root / "course")
    released = release(course, "tiny")
    room = room_of(root)
    room.root.mkdir()
    gradebook = (course.root / "gradebook.db").read_bytes()
    (room.root / "gradebook.db").write_bytes(gradebook)
    for n in range(count):
        submit(room.inbox, f"s{n:03}", released, double=f"# {n}", why="Sums.")
    (room.inbox / "s001" / "tiny" / "tiny.ipynb").unlink()
    (room.inbox / "s002" / "tiny" / "tiny.ipynb").unlink()
    (room.inbox / "s002" / "tiny" / "tiny.ipynb").mkdir()
    return room


def room_of(root: Path, url: str | None = None) -> Classroom:
    course = Course(root / "course", WORDS)
    return classroom(course, "tiny", root / "in", root / "room", url)


@contextmanager
def opened(
    room: Classroom, options: Options, log: Path, seconds: float = 0.0,
    workers: Workers | None = None,
) -> Iterator[Grading]:  # fmt: skip
    """Do what `session.grading` does, with a desk of paper and no new release."""
    from course_pkg.grade.database import locked

    course = room.course
    notebook: Any = nbformat.read(course.assignment("tiny"), as_version=4)
    tiny = Release.of("tiny", notebook, course.tasks("tiny"))
    station = partial(desk, log, seconds)
    with locked(room) as engine:
        ledger = Ledger(room, "tiny", engine)
        ledger.recover()
        workers = workers or options.workers(options.limits("tiny"))
        yield Grading(ledger, tiny, SEED, options, station, workers)


def grade(room: Classroom, log: Path, seconds: float = 0.0, **options: Any) -> None:
    """Grade the class, as `course grade` does."""
    be_quiet()
    with opened(room, Options(**options), log, seconds) as grading:
        grade_all(grading, find_submissions(room, "tiny"), None)


def standing(room: Classroom) -> dict:
    """Return all that a run leaves: nbgrader's rows, files, results; without times."""
    book = Gradebook(room.db_url, COURSE_ID)
    with book:
        rows = {
            submission.student.id: [
                submission.score,
                sorted(
                    [g.name, g.auto_score, g.manual_score, g.needs_manual_grade]
                    for notebook in submission.notebooks
                    for g in notebook.grades
                ),
                sorted(
                    [c.name, c.comment]
                    for notebook in submission.notebooks
                    for c in notebook.comments
                ),
            ]
            for submission in book.assignment_submissions("tiny")
        }
    kept = json.loads(room.results("tiny").read_text())
    kept = [{**row, "seconds": 0} for row in kept]
    autograded = room.root / "autograded"
    pages = {
        str(path.relative_to(autograded)): path.read_text()
        for path in sorted(autograded.rglob("*"))
        if path.is_file()
    }
    return {"rows": rows, "results": kept, "pages": pages}


if __name__ == "__main__":
    root, seconds, *more = sys.argv[1:]
    choices = json.loads(more[0]) if more else {}
    try:
        grade(room_of(Path(root)), Path(root) / "log", float(seconds), **choices)
    except KeyboardInterrupt:
        sys.exit(130)
