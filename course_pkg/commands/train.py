"""``course train``: the recorded runs, each with its own options.

A run brings torch and its model with it, so its module is imported when it is named.
"""

import importlib
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer
from typer.core import TyperGroup

from course_pkg.grade.course import CourseError

NAMES = (
    "captioning",
    "charlm",
    "gradients",
    "handwriting",
    "remedies",
    "seq2seq",
    "tagging",
)


class Runs(TyperGroup):
    """Offer ``train`` of each module of course_pkg.runs under the module's name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the runs."""
        return list(NAMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a run's command, or None for an unknown name."""
        if cmd_name not in NAMES:
            return None
        module = importlib.import_module(f"course_pkg.runs.{cmd_name}")
        one = typer.Typer(add_completion=False, rich_markup_mode="rich")
        one.command(cmd_name)(told(module.train))
        return typer.main.get_command(one)


def told(train: Callable[..., None]) -> Callable[..., None]:
    """Turn the errors of the package's border into the command's one line.

    They speak of the data, the options, or of a loss that is not finite.
    """

    @wraps(train)
    def run(**options: Any) -> None:
        try:
            train(**options)
        except ValueError as error:
            if ": expected " not in str(error):
                raise
            raise CourseError(str(error)) from error

    return run


app = typer.Typer(
    cls=Runs,
    no_args_is_help=True,
    help="Train a model of the book, and record what came out.\n\n"
    "\b\nExamples:\n  course train charlm\n  course train charlm --help",
)


@app.callback()
def train() -> None:
    """Train a model of the book, and record what came out."""
