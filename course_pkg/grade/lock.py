"""One writer: a second ``course grade`` on the same gradebook is refused."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Classroom, CourseError

# Any two numbers of our own, the same for everybody who grades with this package.
ADVISORY = (0x556E726F, 0x6C6C6564)


@contextmanager
def only_writer(room: Classroom, engine: Any) -> Iterator[None]:
    """Hold the classroom's files and its gradebook, or raise CourseError at once.

    The operating system and the server let go of both when this process dies.
    """
    files = [room.root / ".grading.lock"]
    if engine.dialect.name == "sqlite" and engine.url.database:
        book = Path(engine.url.database)
        files.append(book.with_name(f".{book.name}.lock"))
    handles: list[int] = []
    try:
        for path in dict.fromkeys(files):
            handles += [_hold(path)]
        with _held_on_server(engine):
            yield
    finally:
        for handle in handles:
            os.close(handle)


def _hold(path: Path) -> int:
    """Lock a file that stays: removing it would let two hold different ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        who = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
        os.close(handle)
        raise CourseError(_refusal(f"process {who}" if who else "")) from None
    with suppress(OSError):  # a full disk: the name is a courtesy, the lock holds
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


@contextmanager
def _held_on_server(engine: Any) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock on a connection of its own."""
    if engine.dialect.name != "postgresql":
        yield
        return
    from sqlalchemy import text

    one, two = ADVISORY
    with engine.connect() as connection:
        asked = text(f"SELECT pg_try_advisory_lock({one}, {two})")
        if not connection.execute(asked).scalar():
            raise CourseError(_refusal(""))
        connection.commit()
        yield


def _refusal(who: str) -> str:
    by = f" ({who})" if who else ""
    return f"another course grade is at work on this gradebook{by}; wait for its end"
