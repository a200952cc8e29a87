"""Where a command works: the course around the present folder, and a class in it."""

from pathlib import Path

from course_pkg.grade.course import Classroom, Course, classroom, find_course


def course_of(word: str) -> Course:
    """Find the course and see that it knows the word. Raises CourseError."""
    course = find_course(Path.cwd())
    course.tasks(word)
    return course


def room_of(
    word: str, submitted: Path | None, to: Path | None, gradebook: str | None
) -> Classroom:
    """Choose the folders of a class, as the options say. Raises CourseError."""
    return classroom(course_of(word), word, submitted, to, gradebook)


def short(path: Path) -> str:
    """Return a path as seen from here where it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
