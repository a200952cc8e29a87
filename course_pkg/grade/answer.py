"""What a command says: lines for a person, or JSON for a script."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from course_pkg.grade.course import CourseError

STDOUT = Path("-")
NEEDS_A_PERSON = 3  # the exit code of a command that is done but for that


def answer(lines: Iterable[str], data: Any, to: Path | None) -> None:
    """Print the lines; with --json write the data to a file, or print them alone."""
    tell(lines, to)
    if to == STDOUT:
        typer.echo(as_json(data), nl=False)
    elif to is not None:
        write(as_json(data), to)


def as_json(data: Any) -> str:
    """Return data as JSON, a line for each of its parts."""
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def tell(lines: Iterable[str], to: Path | None) -> None:
    """Print lines for a person, unless JSON has standard output for itself."""
    for line in () if to == STDOUT else lines:
        typer.echo(line)


def expect_writable(to: Path | None) -> Path | None:
    """Raise CourseError now rather than after an hour if no file can be put there."""
    if to is None or to == STDOUT:
        return to
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        if to.is_dir():
            raise IsADirectoryError("it is a folder")
        there = to.exists()
        to.open("a").close()
        if not there:  # should the command fail, an empty file would say it had not
            to.unlink()
    except OSError as error:
        raise CourseError(f"cannot write {to}: {error.strerror or error}") from None
    return to


def write(text: str, to: Path) -> None:
    """Write a file in one step. Raises CourseError where that is not possible."""
    fresh = to.with_name(f".{to.name}.new")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, "utf-8")
        fresh.replace(to)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise CourseError(f"cannot write {to}: {error.strerror or error}") from None
