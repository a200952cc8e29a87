"""The one writer of a gradebook: a submission is one transaction, whole or not there.

Order: the graded notebook is put on the disk under a name of its own; one transaction
enters nbgrader's rows and our record of what was graded; the notebook takes its place.
What a run that died had begun, the next one's `recover` finishes or drops.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, inspect, select, update

from course_pkg.grade import files
from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.database import KEYS, column, connected, locked, nameable
from course_pkg.grade.entries import Entries
from course_pkg.grade.marks import (
    Entered,
    Graded,
    automatic,
    lower,
    overlay,
    penalty,
    responses,
    restore,
    written,
)
from course_pkg.grade.results import Result


class Ledger:
    """One assignment in one classroom's gradebook; `writing` opens it."""

    def __init__(self, room: Classroom, word: str, engine: Any, config: Any = None):
        self.room, self.word, self.engine, self.config = room, word, engine, config
        with engine.connect() as connection:
            self.entries = Entries(connection, word)

    def notebook(self, student: str) -> Path:
        """Return where a student's graded notebook lies."""
        return self.room.autograded(self.word, student) / f"{self.word}.ipynb"

    def recover(self) -> None:
        """Finish or drop what a run that died left between database and files."""
        with self.engine.connect() as connection:
            rows = connection.execute(self._select()).all()
        for row in rows:
            if row.file:
                files.install(self.notebook(row.student), row.file)
        for pending in (self.room.root / "autograded").glob(f"*/{self.word}/.*.new"):
            pending.unlink(missing_ok=True)

    def done(
        self, student: str, key: str, when: datetime | None = None
    ) -> Result | None:
        """Return the result of an earlier run if nothing has changed since, else None.

        Changed is also what others did: a notebook or a row of nbgrader's that went.
        """
        with self.engine.connect() as connection:
            row = connection.execute(self._select(student)).one_or_none()
            if row is None or key not in (row.key, row.declined) or when != row.handed:
                return None
            if not nameable(student):
                return restore(row.result)
            submission = self.entries.find(connection, student)
            if submission is None or submission != row.submission:
                return None
            marks = self.entries.marks(connection, submission)
            result = restore(row.result)
            auto, _ = automatic(result, self.entries.graded)
            if {name: mark.auto for name, mark in marks.items()} != auto:
                return None
        if row.file and files.digest(self.notebook(student)) != row.file:
            return None
        return overlay(result, marks, self.entries.graded)

    def enter(self, graded: Graded, *, allow_lower: bool = False) -> Entered:
        """Enter a result: all of it, or on any error nothing.

        Points, comments and extra credit of persons stay. A lower result of the same
        content is refused unless ``allow_lower``.
        """
        result, student = graded.result, graded.result.student
        with self.engine.connect() as connection:
            row = connection.execute(self._select(student)).one_or_none()
        before = restore(row.result) if row else None
        same = row is not None and row.content == graded.content
        if before and same and not allow_lower and lower(before, result):
            with self.engine.begin() as connection:
                one = update(KEYS).where(*self._one(student))
                connection.execute(one.values(declined=graded.key))
            return Entered(before, before, result)
        if not nameable(student):
            with self.engine.begin() as connection:
                self._record(connection, graded, "", "")
            return Entered(result, before, result)
        return Entered(self._enter(graded, same), before, result)

    def _enter(self, graded: Graded, same: bool) -> Result:
        student, path = graded.result.student, self.notebook(graded.result.student)
        name = files.prepare(path, written(graded.notebook)) if graded.notebook else ""
        if not name:
            for pages in (self.room.autograded, self.room.feedback):
                files.remove(pages(self.word, student))
        with self.engine.begin() as connection:
            submission = self.entries.open(connection, student, graded.when)
            self._points(connection, submission, graded.result, same)
            texts = responses(graded.notebook)
            self.entries.comment(connection, submission, texts)
            marks = self.entries.marks(connection, submission)
            late = self.entries.seconds_late(connection, submission)
            loss = penalty(self.config, student, marks, late)
            self.entries.penalise(connection, submission, loss)
            self._record(connection, graded, submission, name)
        if name:
            files.install(path, name)
        return overlay(graded.result, marks, self.entries.graded)

    def _points(
        self, connection: Connection, submission: str, result: Result, same: bool
    ) -> None:
        """Set the grader's points; a person who has marked is asked to look again.

        Unless nothing changed for them: the same content, the same points.
        """
        auto, waits = automatic(result, self.entries.graded)
        for name, mark in self.entries.marks(connection, submission).items():
            if name in auto and mark.manual is not None:
                unchanged = same and mark.auto == auto[name]
                waits[name] = mark.waits if unchanged else True
        self.entries.grade(connection, submission, auto, waits)

    def _record(
        self, connection: Connection, graded: Graded, submission: str, name: str
    ) -> None:
        student = graded.result.student
        connection.execute(delete(KEYS).where(*self._one(student)))
        text = json.dumps(graded.result.row(), allow_nan=False)
        values: dict[str, Any] = {"student": column(student), "assignment": self.word}
        values |= {"key": graded.key, "declined": "", "content": graded.content}
        values |= {"seed": graded.seed, "submission": submission, "file": name}
        values |= {"handed": graded.when, "result": text}
        now = datetime.now(UTC).replace(tzinfo=None)
        connection.execute(insert(KEYS).values(graded=now, **values))

    def results(self) -> list[Result]:
        """Return every result by name, with the points that persons gave."""
        found = []
        with self.engine.connect() as connection:
            for row in connection.execute(self._select()).all():
                result, marks = restore(row.result), {}
                if row.submission and self.entries.find(connection, result.student):
                    marks = self.entries.marks(connection, row.submission)
                found.append(overlay(result, marks, self.entries.graded))
        return sorted(found, key=lambda result: result.student)

    def _one(self, student: str) -> tuple:
        return KEYS.c.student == column(student), KEYS.c.assignment == self.word

    def _select(self, student: str | None = None) -> Any:
        if student is None:
            return select(KEYS).where(KEYS.c.assignment == self.word)
        return select(KEYS).where(*self._one(student))


@contextmanager
def writing(room: Classroom, word: str, config: Any = None) -> Iterator[Ledger]:
    """Open the gradebook as its only writer, with what a dead run left put right.

    Raises CourseError where another run is at work or the word is not in there.
    """
    with locked(room) as engine:
        ledger = Ledger(room, word, engine, config)
        ledger.recover()
        yield ledger


def results(room: Classroom, word: str) -> list[Result]:
    """Return every result of an assignment as the gradebook has it now.

    Raises CourseError where nothing was graded.
    """
    with connected(room) as engine:
        if not inspect(engine).has_table(KEYS.name):
            raise CourseError(
                f"{word} is not graded here yet; run: course grade {word}"
            )
        return Ledger(room, word, engine).results()
