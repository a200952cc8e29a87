"""Odd and hostile inboxes: each is refused in one line, and none is followed or run."""

import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from course_pkg.grade.course import Classroom, Course, CourseError, classroom
from course_pkg.grade.submissions import (
    Missing,
    Unreadable,
    expect_name,
    find_submissions,
    handed_in,
    plain,
    read_content,
)


def notebook(*ids: str) -> str:
    """Return a notebook with graded cells of these names."""
    cells = [
        nbformat.v4.new_code_cell(
            f"check({name})",
            id=name,
            metadata={"nbgrader": {"grade": True, "grade_id": name}},
        )
        for name in ids
    ]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells))


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    """Return a classroom with an empty inbox."""
    (tmp_path / "in").mkdir()
    return classroom(Course(tmp_path, {}), "tiny", tmp_path / "in", tmp_path / "out")


def put(room: Classroom, student: str, content: bytes | str) -> Path:
    """Hand in a file with this content as tiny.ipynb."""
    folder = room.inbox / student / "tiny"
    folder.mkdir(parents=True)
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / "tiny.ipynb").write_bytes(raw)
    return folder


def _link_to_secret(folder: Path) -> None:
    secret = folder.parents[2] / "secret.ipynb"
    secret.write_text(notebook("secret"))
    (folder / "tiny.ipynb").symlink_to(secret)


@pytest.mark.parametrize(
    "make",
    [
        _link_to_secret,
        lambda folder: (folder / "tiny.ipynb").symlink_to("/dev/zero"),
        lambda folder: (folder / "tiny.ipynb").symlink_to("nowhere"),
        lambda folder: os.mkfifo(folder / "tiny.ipynb"),
        lambda folder: (folder / "tiny.ipynb").mkdir(),
    ],
    ids=["secret", "zero", "dangling", "fifo", "folder"],
)
def test_only_plain_files_are_read(
    room: Classroom, make: Callable[[Path], None]
) -> None:
    """No link is followed and no pipe waited for."""
    folder = room.inbox / "ana" / "tiny"
    folder.mkdir(parents=True)
    make(folder)
    with pytest.raises(Unreadable, match=r"link|plain file"):
        read_content(folder, "tiny")


def test_a_linked_folder_is_refused(room: Classroom) -> None:
    """Nobody hands in another's folder by a link."""
    put(room, "ana", notebook())
    (room.inbox / "bo").symlink_to(room.inbox / "ana")
    with pytest.raises(Unreadable, match="not a folder of its own"):
        read_content(room.inbox / "bo" / "tiny", "tiny")


def test_a_missing_notebook_names_what_is_there(room: Classroom) -> None:
    """The reason helps to find a renamed file."""
    folder = put(room, "ana", notebook())
    (folder / "tiny.ipynb").rename(folder / "tiny (1).ipynb")
    with pytest.raises(Missing, match=r"no tiny\.ipynb; the folder has tiny \(1\)"):
        read_content(folder, "tiny")


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-02-03 12:00:00 UTC", 12),
        ("2026-02-03 12:00:00 ODD", 12),  # a warning, of a zone that nobody knows
        ("24:00" + "1" * 50, None),  # neither ValueError nor OverflowError
        ("soon", None),
        ("", None),
    ],
)
def test_a_time_stamp_is_read_if_it_is_one(
    room: Classroom, text: str, hour: int | None
) -> None:
    """nbgrader's late penalties need it."""
    folder = put(room, "ana", notebook())
    (folder / "timestamp.txt").write_text(text)
    when = handed_in(folder)
    assert (when and when.hour) == hour


@pytest.mark.parametrize("name", ["a*b", "[ana]", "what?", " ana", "a\nb", "a\x1b[31m"])
def test_names_that_nbgrader_would_lose(name: str) -> None:
    """Such a folder is a line in the report."""
    with pytest.raises(Unreadable, match="cannot use the folder's name"):
        expect_name(name)


def test_submissions_are_found_in_order(room: Classroom) -> None:
    """Hidden folders and other assignments are none; a loose file does not stop it."""
    for student in ("bo", "ana", ".cache"):
        put(room, student, notebook())
    (room.inbox / "cy" / "other").mkdir(parents=True)
    (room.inbox / "readme.txt").write_text("hello")
    assert [s.student for s in find_submissions(room, "tiny")] == ["ana", "bo"]
    assert [s.student for s in find_submissions(room, "tiny", ["bo"])] == ["bo"]
    with pytest.raises(CourseError, match="no submission of tiny by zoe"):
        find_submissions(room, "tiny", ["zoe"])


def test_an_empty_inbox_says_what_to_do(room: Classroom) -> None:
    """No submissions and no folder are a user's mistakes."""
    with pytest.raises(CourseError, match=r"expected <student>/tiny/tiny\.ipynb"):
        find_submissions(room, "tiny")
    room.inbox.rmdir()
    with pytest.raises(CourseError, match="no such folder"):
        find_submissions(room, "tiny")


def test_foreign_text_is_printable() -> None:
    """Escape sequences, surrogates and lengths cannot harm a terminal."""
    assert plain("a\x1b[31mb\u202ec\udcff") == "a?[31mb?c\\udcff"
    assert plain("x" * 9, 5) == "xxxx…"


def test_another_class_has_folders_of_its_own(tmp_path: Path) -> None:
    """The course's own gradebook belongs to the course's own inbox."""
    course = Course(tmp_path, {})
    own = classroom(course, "tiny")
    other = classroom(course, "tiny", tmp_path / "week3")
    assert own.db_url == f"sqlite:///{tmp_path}/gradebook.db"
    assert other.db_url == f"sqlite:///{tmp_path}/_build/grade/tiny/gradebook.db"
    assert classroom(course, "tiny", gradebook="postgresql://h/d").db_url[:10] == (
        "postgresql"
    )
    with pytest.raises(CourseError, match="choose another"):
        classroom(course, "tiny", tmp_path / "t" / "feedback", tmp_path / "t")
