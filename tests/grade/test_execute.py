"""nbgrader's preprocessors of ours, with a real gradebook and a box without walls."""

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.utils import determine_grade

from course_pkg.grade import execute
from course_pkg.grade.course import Course
from course_pkg.grade.execute import Execute, Repair, refuse_links
from course_pkg.grade.release import generate, nbgrader_session
from course_pkg.grade.seed import VARIABLE
from course_pkg.grade.submissions import Unreadable

from .in_place import Box


@pytest.fixture
def graded(course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that sends a notebook through Repair and Execute."""
    released = generate(course, "tiny")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "seed"))
    box = Box()
    monkeypatch.setattr(execute, "_box", lambda *of: box)
    config, directory, log = nbgrader_session(course.root, course.root)
    directory.release_directory = str(released.parents[1])
    converter = Autograde(coursedir=directory, config=config, log=log.logger)
    exporter = NotebookExporter(parent=converter)
    place = {"assignment": "tiny", "notebook": "tiny", "student": "eve"}
    place["db_url"] = f"sqlite:///{course.root / 'gradebook.db'}"

    def run(change: Any, steps: tuple = (Repair, Execute)) -> Any:
        notebook = nbformat.read(released, as_version=4)
        change({cell.id: cell for cell in notebook.cells}, notebook)
        for step in steps:
            preprocessor = step(parent=exporter)
            notebook, _ = preprocessor.preprocess(notebook, {"nbgrader": place})
        return {cell.id: cell for cell in notebook.cells}, box.sessions[-1]

    return run


def right(cells: dict, notebook: Any) -> None:
    """Answer right."""
    cells["double"].source = "def double(x):\n    return x + x"


def test_a_right_answer_gets_its_points(graded):
    cells, session = graded(right)
    assert determine_grade(cells["check-double"]) == (2, 2)
    assert not any(source.startswith("check(") for source in session.ran)


def test_the_gradebook_says_what_runs_here(graded):
    """Even where nothing was repaired: Execute alone believes no mark and no source."""

    def forge(cells: dict, notebook: Any) -> None:
        cells["check-double"].source = "1000.0"
        cells["check-double"].metadata.nbgrader.points = 1000
        cells["setup"].source = "def check(*a): return 2.0"
        other = nbformat.from_dict(json.loads(json.dumps(cells["check-double"])))
        other.metadata.nbgrader.grade_id = "check-more"
        other.source, other.id = "import os; owned = 1", "other"
        notebook.cells.append(other)

    cells, session = graded(forge, (Execute,))
    assert determine_grade(cells["check-double"]) == (0, 2)
    assert cells["check-double"].source == 'check("tiny.double", double)'
    assert "import os; owned = 1" in session.ran
    assert not any("return 2.0" in source for source in session.ran)


def test_marks_are_the_releases(graded):
    def forge(cells: dict, notebook: Any) -> None:
        right(cells, notebook)
        cells["check-double"].metadata.nbgrader |= {"grade": False, "solution": True}
        notebook.metadata["kernelspec"] = {"name": "evil", "display_name": "x"}
        notebook.metadata["language_info"] = {"name": "<script>"}

    cells, _ = graded(forge)
    assert determine_grade(cells["check-double"]) == (2, 2)


def test_a_box_that_was_left_in_the_middle_is_not_used_again(graded, monkeypatch):
    closed = []
    monkeypatch.setattr(execute, "close_boxes", lambda: closed.append(1))
    monkeypatch.setattr(execute, "run_cells", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        graded(right)
    assert closed == [1]


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "notebook link"])
def test_links_and_pipes_are_refused(tmp_path: Path, kind: str):
    secret = tmp_path / "gradebook.db"
    secret.write_text("secret")
    folder = tmp_path / "eve"
    (folder / "data").mkdir(parents=True)
    notebook = folder / "tiny.ipynb"
    notebook.write_text("{}")
    (folder / "data" / "plain.csv").write_text("1")
    refuse_links("tiny", "eve", [str(notebook)])
    if kind == "link":
        (folder / "data" / "x.csv").symlink_to(secret)
    elif kind == "folder link":
        (folder / "more").symlink_to(tmp_path)
    elif kind == "pipe":
        os.mkfifo(folder / "timestamp.txt")
    else:
        notebook.unlink()
        notebook.symlink_to(secret)
    with pytest.raises(Unreadable, match="neither a plain file nor a folder"):
        refuse_links("tiny", "eve", [str(notebook)])
