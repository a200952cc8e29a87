"""Where the course lives: its root, its words, and every folder that grading uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from course_pkg.syllabus import WORDS, Task, Word

SQLITE = b"SQLite format 3\0"  # how such a file begins


class CourseError(Exception):
    """A user's mistake, told in one line; the command line prints it and exits."""


@dataclass(frozen=True)
class Course:
    """A course on disk: its root and its syllabus (the real one unless a test says)."""

    root: Path
    words: Mapping[str, Word]

    def tasks(self, word: str) -> tuple[Task, ...]:
        """Return the tasks of a word's assignment, or raise CourseError."""
        known = sorted(name for name, row in self.words.items() if row.tasks)
        if word not in known:
            raise CourseError(
                f"unknown assignment {word!r}; the syllabus has: {', '.join(known)}"
            )
        return self.words[word].tasks

    def solution(self, word: str) -> Path:
        """Return the authored text of a word's assignment."""
        return self.root / "solutions" / word / f"{word}.md"

    @property
    def work(self) -> Path:
        """The folder for what can be made again at any time."""
        return self.root / "_build" / "course"

    def source(self, word: str) -> Path:
        """Return the notebook with solutions, made from the authored text."""
        return self.work / "source" / word / f"{word}.ipynb"

    def assignment(self, word: str) -> Path:
        """Return the released notebook, which students open."""
        return self.root / "assignments" / word / f"{word}.ipynb"


@dataclass(frozen=True)
class Classroom:
    """Where one class is graded.

    ``root`` holds autograded/ and feedback/; ``inbox`` is what students handed in.
    """

    course: Course
    root: Path
    inbox: Path
    db_url: str

    def autograded(self, word: str, student: str) -> Path:
        """Return the folder of a student's graded notebook."""
        return self.root / "autograded" / student / word

    def feedback(self, word: str, student: str) -> Path:
        """Return the folder of a student's feedback page."""
        return self.root / "feedback" / student / word

    def results(self, word: str) -> Path:
        """Return the file that keeps the last run's results."""
        own = self.root == self.course.root
        return (self.course.work if own else self.root) / "results" / f"{word}.json"


def classroom(
    course: Course,
    word: str,
    submitted: Path | None = None,
    to: Path | None = None,
    gradebook: str | None = None,
) -> Classroom:
    """Choose the folders: the course's own, or for another inbox a folder of its own.

    Nothing of another class may land in the course's gradebook, hence ``to``
    (default ``_build/grade/<word>``).
    """
    own = submitted is None or submitted.resolve() == course.root / "submitted"
    if own and to is None:
        root, inbox = course.root, course.root / "submitted"
    else:
        root = (to or course.root / "_build" / "grade" / word).resolve()
        inbox = (submitted or course.root / "submitted").resolve()
    if any(inbox.is_relative_to(root / made) for made in ("autograded", "feedback")):
        raise CourseError(f"--submitted {inbox} is what grading writes; choose another")
    return Classroom(course, root, inbox, gradebook_url(gradebook, root))


def gradebook_url(address: str | None, root: Path) -> str:
    """Return an SQLAlchemy address: as given, of a file, or of root/gradebook.db.

    Raises CourseError for a file that can be no gradebook.
    """
    if address and "://" in address:
        return address
    path = Path(address).resolve() if address else root / "gradebook.db"
    try:
        if address and not path.parent.is_dir():
            raise FileNotFoundError("its folder is not there")
        if path.exists() and _begin(path) not in (SQLITE, b""):
            raise ValueError("no SQLite file; put a copy in its place, or move it away")
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise CourseError(f"gradebook {path}: {told}") from None
    return f"sqlite:///{path}"


def _begin(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(SQLITE))


def find_course(start: Path) -> Course:
    """Find the course at or above a folder, else around this package."""
    package = Path(__file__).resolve().parents[2]
    for root in (start, *start.parents, package):
        if (root / "nbgrader_config.py").is_file() and (root / "solutions").is_dir():
            return Course(root, WORDS)
    raise CourseError(
        "no course here: run this in the project's folder (it has nbgrader_config.py)"
    )
