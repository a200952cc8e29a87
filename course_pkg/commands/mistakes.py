"""Which exceptions are mistakes of a user or states of a machine, and their one line.

Everything else is a mistake of ours and keeps its traceback.
"""

import errno
import sqlite3

from course_pkg.grade.course import CourseError

FULL = {errno.ENOSPC, errno.EDQUOT}
STATES = (  # what a driver says, and what it means to an instructor
    (("locked", "busy"), "the gradebook is in use; wait for the other program"),
    (
        ("not a database", "malformed", "encrypted"),
        "the gradebook is damaged; put a copy in its place, or move it away",
    ),
    (
        ("no such table", "no such column"),
        "the gradebook is not nbgrader's, or from another version of it",
    ),
    (("readonly", "read-only"), "the gradebook may not be written"),
    (("disk is full", "no space"), "no space left for the gradebook; free some"),
    (("unable to open",), "the gradebook cannot be opened; is its folder there?"),
)


def line(error: BaseException) -> str | None:
    """Return what to say about an exception, None where it is no user's mistake."""
    if isinstance(error, CourseError):
        return str(error)
    kind = type(error).__module__.partition(".")[0]
    if kind == "sqlalchemy" or isinstance(error, sqlite3.Error):
        return _database(error)
    if isinstance(error, OSError):
        return _file(error)
    if kind == "alembic":
        return f"the gradebook cannot be brought up to date: {_first(error)}"
    if kind == "traitlets" or type(error).__name__ == "ConfigFileNotFound":
        return f"nbgrader_config.py: {_first(error)}"
    return None


def _first(error: BaseException) -> str:
    """Return the first line of what an exception says."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:300]


def _file(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in FULL:
        return f"{where}no space left; free some and give the same command again"
    return f"{where}{error.strerror or _first(error)}"


def _database(error: BaseException) -> str:
    """Tell the states of a gradebook apart by what its driver says."""
    text = _first(getattr(error, "orig", None) or error)
    if type(error).__name__ in ("NoSuchModuleError", "ArgumentError"):
        return f"--gradebook: not a file and not an SQLAlchemy address: {text}"
    known = (told for signs, told in STATES if any(s in text.lower() for s in signs))
    return f"{next(known, 'the gradebook')} ({text})"
