"""The grader's commands; each is a few lines around the module that does it."""

from pathlib import Path

import typer

from course_pkg.grade.answer import NEEDS_A_PERSON
from course_pkg.grade.course import Classroom
from course_pkg.grade.options import (
    AllowLower,
    CellSeconds,
    Gradebook,
    Jobs,
    Json,
    Regrade,
    Sandbox,
    Scheduler,
    Students,
    Submitted,
    To,
    Word,
)
from course_pkg.grade.places import room_of
from course_pkg.grade.settings import Options

app = typer.Typer()


@app.command()
def grade(
    word: Word,
    submitted: Submitted = None,
    student: Students = None,
    json: Json = None,
    to: To = None,
    gradebook: Gradebook = None,
    cell_seconds: CellSeconds = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    sandbox: Sandbox = "bwrap",
    regrade: Regrade = False,
    allow_lower: AllowLower = False,
) -> None:
    """Grade every submission of an assignment that is new or has changed.

    A submission that cannot be read is a zero, for a person to confirm: the exit code
    is then 3. Ctrl-C keeps what is done; the same command goes on.

    \b
    Examples:
      course grade bptt
      course grade bptt --student ana --student bo
      course grade bptt --submitted downloads/week3 --to term/week3 --json week3.json
      course grade bptt --scheduler tcp://10.0.0.1:8786
    """
    room = room_of(word, submitted, to, gradebook)
    options = Options(jobs, scheduler, sandbox, cell_seconds, regrade, allow_lower)
    _grade(room, word, student, options, json)


@app.command()
def regrade(
    word: Word,
    submitted: Submitted = None,
    student: Students = None,
    json: Json = None,
    to: To = None,
    gradebook: Gradebook = None,
    cell_seconds: CellSeconds = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    sandbox: Sandbox = "bwrap",
    allow_lower: AllowLower = False,
) -> None:
    """Grade all anew, as after a check was mended, and show old and new points.

    No points are lowered, and the exit code is 3 where they would be, unless
    --allow-lower says so. What a person gave stays. The same as grade --regrade.

    \b
    Examples:
      course regrade bptt
      course regrade bptt --student ana --json -
      course regrade bptt --allow-lower
    """
    room = room_of(word, submitted, to, gradebook)
    options = Options(jobs, scheduler, sandbox, cell_seconds, True, allow_lower)
    _grade(room, word, student, options, json)


def _grade(
    room: Classroom,
    word: str,
    students: list[str] | None,
    options: Options,
    json: Path | None,
) -> None:
    from course_pkg.grade.screen import grade_all
    from course_pkg.grade.session import grading
    from course_pkg.grade.submissions import find_submissions

    submissions = find_submissions(room, word, students)
    with grading(room, word, options) as opened:
        steps = grade_all(opened, submissions, json)
    if any(step.how == "kept" or step.result.status != "graded" for step in steps):
        raise typer.Exit(NEEDS_A_PERSON)
