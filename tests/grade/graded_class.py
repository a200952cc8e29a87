"""A class in nbgrader's own gradebook with results as a run leaves them, no kernel."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from course_pkg.grade.config import COURSE_ID
from course_pkg.grade.course import Classroom, Course, classroom
from course_pkg.grade.results import REPORT, Question, Result

from .tiny import make_course

RIGHT = "def double(x):\n    return 2 * x"


def case(ok: bool, **more: Any) -> dict[str, Any]:
    """Return one case of a report."""
    return {"name": "a number", "points": 1.0 * ok, "max": 1.0, "ok": ok, **more}


def graded_cells(
    answer: str = RIGHT,
    outputs: list[dict] | None = None,
    cases: list[Any] | None = None,
    why: str = "Because.",
) -> list[dict[str, Any]]:
    """Return the cells of an executed notebook of the tiny course."""
    report = {"id": "tiny.double", "points": 1.0, "max": 2.0, "cases": cases or []}
    shown = {"output_type": "display_data", "data": {REPORT: report}, "metadata": {}}

    def cell(kind: str, name: str, source: str, **more: Any) -> dict[str, Any]:
        meta = {"nbgrader": {"grade_id": name}}
        return {
            "cell_type": kind,
            "id": name,
            "metadata": meta,
            "source": source,
        } | more

    return [
        cell("code", "double", answer, outputs=outputs or []),
        cell("code", "check-double", 'assert "HIDDEN TEST"', outputs=[shown]),
        cell("markdown", "why", why),
    ]


class GradedClass:
    """A classroom that fills itself: gradebook rows, results and notebooks."""

    def __init__(self, root: Path, gradebook: Path) -> None:
        course: Course = make_course(root / "course", gradebook)
        shutil.copy(gradebook, root)
        self.room: Classroom = classroom(course, "tiny", root / "in", root)
        self.rows: list[dict] = []
        with self.book() as book:
            book.add_assignment("tiny")
            book.add_notebook("tiny", "tiny")
            cells = {"check-double": (2, "code"), "why": (1, "markdown")}
            for name, (points, kind) in cells.items():
                book.add_grade_cell(
                    name, "tiny", "tiny", max_score=points, cell_type=kind
                )
            for name in ("double", "why"):
                book.add_solution_cell(name, "tiny", "tiny")

    def book(self) -> Any:
        """Open the gradebook."""
        return Gradebook(self.room.db_url, COURSE_ID)

    def enrol(self, student: str, **names: str) -> None:
        """Put somebody on the class list."""
        with self.book() as book:
            book.update_or_create_student(student, **names)

    def add(
        self,
        student: str,
        points: float = 2,
        written: float | None = None,
        *,
        cells: list[dict] | None = None,
        status: str = "graded",
        note: str = "",
        misconception: str | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        """Enter a graded submission; ``written`` None waits for a person."""
        with self.book() as book:
            book.update_or_create_student(student)
            book.update_or_create_submission("tiny", student)
            notebook = book.find_submission_notebook("tiny", "tiny", student)
            for grade in notebook.grades:
                check = grade.name == "check-double"
                grade.auto_score = points if check else 0
                grade.manual_score = None if check else written
                waits = written is None and not check
                grade.needs_manual_grade = waits or status != "graded"
            book.db.commit()
        questions = [
            Question("tiny.double", points, 2.0, "", misconception),
            Question("tiny.why", written, 1.0),
        ]
        score = points + (written or 0)
        result = Result(student, score, 3.0, status, 0.1, questions, note)
        self.rows.append(asdict(result) | (more or {}))
        path = self.room.results("tiny")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.rows))
        if status == "graded":
            folder = self.room.autograded("tiny", student)
            folder.mkdir(parents=True)
            notebook = {"cells": cells or graded_cells(), "metadata": {}}
            (folder / "tiny.ipynb").write_text(json.dumps(notebook))

    def mark(self, student: str, cell: str, score: float) -> None:
        """Give points as a person does in the formgrader."""
        with self.book() as book:
            grade = book.find_grade(cell, "tiny", "tiny", student)
            grade.manual_score, grade.needs_manual_grade = score, False
            book.db.commit()

    def comment(self, student: str, cell: str, said: str) -> None:
        """Say something about a cell as a person does in the formgrader."""
        with self.book() as book:
            book.find_comment(cell, "tiny", "tiny", student).manual_comment = said
            book.db.commit()
