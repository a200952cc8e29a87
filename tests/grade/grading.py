"""What the tests of a unit of grading share: releases, units, the sample class."""

import json
from pathlib import Path
from typing import Any

import nbformat

from course_pkg.grade.unit import Release, Unit
from course_pkg.syllabus import WORDS, Task

from .sample_class import RELEASED, STUDENTS, answer

SEEDS = (0, 0x5EC2E7 << 100)  # the notebook's public one, and one as secret ones are
BPTT = Release.of("bptt", json.loads(RELEASED.read_text("utf8")), WORDS["bptt"].tasks)


def wrote(student: str) -> dict[str, str]:
    """Return what a student of the sample class wrote, by cell."""
    [found] = [s for s in STUDENTS if s.__name__.lower() == student]
    tasks = [task.name for task in BPTT.tasks]
    return {task: text for task in tasks if (text := answer(found, task))}


def unit(seed: int = SEEDS[1], release: Release = BPTT, **answers: str) -> Unit:
    """Return a unit of the released notebook with some cells' sources replaced."""
    notebook = json.loads(json.dumps(release.notebook))
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    for name, source in answers.items():
        cells[name]["source"] = source
    return Unit("ada", json.dumps(notebook).encode(), release, seed)


def tiny(test: str, points: float = 2.0, setup: str = "import numpy as np") -> Release:
    """Return a release of one answer, ``f``, and one graded cell with this source."""
    meta = {"schema_version": 3, "task": False}
    lock = meta | {"locked": True, "solution": False}
    cells: list[Any] = [
        nbformat.v4.new_code_cell(
            setup,
            id="setup",
            metadata={"nbgrader": lock | {"grade": False, "grade_id": "setup"}},
        ),
        nbformat.v4.new_code_cell(
            "def f(x):\n    raise NotImplementedError()",
            id="f",
            metadata={
                "nbgrader": meta
                | {"grade": False, "grade_id": "f", "locked": False, "solution": True}
            },
        ),
        nbformat.v4.new_code_cell(
            test,
            id="check-f",
            metadata={
                "nbgrader": lock
                | {"grade": True, "grade_id": "check-f", "points": points}
            },
        ),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    return Release.of(
        "tiny", json.loads(nbformat.writes(notebook)), (Task("f", 2, "s"),)
    )


def cell(outcome: Any, name: str) -> dict[str, Any]:
    """Return a cell of an outcome's notebook by its id."""
    return next(c for c in outcome.notebook["cells"] if c["id"] == name)


def question(outcome: Any, task: str) -> Any:
    """Return a question of an outcome's result."""
    return next(q for q in outcome.result.questions if q.id.endswith(f".{task}"))


def texts(cell: dict[str, Any]) -> str:
    """Return all that a cell shows, as one text."""
    return json.dumps(cell["outputs"])


def class_files() -> dict[str, bytes]:
    """Return the committed notebooks of the sample class by student."""
    from .sample_class import CLASS

    return {
        path.name: (path / "bptt" / "bptt.ipynb").read_bytes()
        for path in sorted(Path(CLASS).iterdir())
    }
