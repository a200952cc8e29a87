"""The grader's commands; each is a few lines around the module that does it."""

import time
from pathlib import Path
from typing import Annotated

import typer

from course_pkg.grade.course import (
    Classroom,
    Course,
    CourseError,
    classroom,
    find_course,
    gradebook_url,
)
from course_pkg.grade.options import (
    CellSeconds,
    Gradebook,
    Json,
    Students,
    Submitted,
    To,
    Word,
)

app = typer.Typer()


@app.command()
def release(
    word: Word,
    check: Annotated[
        bool, typer.Option("--check", help="Also run it with its solutions.")
    ] = False,
    gradebook: Gradebook = None,
) -> None:
    """Make the students' notebook from solutions/<word>/<word>.md.

    \b
    Examples:
      course release bptt
      course release bptt --check
    """
    from course_pkg.grade.release import release as make

    course = _course(word)
    url = gradebook_url(gradebook, course.root)
    made = make(course, word, url)
    typer.echo(f"released  {_short(made)}")
    typer.echo(f"source    {_short(course.source(word))}")
    if check:
        _check(course, word)


def _check(course: Course, word: str) -> None:
    from course_pkg.grade.run import run_source

    points = run_source(course.source(word))
    for name, (got, most) in points.items():
        typer.echo(f"{name:28} {got:g} of {most:g}")
    short = [name for name, (got, most) in points.items() if got != most]
    if short:
        raise CourseError(f"the solutions do not get full points: {', '.join(short)}")


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

    room = _room(word, submitted, to, gradebook)
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

    room = _room(word, submitted, to, gradebook)
    index, count = write_feedback(room, word)
    typer.echo(f"feedback  {_short(index)}  ({count} students)")


@app.command()
def serve(
    port: Annotated[
        int, typer.Option(min=0, max=65534, help="The book's port.")
    ] = 8000,
    feedback: Annotated[
        Path | None, typer.Option(help="Feedback folder.", show_default="written last")
    ] = None,
) -> None:
    """Serve book and feedback on this machine, on two ports, until Ctrl-C.

    \b
    Examples:
      course serve
      course serve --port 9000 --feedback term/week3/feedback
    """
    from course_pkg.grade.serve import serving

    with serving(find_course(Path.cwd()), port, feedback) as lines:
        for line in lines:
            typer.echo(line)
        typer.echo("Ctrl-C ends.")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            typer.echo("")


def _course(word: str) -> Course:
    course = find_course(Path.cwd())
    course.tasks(word)
    return course


def _room(
    word: str, submitted: Path | None, to: Path | None, gradebook: str | None
) -> Classroom:
    return classroom(_course(word), word, submitted, to, gradebook)


def _short(path: Path) -> str:
    """Return a path as seen from here where it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
