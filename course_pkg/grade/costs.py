"""What an assignment's own solutions cost in the sandbox, for its limits."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Course

ROUNDS = 5
RECORD = Path(__file__).with_name("costs.json")


def record(course: Course, word: str) -> dict[str, Any]:
    """Measure a word's solutions in a sandbox, write the record, and return its row."""
    import nbformat

    from course_pkg.grade.limits import LEAST
    from course_pkg.grade.sandbox.box import Box

    notebook = nbformat.read(course.source(word), as_version=4)
    with Box(word, LEAST) as box:
        seen = [measure(word, notebook, box) for _ in range(ROUNDS)]
    row = least(seen)
    rows = json.loads(RECORD.read_text("utf-8")) | {word: row}
    RECORD.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", "utf-8")
    return row


def measure(word: str, notebook: Any, box: Any) -> dict[str, Any]:
    """Return the seconds of each cell, of a question of each task, and of it all.

    memory: what the session has taken in the end, in bytes.
    """
    from course_pkg.check.run import plan
    from course_pkg.grade.trusted import address

    asked, cells = {}, []
    with box.session() as session:
        start = time.perf_counter()
        for cell in notebook.cells:
            meta = cell.metadata.get("nbgrader", {})
            name = meta.get("grade_id", "")
            if cell.cell_type == "code" and not meta.get("grade"):
                cells.append(_seconds(session.run, cell.source, name))
            elif cell.cell_type == "code":  # in the notebook's order, as in grading
                task = name.removeprefix("check-")
                full = f"{word}.{task}"
                asked[task] = max(
                    _seconds(session.interview, full, task, [(address(q), q.inputs)])
                    for q in plan(full)
                )
        total, memory = time.perf_counter() - start, box.used().memory
    return {"cells": cells, "tasks": asked, "session": total, "memory": memory}


def least(seen: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a row of the record: of each figure the least, since others disturb."""
    cells = [min(times) for times in zip(*(one["cells"] for one in seen), strict=True)]
    tasks = {t: min(one["tasks"][t] for one in seen) for t in seen[0]["tasks"]}
    return {
        "cell_seconds": round(max(cells), 3),
        "question_seconds": {task: round(s, 4) for task, s in tasks.items()},
        "session_seconds": round(min(one["session"] for one in seen), 3),
        "memory": min(one["memory"] for one in seen),
    }


def _seconds(call: Callable[..., Any], *args: Any) -> float:
    start = time.perf_counter()
    call(*args)
    return time.perf_counter() - start
