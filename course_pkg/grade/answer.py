"""What a command says: lines for a person, or JSON for a script."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from course_pkg.grade.course import CourseError

STDOUT = Path("-")


def answer(lines: Iterable[str], data: Any, to: Path | None) -> None:
    """Print the lines; with --json write the data to a file, or print them alone."""
    text = "" if to is None else json.dumps(data, indent=1, allow_nan=False) + "\n"
    tell(lines, to)
    if to == STDOUT:
        typer.echo(text, nl=False)
    elif to is not None:
        write(text, to)


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
        to.open("a").close()
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
