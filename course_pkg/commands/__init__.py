"""The command line: each module here brings its commands, the grader brings its own."""

import sys

import typer

from course_pkg.commands import data, doctor, gradebook, release, reports, serve, train
from course_pkg.commands.mistakes import line
from course_pkg.grade import cli

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Release, grade and serve the assignments of Unrolled; get its data, "
    "train its models.\n\n"
    "Exit codes: 0 done; 1 a mistake, told in one line; 2 wrong usage; 3 done, but "
    "something needs a person; 130 Ctrl-C.",
)
for module in (release, cli, reports, doctor, serve):
    app.add_typer(module.app)
app.add_typer(gradebook.app, name="gradebook")
app.add_typer(data.app, name="data")
app.add_typer(train.app, name="train")


def run() -> None:
    """Run the command line; a user's mistake is one line on stderr and exit 1."""
    try:
        app(prog_name="course")
    except Exception as error:
        told = line(error)
        if told is None:
            raise
        sys.exit(f"course: {told}")
