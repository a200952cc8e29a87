"""What an instructor sees of a run: a bar with the time left, then what came out."""

from contextlib import closing
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from course_pkg.grade.answer import STDOUT, answer
from course_pkg.grade.report import keep, points, show
from course_pkg.grade.session import Grading, Step
from course_pkg.grade.submissions import Submission, find_submissions, plain


def console(**options: Any) -> Console:
    """Return a console; one that is no terminal gets lines of 120 characters."""
    found = Console(highlight=False, **options)
    if not found.is_terminal:
        found = Console(highlight=False, width=120, **options)
    return found


def progress() -> Progress:
    """Return a bar with the present student's name, the count and the time left.

    On stderr: what a run says on stdout may go to a file or to a program.
    """
    screen = console(stderr=True)
    return Progress(
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[student]}", markup=False),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )


def grade_all(
    grading: Grading, submissions: list[Submission], to: Path | None
) -> list[Step]:
    """Grade a class under a bar, then print table and summary, and keep all results.

    ``to`` is where JSON goes. A Ctrl-C comes out at the end, when what was graded is
    told and kept.
    """
    steps: list[Step] = []
    stopped = False
    try:
        with progress() as bar, closing(grading.steps(submissions)) as running:
            job = bar.add_task("", total=len(submissions), student="")
            for step in running:
                steps.append(step)
                bar.update(job, advance=1, student=plain(step.student, 24))
    except KeyboardInterrupt:
        stopped = True
    finally:
        keep_standing(grading)
    steps.sort(key=lambda step: step.student)
    if to != STDOUT:
        show(console(), [step.result for step in steps])
    answer([*changes(steps), *unchanged(steps)], [_row(step) for step in steps], to)
    if stopped:
        typer.echo(
            "stopped; what is graded is kept, the same command goes on", err=True
        )
        raise KeyboardInterrupt
    return steps


def _row(step: Step) -> dict[str, Any]:
    """Return a submission's row for JSON, with the points it had and was offered."""
    before = None if step.before is None else step.before.score
    more = {"how": step.how, "before": before, "offered": step.offered.score}
    return step.result.row() | more


def keep_standing(grading: Grading) -> None:
    """Write what the gradebook says of the submissions in the inbox, for the pages."""
    grading.ledger.recover()
    room, word = grading.ledger.room, grading.release.word
    there = {submission.student for submission in find_submissions(room, word)}
    rows = [r for r in grading.ledger.results() if r.student in there]
    keep(rows, room.results(word), partial=False)


def changes(steps: list[Step]) -> list[str]:
    """Return old and new points side by side, a line per student whose points differ.

    A lower result of the same submission that was not entered is told as such.
    """
    lines = []
    for step in steps:
        if step.before is None or step.how == "unchanged":
            continue
        old, new = points(step.before.score), points(step.offered.score)
        differs = [
            f"{q.id.partition('.')[2]} {points(b.points)} → {points(q.points)}"
            for b, q in zip(step.before.questions, step.offered.questions, strict=False)
            if b.points != q.points
        ]
        if differs or step.before.status != step.offered.status:
            kept = "   not entered: --allow-lower would" if step.how == "kept" else ""
            name = plain(step.student, 24)
            lines.append(f"  {name}: {old} → {new}   {', '.join(differs)}{kept}")
    return ["old → new points:", *lines] if lines else []


def unchanged(steps: list[Step]) -> list[str]:
    """Say how many were not graded again, nothing where none."""
    count = sum(step.how == "unchanged" for step in steps)
    return [f"{count} unchanged since they were graded"] if count else []
