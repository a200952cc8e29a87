"""Moving a gradebook: from SQLite to a server, or back, with all that is in it."""

from typing import Any

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.database import connected, prepare

STAMP = "alembic_version"  # of the tables, not of what they hold


def copy(source: Classroom, target: Classroom) -> dict[str, int]:
    """Copy all rows of a gradebook into an empty one; return how many of each table.

    One transaction: all of it or nothing. Raises CourseError where the target holds
    something, or the source is no gradebook.
    """
    from sqlalchemy import MetaData, func, insert, select

    with connected(source) as old:
        rows_of = MetaData()
        rows_of.reflect(old)
        if "student" not in rows_of.tables or STAMP not in rows_of.tables:
            raise CourseError(f"{source.db_url}: no gradebook of nbgrader's")
        with connected(target) as new:
            prepare(target, new)
            into = MetaData()
            into.reflect(new)
            tables = [t for t in into.sorted_tables if t.name in rows_of.tables]
            with old.connect() as reading, new.begin() as writing:
                for table in tables:
                    if table.name in (STAMP, "course"):
                        continue
                    if writing.scalar(select(func.count()).select_from(table)):
                        raise CourseError(
                            f"{target.db_url}: holds something already; name another"
                        )
                return {
                    table.name: _rows(table, rows_of, reading, writing, insert, select)
                    for table in tables
                    if table.name != STAMP
                }


def _rows(
    table: Any, rows_of: Any, reading: Any, writing: Any, insert: Any, select: Any
) -> int:
    """Copy one table's rows; the course's row may be there already."""
    found = reading.execute(select(rows_of.tables[table.name])).mappings().all()
    rows = [dict(row) for row in found]
    if table.name == "course":
        there = set(writing.scalars(select(table.c.id)))
        rows = [row for row in rows if row["id"] not in there]
    if rows:
        writing.execute(insert(table), rows)
    return len(rows)
