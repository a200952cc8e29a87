"""Run the cells of a notebook, each on its side of the border.

A student's cell runs in the session, a graded cell here, with stand-ins. A locked cell
that is not graded is the instructor's too and runs on both: its imports are needed.
"""

import re
from dataclasses import dataclass
from typing import Any

from course_pkg.check.case import Problem
from course_pkg.grade import outputs
from course_pkg.grade.config import TIMEOUT
from course_pkg.grade.trusted import Desk

PROGRESS = re.compile(r"""\s*progress\((["'])[a-z_]+\1\)\s*""")
STOPPED = "Stopped"  # the name of what ends a cell from outside, but for a time-out


@dataclass(frozen=True)
class Own:
    """A cell of the instructor's: its source, and its points if it is graded."""

    source: str
    points: float | None = None


def own_cells(released: Any) -> dict[str, Own]:
    """Return a release's cells that may run on the trusted side, by grade id."""
    found = {}
    for cell in released["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and not meta.get("solution"):
            if meta.get("grade"):
                found[meta["grade_id"]] = Own(cell["source"], float(meta["points"]))
            elif meta.get("locked"):
                found[meta["grade_id"]] = Own(cell["source"])
    return found


def run_cells(
    notebook: Any, session: Any, seed: int, own: dict[str, Own], seconds: float
) -> list[str]:
    """Run all code cells in order, write their outputs, and return what to look at.

    own: by grade id, what may run here; seconds: for the loops of each of them. Nothing
    in the notebook is believed but the place: a cell that claims to be graded or locked
    and is none of own runs inside.
    """
    from nbformat import from_dict

    desk = Desk(session, seed, seconds)
    warnings: list[str] = []
    code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for count, cell in enumerate(code, 1):
        meta = cell["metadata"].get("nbgrader", {})
        known = None if meta.get("solution") else own.get(meta.get("grade_id"))
        if known:
            cell["source"] = known.source
            if known.points is not None:
                meta["points"] = known.points
        cell["execution_count"] = count
        made = _run(cell, count, known, session, desk, warnings)
        cell["outputs"] = from_dict(made)
    return warnings + desk.notes


def _run(
    cell: Any,
    count: int,
    known: Own | None,
    session: Any,
    desk: Desk,
    warnings: list[str],
) -> list[dict[str, Any]]:
    source = cell["source"]
    name = cell["metadata"].get("nbgrader", {}).get("grade_id") or ""
    if known and known.points is not None:
        return desk.run(source, count, known.points, name.removeprefix("check-"))
    if PROGRESS.fullmatch(source):  # wherever it stands, and nothing else
        return desk.run(source, count)
    ran = session.run(source, name)
    shown = outputs.safe(ran.outputs)
    if ran.problem:
        shown.append(stopped(ran.problem))
        warnings.append(f"{name or f'cell {count}'}: {ran.problem.text}")
    if known:
        desk.run(source)
    return shown


def stopped(problem: Problem) -> dict[str, Any]:
    """Return the error output of a cell that a limit ended."""
    return outputs.error(TIMEOUT if problem.kind == "time" else STOPPED, problem.text)
