"""Finding what students handed in, and making a clean copy for nbgrader to see.

What lies in an inbox is hostile until shown otherwise: links, pipes, huge files, files
that shadow a library. Only the notebook itself is copied, and only if it is one.
"""

import json
import os
import shutil
import stat
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Classroom, CourseError

MAX_BYTES = 20_000_000


class Unreadable(Exception):
    """A submission that cannot be graded; the message says why, in one line."""


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


def plain(text: str, limit: int = 1000) -> str:
    """Return foreign text as it may be printed: no control characters, not too long."""
    text = text.encode("utf-8", "backslashreplace").decode()
    keep = "".join(
        c if c in "\n " or unicodedata.category(c)[0] != "C" else "?" for c in text
    )
    return keep if len(keep) <= limit else keep[: limit - 1] + "…"


def stage(room: Classroom, word: str, submission: Submission, released: Any) -> str:
    """Copy a submission's notebook into the classroom and return a note, or "".

    A check that the student deleted is put back from the released notebook, so that
    the answer to it still counts. Raises Unreadable or Missing.
    """
    import nbformat

    _expect_name(submission.student)
    target = room.root / room.staged / submission.student / word
    shutil.rmtree(target, ignore_errors=True)
    notebook = read_notebook(submission.folder, word)
    note = put_back_checks(notebook, released)
    target.mkdir(parents=True)
    nbformat.write(notebook, target / f"{word}.ipynb")
    _copy_timestamp(submission.folder, target)
    return note


def _expect_name(student: str) -> None:
    """Refuse names that nbgrader, which globs and strips them, would lose."""
    if student != plain(student).strip() or set("*?[\n") & set(student):
        raise Unreadable("nbgrader cannot use the folder's name; rename it")


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


def read_notebook(folder: Path, word: str) -> Any:
    """Read a student's notebook as format 4, or raise Unreadable or Missing."""
    if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
        raise Unreadable("the submission is not a folder of its own")
    path = folder / f"{word}.ipynb"
    if not os.path.lexists(path):
        others = sorted(plain(p.name) for p in folder.glob("*.ipynb"))
        has = f"has {', '.join(others)}" if others else "is empty of notebooks"
        raise Missing(f"no {word}.ipynb; the folder {has}")
    try:
        text = _read_bytes(path, MAX_BYTES).decode("utf-8-sig")
    except OSError:
        raise Unreadable("a link, or a file that may not be read") from None
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8 text") from None
    return _parse(text)


def _parse(text: str) -> Any:
    import nbformat

    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON, so not a notebook") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old formats lack cell ids; they get some
            notebook = nbformat.reads(text, as_version=4)
            _, notebook = nbformat.validator.normalize(notebook)
            nbformat.validate(notebook)
    except Exception as error:
        reason = plain(str(error).partition("\n")[0], 120)
        raise Unreadable(f"JSON, but not a notebook: {reason}") from None
    return notebook


def put_back_checks(notebook: Any, released: Any) -> str:
    """Append the graded cells that a notebook has lost, and say which."""
    there = {
        cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells
    }
    lost = [
        cell
        for cell in released.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        and cell.metadata.nbgrader.grade_id not in there
    ]
    ids = {cell.get("id") for cell in notebook.cells}
    for cell in lost:
        copy = cell.copy()
        if copy.id in ids:
            copy["id"] = f"put-back-{copy.id}"
        notebook.cells.append(copy)
    names = ", ".join(cell.metadata.nbgrader.grade_id for cell in lost)
    return f"put back: {names}" if lost else ""


def _copy_timestamp(folder: Path, target: Path) -> None:
    """Keep nbgrader's timestamp.txt, which dates a late submission, if it is one."""
    from nbgrader.utils import parse_utc

    try:
        text = _read_bytes(folder / "timestamp.txt", 1000).decode()
        parse_utc(text.strip())
    except (OSError, ValueError, Unreadable, OverflowError):
        return
    (target / "timestamp.txt").write_text(text)
