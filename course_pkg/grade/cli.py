"""The grader's commands; each is a few lines around the module that does it."""

import typer

from course_pkg.grade.options import (
    CellSeconds,
    Gradebook,
    Json,
    Students,
    Submitted,
    To,
    Word,
)
from course_pkg.grade.places import room_of, short

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
) -> None:
    """Grade every submission of an assignment.

    A submission that cannot be read is a zero, for a person to confirm.
    Ctrl-C keeps what is done; the same command starts again.

    \b
    Examples:
      course grade bptt
      course grade bptt --student ana --student bo
      course grade bptt --submitted downloads/week3 --to term/week3 --json week3.json
    """
    from course_pkg.grade import report
    from course_pkg.grade.run import open_session
    from course_pkg.grade.submissions import find_submissions

    room = room_of(word, submitted, to, gradebook)
    submissions = find_submissions(room, word, student)
    session = open_session(room, word, cell_seconds)
    report.grade_all(submissions, session, json, partial=bool(student))


@app.command()
def feedback(
    word: Word, submitted: Submitted = None, to: To = None, gradebook: Gradebook = None
) -> None:
    """Write a feedback page per student, and an index of them.

    Takes the same folders as course grade, which comes first.

    \b
    Examples:
      course feedback bptt
      course feedback bptt --submitted downloads/week3
    """
    from course_pkg.grade.feedback import write_feedback

    room = room_of(word, submitted, to, gradebook)
    index, count = write_feedback(room, word)
    typer.echo(f"feedback  {short(index)}  ({count} students)")
