"""``course data``: which data sets there are, and the download of some of them."""

from pathlib import Path
from typing import Annotated

import typer

from course_pkg.grade.answer import answer, tell
from course_pkg.grade.course import CourseError
from course_pkg.grade.options import Json

Names = Annotated[
    list[str], typer.Argument(help="Names, as course data list has them.")
]
To = Annotated[
    Path | None,
    typer.Option(
        help="Folder to look in, and to fill.",
        show_default="COURSE_DATA, then the cache",
    ),
]

app = typer.Typer(
    no_args_is_help=True,
    help="List and download the data sets.\n\n"
    "\b\nExamples:\n  course data list\n  course data get tinyshakespeare",
)


@app.command("list")
def show(to: To = None, json: Json = None) -> None:
    """List the data sets: size, whether it is on this machine, use and licence.

    \b
    Examples:
      course data list
      course data list --json -
    """
    from course_pkg.datasets import store

    lines, rows = [], []
    for name, facts in store.manifest().items():
        there = "here" if store.paths(name, root=to) else ""
        lines.append(f"{name:18} {facts.megabytes:4.1f} MB  {there:4}  {facts.task}")
        lines.append(f"{'':34}licence: {facts.licence}")
        row = {"name": name, "here": bool(there), "megabytes": facts.megabytes}
        rows.append(row | {"task": facts.task, "licence": facts.licence})
    answer(lines, rows, json)


@app.command()
def get(names: Names, to: To = None, json: Json = None) -> None:
    """Download data sets, checked against the published SHA-256.

    What is there already is checked and kept; what broke off goes on.

    \b
    Examples:
      course data get tinyshakespeare
      course data get wnut17 ud_english_ewt --to downloads
    """
    from course_pkg.datasets import store

    got = {}
    try:
        for facts in [store.about(name) for name in names]:
            tell([f"{facts.name}  licence: {facts.licence}"], json)
            store.read(facts.name, root=to, download=True)
            got[facts.name] = str(store.paths(facts.name, root=to)[0].parent)
            tell([f"{facts.name}  {got[facts.name]}"], json)
    except (OSError, ValueError) as error:
        raise CourseError(str(error)) from error
    answer((), got, json)
