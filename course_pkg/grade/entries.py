"""nbgrader's rows of one submission, written in the caller's transaction.

nbgrader's own methods commit after every step, so that a run that dies leaves half a
submission. These write the same rows; the transaction around them is the caller's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, insert, select, update

from course_pkg.grade.course import CourseError

TABLES = ["Student", "SubmittedAssignment", "SubmittedNotebook", "Grade", "Comment"]
TABLES += ["Assignment", "Notebook", "BaseCell"]


@dataclass(frozen=True)
class Mark:
    """One graded cell of a submission: what the grader and what persons gave."""

    auto: float | None
    manual: float | None
    extra: float | None
    waits: bool

    @property
    def score(self) -> float:
        """The points as nbgrader counts them: a person's before the grader's."""
        given = self.auto if self.manual is None else self.manual
        return float(given or 0) + float(self.extra or 0)


class Entries:
    """The rows of one assignment's submissions; its cells are read once."""

    def __init__(self, connection: Connection, word: str):
        from nbgrader import api

        self.tables: dict[str, Table] = {
            name: getattr(api, name).__table__ for name in TABLES
        }
        assignment, notebook = self.tables["Assignment"], self.tables["Notebook"]
        base = self.tables["BaseCell"]
        found = select(assignment.c.id, assignment.c.duedate)
        one = connection.execute(found.where(assignment.c.name == word)).one_or_none()
        if one is None:
            raise CourseError(f"{word} is not in the gradebook; release it first")
        self.assignment, self.due = one
        found = select(notebook.c.id).where(
            notebook.c.assignment_id == self.assignment, notebook.c.name == word
        )
        self.notebook = connection.execute(found).scalar_one()
        found = select(base.c.name, base.c.type, base.c.id)
        cells = connection.execute(found.where(base.c.notebook_id == self.notebook))
        self.graded: dict[str, str] = {}
        self.commented: dict[str, str] = {}
        for row in cells:
            if row.type != "SolutionCell":
                self.graded[row.name] = row.id
            if row.type != "GradeCell":
                self.commented[row.name] = row.id

    def find(self, connection: Connection, student: str) -> str | None:
        """Return the id of a student's submission, None if there is none."""
        table = self.tables["SubmittedAssignment"]
        found = select(table.c.id).where(
            table.c.assignment_id == self.assignment, table.c.student_id == student
        )
        return connection.execute(found).scalar_one_or_none()

    def open(self, connection: Connection, student: str, when: datetime | None) -> str:
        """Return the id of a student's submission, new with all its rows if needed."""
        students = self.tables["Student"]
        known = select(students.c.id).where(students.c.id == student)
        if connection.execute(known).first() is None:
            connection.execute(insert(students).values(id=student))
        table = self.tables["SubmittedAssignment"]
        key = self.find(connection, student)
        if key is None:
            owner = {"assignment_id": self.assignment, "student_id": student}
            key = _add(connection, table, timestamp=when, **owner)
        elif when:
            one = update(table).where(table.c.id == key)
            connection.execute(one.values(timestamp=when))
        inner = self._inner(connection, key)
        if inner is None:
            owner = {"assignment_id": key, "notebook_id": self.notebook}
            notebooks = self.tables["SubmittedNotebook"]
            inner = _add(connection, notebooks, flagged=False, **owner)
        self._complete(connection, inner)
        return key

    def _inner(self, connection: Connection, submission: str) -> str | None:
        table = self.tables["SubmittedNotebook"]
        found = select(table.c.id).where(
            table.c.assignment_id == submission, table.c.notebook_id == self.notebook
        )
        return connection.execute(found).scalar_one_or_none()

    def _complete(self, connection: Connection, inner: str) -> None:
        """Add the grades and comments that a submission does not have yet."""
        for name, cells in (("Grade", self.graded), ("Comment", self.commented)):
            table = self.tables[name]
            found = select(table.c.cell_id).where(table.c.notebook_id == inner)
            there = set(connection.execute(found).scalars())
            more = {"needs_manual_grade": True} if name == "Grade" else {}
            for cell in sorted(set(cells.values()) - there):
                _add(connection, table, notebook_id=inner, cell_id=cell, **more)

    def marks(self, connection: Connection, submission: str) -> dict[str, Mark]:
        """Return a submission's graded cells by name."""
        table, inner = self.tables["Grade"], self._inner(connection, submission)
        names = {key: name for name, key in self.graded.items()}
        found = select(
            table.c.cell_id,
            table.c.auto_score,
            table.c.manual_score,
            table.c.extra_credit,
            table.c.needs_manual_grade,
        ).where(table.c.notebook_id == inner)
        rows = connection.execute(found)
        return {names[cell]: Mark(*row) for cell, *row in rows if cell in names}

    def grade(
        self, connection: Connection, submission: str, auto: dict[str, float | None],
        waits: dict[str, bool],
    ) -> None:  # fmt: skip
        """Set the grader's points by cell; what persons entered stays as it is."""
        table, inner = self.tables["Grade"], self._inner(connection, submission)
        for name, points in auto.items():
            one = update(table).where(
                table.c.notebook_id == inner, table.c.cell_id == self.graded[name]
            )
            values = {"auto_score": points, "needs_manual_grade": waits[name]}
            connection.execute(one.values(**values))

    def comment(
        self, connection: Connection, submission: str, texts: dict[str, str | None]
    ) -> None:
        """Set the grader's comments by cell; what persons wrote stays as it is."""
        table, inner = self.tables["Comment"], self._inner(connection, submission)
        for name, text in texts.items():
            if name in self.commented:
                one = update(table).where(
                    table.c.notebook_id == inner,
                    table.c.cell_id == self.commented[name],
                )
                connection.execute(one.values(auto_comment=text))

    def penalise(
        self, connection: Connection, submission: str, points: float | None
    ) -> None:
        """Set what a late submission loses, None for nothing."""
        table, inner = (
            self.tables["SubmittedNotebook"],
            self._inner(connection, submission),
        )
        one = update(table).where(table.c.id == inner)
        connection.execute(one.values(late_submission_penalty=points))

    def seconds_late(self, connection: Connection, submission: str) -> float:
        """Return by how much a submission missed its due date, with its extension."""
        table = self.tables["SubmittedAssignment"]
        found = select(table.c.timestamp, table.c.extension)
        row = connection.execute(found.where(table.c.id == submission)).one()
        if self.due is None or row.timestamp is None:
            return 0.0
        due = self.due + row.extension if row.extension else self.due
        return max(0.0, (row.timestamp - due).total_seconds())


def _add(connection: Connection, table: Table, **values: Any) -> str:
    """Insert a row under an id of nbgrader's kind and return the id."""
    key = uuid4().hex
    connection.execute(insert(table).values(id=key, **values))
    return key
