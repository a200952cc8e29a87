"""``course release``: the students' notebook, made from the authored text."""

from typing import Annotated, Any

import typer

from course_pkg.grade.answer import answer
from course_pkg.grade.course import Course, CourseError, gradebook_url
from course_pkg.grade.options import Gradebook, Json, Word
from course_pkg.grade.places import course_of, short

app = typer.Typer()
Check = Annotated[bool, typer.Option("--check", help="Also run it with its solutions.")]

Measure = Annotated[
    bool, typer.Option("--measure", help="Also record what its solutions cost.")
]


@app.command()
def release(
    word: Word,
    check: Check = False,
    measure: Measure = False,
    gradebook: Gradebook = None,
    json: Json = None,
) -> None:
    """Make the students' notebook from solutions/<word>/<word>.md.

    \b
    Examples:
      course release bptt
      course release bptt --check
      course release bptt --measure      for the limits of grading
      course release bptt --json -
    """
    from course_pkg.grade.release import release as make

    course = course_of(word)
    made = make(course, word, gradebook_url(gradebook, course.root))
    points = _points(course, word) if check else {}
    costs = _costs(course, word) if measure else {}
    data: dict[str, Any] = {"released": str(made), "source": str(course.source(word))}
    lines = [
        f"{name:9} {short(path)}"
        for name, path in (("released", made), ("source", course.source(word)))
    ]
    lines += [f"{name:28} {got:g} of {most:g}" for name, (got, most) in points.items()]
    lines += [f"{name:28} {cost}" for name, cost in costs.items()]
    data |= {"points": points} if check else {}
    answer(lines, data | ({"costs": costs} if measure else {}), json)
    lost = [name for name, (got, most) in points.items() if got != most]
    if lost:
        raise CourseError(f"the solutions do not get full points: {', '.join(lost)}")


def _points(course: Course, word: str) -> dict[str, tuple[float, float]]:
    from course_pkg.grade.run import run_source

    return run_source(course.source(word))


def _costs(course: Course, word: str) -> dict[str, Any]:
    from course_pkg.grade.costs import record

    return record(course, word)
