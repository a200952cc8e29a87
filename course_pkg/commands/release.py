"""``course release``: the students' notebook, made from the authored text."""

from typing import Annotated

import typer

from course_pkg.grade.answer import answer
from course_pkg.grade.course import Course, CourseError, gradebook_url
from course_pkg.grade.options import Gradebook, Json, Word
from course_pkg.grade.places import course_of, short

app = typer.Typer()
Check = Annotated[bool, typer.Option("--check", help="Also run it with its solutions.")]


@app.command()
def release(
    word: Word, check: Check = False, gradebook: Gradebook = None, json: Json = None
) -> None:
    """Make the students' notebook from solutions/<word>/<word>.md.

    \b
    Examples:
      course release bptt
      course release bptt --check
      course release bptt --json -
    """
    from course_pkg.grade.release import release as make

    course = course_of(word)
    made = make(course, word, gradebook_url(gradebook, course.root))
    points = _points(course, word) if check else {}
    data = {"released": str(made), "source": str(course.source(word))}
    lines = [
        f"{name:9} {short(path)}"
        for name, path in (("released", made), ("source", course.source(word)))
    ]
    lines += [f"{name:28} {got:g} of {most:g}" for name, (got, most) in points.items()]
    answer(lines, data | ({"points": points} if check else {}), json)
    lost = [name for name, (got, most) in points.items() if got != most]
    if lost:
        raise CourseError(f"the solutions do not get full points: {', '.join(lost)}")


def _points(course: Course, word: str) -> dict[str, tuple[float, float]]:
    from course_pkg.grade.run import run_source

    return run_source(course.source(word))
