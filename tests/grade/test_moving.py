"""A gradebook is copied whole, into an empty one only."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from course_pkg.grade.config import be_quiet
from course_pkg.grade.course import Classroom, Course, CourseError
from course_pkg.grade.moving import copy


def room(course: Course, path: Path) -> Classroom:
    """Return a class whose gradebook is this file."""
    return Classroom(course, course.root, course.root, f"sqlite:///{path}")


@pytest.fixture
def full(course: Course, empty_gradebook: Path, tmp_path: Path) -> Path:
    """Return a gradebook with a student, a comment and marks of a person."""
    from nbgrader.api import Gradebook

    be_quiet()
    path = tmp_path / "full.db"
    shutil.copy(empty_gradebook, path)
    with Gradebook(f"sqlite:///{path}", "unrolled") as book:
        book.add_assignment("tiny")
        book.add_notebook("tiny", "tiny")
        book.add_grade_cell("why", "tiny", "tiny", max_score=2, cell_type="markdown")
        book.add_student("ada", first_name="Ada")
        book.add_submission("tiny", "ada")
        grade = book.find_grade("why", "tiny", "tiny", "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.db.commit()
    return path


def test_everything_is_copied(course: Course, full: Path, tmp_path: Path) -> None:
    """Names, marks of a person, and what nbgrader needs to go on."""
    from nbgrader.api import Gradebook

    target = tmp_path / "copy.db"
    counts = copy(room(course, full), room(course, target))
    assert (counts["student"], counts["grade"]) == (1, 1)
    with Gradebook(f"sqlite:///{target}", "unrolled") as book:
        assert book.find_student("ada").first_name == "Ada"
        grade = book.find_grade("why", "tiny", "tiny", "ada")
        assert (grade.manual_score, grade.needs_manual_grade) == (1.5, False)
        assert grade.max_score == 2
        book.add_student("boris")


def test_rows_are_the_same(course: Course, full: Path, tmp_path: Path) -> None:
    """Byte for byte what SQLite says of each table."""
    target = tmp_path / "copy.db"
    copy(room(course, full), room(course, target))
    dumps = []
    for path in (full, target):
        with sqlite3.connect(path) as book:
            lines = [x for x in book.iterdump() if x.startswith("INSERT")]
        book.close()
        dumps.append(sorted(lines))
    assert dumps[0] == dumps[1]


def test_nothing_is_overwritten(course: Course, full: Path, tmp_path: Path) -> None:
    """A gradebook with anything in it stays as it is."""
    target = tmp_path / "copy.db"
    copy(room(course, full), room(course, target))
    before = target.read_bytes()
    with pytest.raises(CourseError, match="holds something already"):
        copy(room(course, full), room(course, target))
    assert target.read_bytes() == before


def test_only_a_gradebook_is_copied(course: Course, tmp_path: Path) -> None:
    """Another program's database is refused, and no gradebook is made."""
    other, target = tmp_path / "other.db", tmp_path / "new.db"
    with sqlite3.connect(other) as book:
        book.execute("create table student (id text)")
    book.close()
    with pytest.raises(CourseError, match="no gradebook of nbgrader's"):
        copy(room(course, other), room(course, target))
    assert not target.exists()
