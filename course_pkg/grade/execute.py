"""nbgrader's preprocessors, replaced where they would trust what a student handed in.

Named in the settings that ``nbgrader_config.py`` makes, so that the stock commands and
the formgrader have the same border as ``course grade``.
"""

import atexit
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum, Integer

from course_pkg.grade.cells import Own, run_cells
from course_pkg.grade.limits import Limits, limits_of
from course_pkg.grade.repair import repair
from course_pkg.grade.sandbox.box import Box
from course_pkg.grade.seed import secret_seed, seed_for
from course_pkg.grade.submissions import Unreadable

_boxes: dict[tuple[str, Limits, str], Box] = {}  # one at most, kept warm
_using = threading.Lock()  # the formgrader may grade from several threads


class Repair(NbGraderPreprocessor):
    """Rebuild the notebook from the release before anything else believes it."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the released notebook with the student's answers in it."""
        place = resources["nbgrader"]
        released = self._released(place["assignment"], place["notebook"])
        mended = repair(json.dumps(nb).encode(), released)
        for note in mended.notes:
            self.log.info("Repaired: %s", note)
        return mended.notebook, resources

    def _released(self, assignment: str, notebook: str) -> Any:
        import nbformat

        courses = self.parent.parent.coursedir
        folder = courses.format_path(courses.release_directory, ".", assignment)
        path = Path(folder) / f"{notebook}.ipynb"
        if not path.is_file():
            raise Unreadable(f"{path}: no release; run nbgrader generate_assignment")
        return nbformat.read(path, as_version=4)


class Execute(NbGraderPreprocessor):
    """Run students' cells in the sandbox and graded cells here, against stand-ins."""

    timeout = Integer(0, help="Seconds for one cell; 0: the assignment's own.").tag(
        config=True
    )
    sandbox = Enum(
        ["bwrap", "process"],
        "bwrap",
        help="bwrap; or process, which walls nothing off and sets limits only.",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Execute all cells; what may run here is asked of the gradebook."""
        place = resources["nbgrader"]
        word = place["assignment"]
        own = _own(place)
        secret = secret_seed(Path(self.parent.parent.coursedir.root))
        seed = seed_for(secret, place["student"])
        changed = {"cell_seconds": float(self.timeout)} if self.timeout else {}
        limits = limits_of(word, **changed)
        with _using:
            try:
                with _box(word, limits, self.sandbox).session() as session:
                    seconds = limits.cell_seconds
                    warnings = run_cells(nb, session, seed, own, seconds)
            except BaseException:
                close_boxes()  # a box that was left in the middle answers no more
                raise
        for warning in warnings:
            self.log.info("Stopped: %s", warning)
        return nb, resources


def _own(place: dict[str, str]) -> dict[str, Own]:
    """Return the gradebook's graded and locked code cells, by grade id."""
    with Gradebook(place["db_url"]) as book:
        notebook = book.find_notebook(place["notebook"], place["assignment"])
        points = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
        return {
            cell.name: Own(cell.source, points.get(cell.name))
            for cell in notebook.source_cells
            if cell.locked and cell.cell_type == "code"
        }


def _box(word: str, limits: Limits, sandbox: str) -> Box:
    """Return this process's box for an assignment, started when first needed."""
    wanted = (word, limits, sandbox)
    if wanted not in _boxes:
        close_boxes()
        _boxes[wanted] = Box(word, limits, sandbox)
        _boxes[wanted].__enter__()
    return _boxes[wanted]


@atexit.register
def close_boxes() -> None:
    """End what the sandbox runs; the next submission starts it anew."""
    while _boxes:
        _boxes.popitem()[1].__exit__(None, None, None)


def refuse_links(assignment: str, student: str, notebooks: list[str]) -> None:
    """Refuse a submission with links or pipes: nbgrader would follow them.

    Its copies of the files beside a notebook go into the student's feedback, so a link
    to the gradebook would hand it out. nbgrader's pre_convert_hook.
    """
    for notebook in notebooks:
        for folder, folders, files in os.walk(Path(notebook).parent):
            for name in (*folders, *files):
                path = Path(folder, name)
                mode = path.lstat().st_mode
                if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                    raise Unreadable(f"{path}: neither a plain file nor a folder")
