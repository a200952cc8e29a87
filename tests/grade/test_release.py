"""``course release``: nbgrader's release, sealed, and equal to what is committed."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from course_pkg.grade.course import Course, CourseError, classroom
from course_pkg.grade.release import expect_sealed, release, write_source
from course_pkg.grade.run import gradebook, run_source
from course_pkg.syllabus import WORDS

pytestmark = pytest.mark.filterwarnings("ignore:Object of type")

ROOT = Path(__file__).resolve().parents[2]


def test_solutions_are_taken_out(course: Course) -> None:
    """The stub and the text stub stand where solutions were; nothing else is lost."""
    cells = {
        c.id: c for c in nbformat.read(release(course, "tiny"), as_version=4).cells
    }
    assert cells["double"].source.splitlines()[2:] == [
        "    # YOUR CODE HERE",
        "    raise NotImplementedError()",
    ]
    assert cells["why"].source == "YOUR ANSWER HERE"
    assert cells["check-double"].metadata.editable is False
    assert cells["check-double"].metadata.nbgrader.checksum


def test_a_second_release_is_the_same(course: Course) -> None:
    """Releasing again changes no byte, with a gradebook that knows the assignment."""
    first = release(course, "tiny").read_bytes()
    assert release(course, "tiny").read_bytes() == first


def test_files_beside_the_text_are_shipped(course: Course) -> None:
    """A picture goes with the notebook, and goes away with its source."""
    picture = course.solution("tiny").with_name("net.svg")
    picture.write_text("<svg/>")
    target = release(course, "tiny").with_name("net.svg")
    assert target.read_text() == "<svg/>"
    picture.unlink()
    release(course, "tiny")
    assert not target.exists()


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        (
            "Double a number.",
            "    # twice\n    y  =  x + x",
            "double leaks into text-02",
        ),
        ('print("a free cell")', "y = x + x\nreturn y", "double leaks into code-01"),
        (
            "The end.",
            "Because two is one plus\none, and so on.",
            "why leaks into text-04",
        ),
    ],
)
def test_a_leak_stops_the_release(
    author: Callable[[str, str], Course], place: str, text: str, message: str
) -> None:
    """Part of a solution elsewhere in the notebook is an error."""
    with pytest.raises(CourseError, match=message):
        release(author(place, text), "tiny")


def test_a_leak_keeps_the_old_release(author: Callable[[str, str], Course]) -> None:
    """A release that fails leaves what students have."""
    course = author("The end.", "The very end.")
    target = release(course, "tiny")
    before = target.read_bytes()
    author("The very end.", "y = x + x\nreturn y")
    with pytest.raises(CourseError, match="leaks"):
        release(course, "tiny")
    assert target.read_bytes() == before


def test_cells_cannot_change_under_submissions(
    author: Callable[[str, str], Course],
) -> None:
    """nbgrader refuses; the refusal says what to do."""
    course = author("The end.", "The very end.")
    release(course, "tiny")
    with gradebook(classroom(course, "tiny")) as book:
        book.add_student("ana")
        book.add_submission("tiny", "ana")
    author(":locked: setup", ":locked: start")
    with pytest.raises(CourseError, match="cells of tiny were added or removed after"):
        release(course, "tiny")


def test_the_source_is_no_release(course: Course) -> None:
    """The leak check fails on a notebook whose solutions were never taken out."""
    source = write_source(course, "tiny")
    with pytest.raises(CourseError, match="still says"):
        expect_sealed(course, "tiny", source)


GRADED = sorted(word for word, row in WORDS.items() if row.tasks)


@pytest.mark.parametrize("word", GRADED)
def test_committed_assignments_are_fresh(word: str, tmp_path: Path) -> None:
    """A build from the authored text gives the committed files, byte for byte."""
    for name in ("solutions", "course_pkg"):
        (tmp_path / name).symlink_to(ROOT / name)
    fresh = release(Course(tmp_path, WORDS), word).parent
    committed = ROOT / "assignments" / word
    assert sorted(p.name for p in committed.iterdir() if p.is_file()) == sorted(
        p.name for p in fresh.iterdir()
    )
    for path in fresh.iterdir():
        same = path.read_bytes() == (committed / path.name).read_bytes()
        assert same, f"{path.name} is stale; run: course release {word}"


@pytest.mark.slow
@pytest.mark.parametrize("word", GRADED)
def test_the_solutions_get_full_points(word: str, tmp_path: Path) -> None:
    """The notebook with its solutions runs green, as with `release --check`."""
    for name in ("solutions", "course_pkg"):
        (tmp_path / name).symlink_to(ROOT / name)
    course = Course(tmp_path, WORDS)
    release(course, word)
    tasks = [task for task in WORDS[word].tasks if not task.manual]
    full = {f"check-{task.name}": (task.points, task.points) for task in tasks}
    assert run_source(course.source(word)) == full
