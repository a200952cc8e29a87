"""The command line's arguments and options, described once."""

from pathlib import Path
from typing import Annotated

import typer

from course_pkg.grade.answer import expect_writable

Word = Annotated[str, typer.Argument(help="The assignment's word, such as bptt.")]
Submitted = Annotated[
    Path | None,
    typer.Option(
        help="Folder of <student>/<word>/<word>.ipynb.", show_default="submitted"
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        help="Folder for gradebook.db, autograded and feedback.",
        show_default="the course's own; with --submitted _build/grade/<word>",
    ),
]
Gradebook = Annotated[
    str | None, typer.Option(help="The gradebook: a file or an SQLAlchemy address.")
]
Students = Annotated[
    list[str] | None, typer.Option(help="Only this student; may be repeated.")
]
Json = Annotated[
    Path | None,
    typer.Option(
        help="Write what came out as JSON to this file; - prints it alone.",
        callback=expect_writable,
        show_default="lines for a person",
    ),
]
CellSeconds = Annotated[
    int | None, typer.Option(min=1, help="Limit of one cell.", show_default="60")
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, help="Worker processes.", show_default="one per core"),
]
Scheduler = Annotated[
    str | None,
    typer.Option(help="A Dask scheduler, as tcp://HOST:8786, instead of local jobs."),
]
Sandbox = Annotated[
    str,
    typer.Option(
        help="bwrap; or process, which sets limits only and walls nothing off."
    ),
]
Regrade = Annotated[
    bool,
    typer.Option("--regrade", help="Also what has not changed; shows old and new."),
]
AllowLower = Annotated[
    bool,
    typer.Option("--allow-lower", help="Enter also what lowers points."),
]
