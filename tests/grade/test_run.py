"""An assignment's notebook with its solutions, and in a gradebook."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from course_pkg.grade.course import Course, CourseError, classroom
from course_pkg.grade.release import release
from course_pkg.grade.run import gradebook, open_assignment, run_source

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Object of type"),  # config.be_quiet says why
]


def test_the_source_gets_full_points(course: Course) -> None:
    """``release --check``: the notebook with its solutions runs green."""
    release(course, "tiny")
    assert run_source(course.source("tiny")) == {"check-double": (2, 2)}


def test_a_source_that_stops_is_named(author: Callable[[str, str], Course]) -> None:
    """An instructor's mistake is one line with the error's own last line."""
    course = author("answer(1) == 2", "anser(1) == 2")
    release(course, "tiny")
    with pytest.raises(CourseError, match=r"tiny\.ipynb .* stops: NameError: .*anser"):
        run_source(course.source("tiny"))


def test_an_assignment_is_brought_into_the_gradebook(
    course: Course, empty_gradebook: Path, tmp_path: Path
) -> None:
    """The class's own, and again after its text has changed."""
    room = classroom(course, "tiny", tmp_path / "in", tmp_path / "room")
    room.root.mkdir()
    shutil.copy(empty_gradebook, room.root)
    text = course.solution("tiny")
    for word in ("Double a number", "Double any number"):
        text.write_text(text.read_text().replace("Double a number", word))
        config, released = open_assignment(room, "tiny")
        assert any(word in cell.source for cell in released.cells)
        assert config.CourseDirectory.db_url == room.db_url
    with gradebook(room) as book:
        cells = {cell.name for cell in book.find_notebook("tiny", "tiny").grade_cells}
    assert cells == {"check-double", "why"}
