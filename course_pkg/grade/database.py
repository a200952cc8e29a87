"""The gradebook's database: nbgrader's tables, and a table of what was graded.

SQLite or PostgreSQL, whatever address nbgrader takes. nbgrader does not look at our
table, and no key of ours points into its tables, so its commands stay free to remove.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Column,
    DateTime,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import ArgumentError, DatabaseError

from course_pkg.grade.config import COURSE_ID
from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.lock import only_writer
from course_pkg.grade.submissions import NBGRADER_NAME, plain

SECONDS_BUSY = 60  # the formgrader may write at the same time

KEYS = Table(
    "unrolled_graded",
    MetaData(),
    Column("student", Text, primary_key=True),
    Column("assignment", String(128), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("declined", String(64), nullable=False),
    Column("content", String(64), nullable=False),
    Column("seed", String(64), nullable=False),
    Column("submission", String(32), nullable=False),
    Column("file", String(64), nullable=False),
    Column("handed", DateTime),
    Column("graded", DateTime, nullable=False),
    Column("result", Text, nullable=False),
)


def nameable(student: str) -> bool:
    """Say whether nbgrader's tables can hold a student's id."""
    return student == plain(student) and len(student) <= NBGRADER_NAME


def column(student: str) -> str:
    """Return a student's name for our table; none that is no name can equal one."""
    if nameable(student):
        return student
    return "/" + quote(os.fsencode(student), safe="")  # no folder's name has a slash


@contextmanager
def connected(room: Classroom) -> Iterator[Any]:
    """Give an engine for the classroom's gradebook; nothing is made there yet.

    Raises CourseError for an address that cannot be used, or where no server answers.
    """
    options: dict[str, Any] = {}
    if room.db_url.startswith("sqlite"):
        room.root.mkdir(parents=True, exist_ok=True)
        options["connect_args"] = {"timeout": SECONDS_BUSY}
    try:
        engine = create_engine(room.db_url, **options)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise CourseError(f"gradebook {room.db_url}: {error}") from None
    if engine.dialect.name == "sqlite":
        _whole_transactions(engine)
    try:
        with engine.connect():
            pass
        yield engine
    except DatabaseError as error:
        raise CourseError(f"gradebook: {_reason(error)}") from None
    finally:
        engine.dispose()


@contextmanager
def locked(room: Classroom) -> Iterator[Any]:
    """Give an engine for a gradebook that nobody else grades into, its tables made.

    Raises CourseError where another run is at work.
    """
    with connected(room) as engine, only_writer(room, engine):
        prepare(room, engine)
        yield engine


def prepare(room: Classroom, engine: Any) -> None:
    """Make the tables that are missing, also those of a run that died making them.

    nbgrader would start a program of its own to learn the number of their version.
    """
    from alembic.script import ScriptDirectory
    from nbgrader.api import Base, Gradebook
    from nbgrader.dbutil import ALEMBIC_DIR

    Base.metadata.create_all(engine)
    KEYS.metadata.create_all(engine)
    if not inspect(engine).has_table("alembic_version"):
        version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
        with engine.begin() as connection:
            one = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
            connection.execute(text(one))
            one = "INSERT INTO alembic_version VALUES (:version)"
            connection.execute(text(one), {"version": version})
    with Gradebook(room.db_url, COURSE_ID):
        pass


def _whole_transactions(engine: Any) -> None:
    """Begin as a writer: pysqlite's own transactions start after the first reads."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _reason(error: DatabaseError) -> str:
    said = plain(" ".join(str(error.orig).split()), 200)
    full = "disk is full" in said or "No space left" in said
    return f"{said}; free some and give the same command again" if full else said
