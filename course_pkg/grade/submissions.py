"""Finding and reading what students handed in.

What lies in an inbox is hostile until shown otherwise: links, pipes, huge files, files
that shadow a library. Only the notebook itself is read, and only if it is one.
"""

import os
import stat
import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.reading import MAX_BYTES, Unreadable, plain

NBGRADER_NAME = 128  # characters of a student's id in nbgrader's tables


class Missing(Unreadable):
    """A submission without the assignment's notebook."""


@dataclass(frozen=True)
class Submission:
    """One student's folder for one word."""

    student: str
    folder: Path


def find_submissions(
    room: Classroom, word: str, students: list[str] | None = None
) -> list[Submission]:
    """Return the submissions of a word in the inbox, sorted by student.

    Raises CourseError if there is no inbox, no submission, or not the students named.
    """
    if not room.inbox.is_dir():
        raise CourseError(
            f"{room.inbox}: no such folder; put submissions there as "
            f"<student>/{word}/{word}.ipynb or name another with --submitted"
        )
    found = [
        Submission(entry.name, Path(entry.path) / word)
        for entry in sorted(os.scandir(room.inbox), key=lambda entry: entry.name)
        if entry.name[0] != "." and os.path.lexists(Path(entry.path) / word)
    ]
    if students:
        absent = sorted(set(students) - {s.student for s in found})
        if absent:
            names = ", ".join(plain(name) for name in absent)
            raise CourseError(f"no submission of {word} by {names} in {room.inbox}")
        found = [s for s in found if s.student in students]
    if not found:
        raise CourseError(
            f"{room.inbox}: no submission; expected <student>/{word}/{word}.ipynb"
        )
    return found


def expect_name(student: str) -> None:
    """Refuse names that nbgrader, which globs and strips them, would lose."""
    if student != plain(student).strip() or set("*?[\n") & set(student):
        raise Unreadable("nbgrader cannot use the folder's name; rename it")
    if len(student) > NBGRADER_NAME:
        raise Unreadable(f"the folder's name has over {NBGRADER_NAME} characters")


def _read_bytes(path: Path, limit: int) -> bytes:
    """Read a plain file: no link followed, no pipe waited for, no more than limit."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Unreadable(f"{plain(path.name)} is not a plain file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Unreadable(f"larger than {limit // 1_000_000} MB")
    return content


def read_content(folder: Path, word: str) -> bytes:
    """Read the bytes of a student's notebook, or raise Unreadable or Missing."""
    if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
        raise Unreadable("the submission is not a folder of its own")
    path = folder / f"{word}.ipynb"
    if not os.path.lexists(path):
        others = sorted(plain(p.name) for p in folder.glob("*.ipynb"))
        has = f"has {', '.join(others)}" if others else "is empty of notebooks"
        raise Missing(f"no {word}.ipynb; the folder {has}")
    try:
        return _read_bytes(path, MAX_BYTES)
    except OSError:
        raise Unreadable("a link, or a file that may not be read") from None


def handed_in(folder: Path) -> datetime | None:
    """Return when a submission came, UTC, if nbgrader's timestamp.txt says it."""
    from nbgrader.utils import parse_utc

    try:
        with warnings.catch_warnings():  # of names of time zones that nobody knows
            warnings.simplefilter("ignore")
            said = _read_bytes(folder / "timestamp.txt", 1000).decode().strip()
            return parse_utc(said)
    except (OSError, ValueError, Unreadable, ArithmeticError):
        return None
