"""The grader's commands; each is a few lines around the module that does it."""

import typer

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

    A submission that cannot be read is a zero, for a person to confirm.
    Ctrl-C keeps what is done; the same command goes on.

    \b
    Examples:
      course grade bptt
      course grade bptt --student ana --student bo
      course grade bptt --submitted downloads/week3 --to term/week3 --json week3.json
      course grade bptt --regrade
      course grade bptt --scheduler tcp://10.0.0.1:8786
    """
    from course_pkg.grade.screen import grade_all
    from course_pkg.grade.session import grading
    from course_pkg.grade.settings import Options
    from course_pkg.grade.submissions import find_submissions

    room = room_of(word, submitted, to, gradebook)
    submissions = find_submissions(room, word, student)
    options = Options(jobs, scheduler, sandbox, cell_seconds, regrade, allow_lower)
    with grading(room, word, options) as opened:
        grade_all(opened, submissions, json)
