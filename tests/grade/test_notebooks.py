"""MyST text → source notebook: what the builder makes and what it refuses."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from course_pkg.grade.course import Course, CourseError
from course_pkg.grade.notebooks import source_notebook
from course_pkg.grade.solutions import function_source

Author = Callable[[str, str], Course]


def cells(course: Course) -> dict:
    """Return the built notebook's cells by id."""
    return {cell.id: cell for cell in source_notebook(course, "tiny").cells}


def test_cells_are_named_after_tasks(course: Course) -> None:
    """Ids are readable, unique and follow the text."""
    assert list(cells(course)) == [
        *("text-01", "setup", "text-02", "double", "check-double"),
        *("code-01", "text-03", "why", "text-04"),
    ]


def test_points_and_roles_are_nbgraders(course: Course) -> None:
    """Graded cells have the syllabus's points; the rest of the roles are set."""
    made = cells(course)
    roles = {
        name: [key for key in ("grade", "solution", "locked") if meta[key]]
        for name, cell in made.items()
        if (meta := cell.metadata.get("nbgrader"))
    }
    assert roles == {
        "setup": ["locked"],
        "double": ["solution"],
        "check-double": ["grade", "locked"],
        "why": ["grade", "solution"],
    }
    points = {
        n: c.metadata.nbgrader.get("points") for n, c in made.items() if n in roles
    }
    assert points == {"setup": None, "double": None, "check-double": 2, "why": 1}


def test_the_body_comes_from_the_package(course: Course) -> None:
    """The body, comment kept and docstring left out, has the cell's indent."""
    assert cells(course)["double"].source.splitlines()[2:] == [
        "    ### BEGIN SOLUTION",
        "    # twice",
        "    y = x + x",
        "    return y",
        "    ### END SOLUTION",
    ]


def test_an_empty_check_is_written(course: Course) -> None:
    """The builder writes the call that the task's name says."""
    assert cells(course)["check-double"].source == 'check("tiny.double", double)'


def test_the_build_is_the_same_anywhere(course: Course, tmp_path: Path) -> None:
    """Hash seed, folder, locale and time zone leave no trace."""
    script = (
        "import sys; from pathlib import Path; import nbformat\n"
        "from course_pkg.grade.course import Course\n"
        "from course_pkg.grade.notebooks import source_notebook\n"
        "from course_pkg.syllabus import Task, Word\n"
        "tasks = Task('double', 2, 's'), Task('why', 1, 's', True)\n"
        "course = Course(Path(sys.argv[1]), {'tiny': Word('Tiny', (), tasks)})\n"
        "sys.stdout.write(nbformat.writes(source_notebook(course, 'tiny')))"
    )
    command = [sys.executable, "-c", script, str(course.root)]
    other = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    second = subprocess.run(
        command, cwd=tmp_path, env=other, capture_output=True, check=True, text=True
    )
    assert second.stdout == nbformat.writes(source_notebook(course, "tiny"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            ":solution: double",
            ":solution: treble",
            "solution: treble is no task",
        ),
        (":solution: double", ":solution: why", "why is a written answer"),
        ('"written": "why"', '"written": "double"', "double is graded by a check"),
        ('+++ {"written": "why"}', "+++", "no written cell for why"),
        (
            "```{code-cell} ipython3\n:check: double\n```",
            "",
            "no check cell for double",
        ),
        (":check: double\n", ":check: double\n\n1 + 1\n", "must end with check"),
        (
            ":check: double\n",
            ':check: double\n\ncheck("tiny.why", 1)\n',
            "must end with",
        ),
        (":check: double\n", ":check: double\n\ncheck(\n", "check cell is not Python"),
        (
            ":check: double",
            ":check: double\n:points: 3",
            "3 points here, 2 in the syll",
        ),
        (":check: double", ":check: double\n:hint: 3", "cell options: one of"),
        (":solution: double", ":solution: double\n:check: double", "cell options: one"),
        ("course_pkg.sums.double", "course_pkg.sums.half", "has no function half"),
        ("course_pkg.sums.double", "course_pkg.nought.half", "no course_pkg.nought"),
        ("def double(x):", "def double(z):", "the package has (x), the cell has (z)"),
        ("    ### SOLUTION course_pkg.sums.double", "    ...", "no ### SOLUTION line"),
        ("Double a number.", "See {eq}`eq-one`.", "cannot show MyST's '{eq}`'"),
        ("Double a number.", "```{note}\nso\n```", "cannot show MyST's '```{note}'"),
        ('print("a free cell")', "### BEGIN SOLUTION", "without the option solution"),
        ("The end.", "Write above END SOLUTION.", "without the option solution"),
        (":locked: setup", ":locked: double", "locked: 'double' must be a small"),
        ("file_format: mystnb", "format: x", "must begin with"),
    ],
)
def test_disagreements_are_one_line(
    author: Author, old: str, new: str, message: str
) -> None:
    """Every disagreement between text, syllabus and package is named with its place."""
    with pytest.raises(CourseError) as raised:
        source_notebook(author(old, new), "tiny")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_task_twice_is_refused(author: Author) -> None:
    """A copied solution cell is found, with the line of the copy."""
    cell = "```{code-cell} ipython3\n:check: double\n```\n"
    course = author(cell, cell + "\nAgain.\n\n" + cell)
    lines = course.solution("tiny").read_text().splitlines()
    copy = max(n for n, line in enumerate(lines, 1) if line == ":check: double")
    with pytest.raises(CourseError) as raised:
        source_notebook(course, "tiny")
    assert str(raised.value) == f"tiny.md:{copy}: check: double is there twice"


def test_unknown_words_are_told_the_known(course: Course) -> None:
    """An unknown assignment's error lists what there is."""
    with pytest.raises(CourseError, match="'lstm'; the syllabus has: tiny"):
        source_notebook(course, "lstm")


def test_a_function_without_a_body_has_no_solution(course: Course) -> None:
    """A docstring alone, or all on one line, cannot be cut out."""
    path = course.root / "course_pkg" / "sums.py"
    path.write_text('def a(x):\n    """Only this."""\n\n\ndef b(x): return x\n')
    for name in "ab":
        with pytest.raises(CourseError, match="no body"):
            function_source(course.root, f"course_pkg.sums.{name}")


def test_a_solution_has_no_check_of_the_package_s_own(course: Course) -> None:
    """What it calls is not in a student's notebook; a later call of it stays."""
    (course.root / "course_pkg" / "sums.py").write_text(
        'def total(x):\n    """Sum."""\n    expect_x(x)\n    expect_y(\n    x)\n'
        "    # a comment\n    y = sum(x)\n    expect_x(y)\n    return y\n"
        "def nothing(x):\n    expect_x(x)\n"
    )
    _, body = function_source(course.root, "course_pkg.sums.total")
    assert body == "# a comment\ny = sum(x)\nexpect_x(y)\nreturn y"
    with pytest.raises(CourseError, match="no body to take"):
        function_source(course.root, "course_pkg.sums.nothing")
