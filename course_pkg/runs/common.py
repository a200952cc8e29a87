"""What training commands have in common: data, schedule, and what is left behind."""

import math
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer
from torch import nn

from course_pkg import datasets
from course_pkg.grade.course import CourseError
from course_pkg.train import describe, write_record
from course_pkg.train.status import Status


def read_data(name: str, download: bool) -> dict[str, Any]:
    """Load a data set, or end the command with one line that says what to do."""
    try:
        return datasets.load(name, download=download)
    except (OSError, ValueError) as error:
        hint = "" if download else f"; or run: course data get {name}"
        raise CourseError(f"{error}{hint}") from error


def read_text(path: Path) -> str:
    """Read a file of text, or end the command with one line."""
    try:
        return path.read_text("utf8")
    except UnicodeDecodeError as error:
        raise CourseError(f"{path}: expected text in UTF-8, got {error}") from error


def cosine(steps: int, warm: int = 100, floor: float = 0.05) -> Callable[[int], float]:
    """Return a schedule: a rise over warm steps, and a cosine from 1 down to floor."""

    def factor(step: int) -> float:
        way = math.pi * min(1.0, step / max(steps, 1))
        fall = floor + (1 - floor) * (1 + math.cos(way)) / 2
        return min(1.0, (step + 1) / warm) * fall

    return factor


def expect_finished(status: Status) -> None:
    """End the command with 130 where Ctrl-C ended the run before its time."""
    if status.interrupted:
        typer.echo(f"stopped after {status.step} steps; with --checkpoint, the same")
        typer.echo("command goes on from there")
        sys.exit(130)


def facts(model: nn.Module, arguments: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return how a run is repeated: command, seed, the model's arguments and size."""
    return {
        "command": command(sys.argv[1:]),
        "seed": seed,
        "model": arguments,
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def command(words: Sequence[str]) -> str:
    """Return the command line without the options that only say where files go."""
    kept, places = [], ("--out", "--checkpoint")
    for i, word in enumerate(words):
        value = i > 0 and words[i - 1] in places
        if not value and word.partition("=")[0] not in places:
            kept.append(word)
    return shlex.join(["course", *kept])


def finish(path: Path, facts: dict[str, Any], status: Status, device: str) -> None:
    """Write the record of a run beside its weights: facts first, the curve last."""
    run = {"steps": status.step, "seconds": status.seconds, "curve": status.curve}
    write_record(path, facts | describe(device) | run)
    typer.echo(f"record    {path}")
