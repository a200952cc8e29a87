"""``course gradebook``: where the marks are kept."""

from pathlib import Path
from typing import Annotated

import typer

from course_pkg.grade.answer import answer
from course_pkg.grade.course import Classroom, CourseError, find_course, gradebook_url
from course_pkg.grade.options import Json

app = typer.Typer(
    no_args_is_help=True,
    help="Copy a gradebook: a backup, or the way to a server.\n\n"
    "\b\nExamples:\n  course gradebook copy gradebook.db backup.db",
)
Place = Annotated[str, typer.Argument(help="A file or an SQLAlchemy address.")]


@app.callback()
def gradebook() -> None:
    """Copy a gradebook: a backup, or the way to a server."""


@app.command()
def copy(source: Place, target: Place, json: Json = None) -> None:
    """Copy all that a gradebook holds into an empty one.

    \b
    Examples:
      course gradebook copy gradebook.db backup.db
      course gradebook copy gradebook.db postgresql+psycopg://host/unrolled
    """
    from course_pkg.grade.moving import copy as copy_all

    here = find_course(Path.cwd())
    if "://" not in source and not Path(source).is_file():
        raise CourseError(f"{source}: no such file")
    old, new = (
        Classroom(here, here.root, here.root, gradebook_url(place, here.root))
        for place in (source, target)
    )
    counts = copy_all(old, new)
    lines = [f"{name:28} {count}" for name, count in counts.items() if count]
    answer([*lines, f"{sum(counts.values())} rows copied"], counts, json)
