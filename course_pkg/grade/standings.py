"""Where every student stands: the last run's results with the gradebook's points."""

from dataclasses import dataclass, field
from typing import Any

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.report import kept
from course_pkg.grade.results import WAITING, Question
from course_pkg.grade.run import gradebook
from course_pkg.grade.submissions import plain

ABSENT = "not handed in"
STOPPED = "stopped while it was graded"


@dataclass
class Standing:
    """One student: as graded, and what a person has said since.

    status: as in `Result`, or ABSENT for one of the class list without a submission.
    ``comments`` are by cell; ``by_hand`` names the questions whose points a person set.
    """

    student: str
    status: str
    max_score: float
    questions: list[Question] = field(default_factory=list)
    note: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    penalty: float = 0.0
    timestamp: str = ""
    repairs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    by_hand: set[str] = field(default_factory=set)
    confirm: bool = False

    @property
    def raw_score(self) -> float:
        """Points so far, what still waits counting nothing."""
        return float(sum(question.points or 0.0 for question in self.questions))

    @property
    def score(self) -> float:
        """Points so far less the penalty for lateness, never below nothing."""
        return max(0.0, self.raw_score - self.penalty)

    @property
    def waiting(self) -> str:
        """Say what a person must still do, or return ""."""
        if self.confirm:
            return f"{self.status}: the zero must be confirmed"
        if any(question.points is None for question in self.questions):
            return "a written answer waits for a person"
        return ""

    @property
    def name(self) -> str:
        """Return the name in the class list, the id where there is none."""
        return f"{self.first_name} {self.last_name}".strip() or self.student


def standings(room: Classroom, word: str) -> list[Standing]:
    """Return who is in the last run and in the class list, sorted by id.

    Raises CourseError where the class has not been graded.
    """
    path = room.results(word)
    if not path.is_file():
        raise CourseError(f"{word} is not graded here yet; run: course grade {word}")
    found = {row["student"]: _standing(row) for row in kept(path)}
    most = float(sum(task.points for task in room.course.tasks(word)))
    with gradebook(room) as book:
        for person in book.students:
            standing = found.setdefault(person.id, Standing(person.id, ABSENT, most))
            standing.first_name = plain(person.first_name or "", 100)
            standing.last_name = plain(person.last_name or "", 100)
            standing.email = plain(person.email or "", 200)
        _points(room, word, book, found)
        _comments(word, book, found)
    return [found[student] for student in sorted(found)]


def _standing(row: dict[str, Any]) -> Standing:
    questions = [Question(**question) for question in row["questions"]]
    standing = Standing(
        row["student"], row["status"], row["max_score"], questions, row["note"]
    )
    standing.repairs = [plain(str(x), 300) for x in row.get("repairs") or []]
    standing.warnings = [plain(str(x), 300) for x in row.get("warnings") or []]
    standing.confirm = row["status"] != "graded"
    return standing


def _rows(word: str, book: Any, kind: Any, *columns: Any) -> Any:
    """Ask for grades or comments of one assignment, all students in one question."""
    from nbgrader.api import Assignment, BaseCell, SubmittedAssignment
    from nbgrader.api import SubmittedNotebook as Notebook

    return (
        book.db.query(SubmittedAssignment.student_id, BaseCell.name, *columns)
        .select_from(kind)
        .join(BaseCell, kind.cell_id == BaseCell.id)
        .join(Notebook, kind.notebook_id == Notebook.id)
        .join(SubmittedAssignment, Notebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(Assignment.name == word)
    )


def _points(room: Classroom, word: str, book: Any, found: dict[str, Standing]) -> None:
    """Put the gradebook's points in place of the run's."""
    from nbgrader.api import Grade, SubmittedAssignment
    from nbgrader.api import SubmittedNotebook as Notebook

    cells = {
        task.name if task.manual else f"check-{task.name}": f"{word}.{task.name}"
        for task in room.course.tasks(word)
    }
    columns = (Grade, Notebook.late_submission_penalty, SubmittedAssignment.timestamp)
    waits: dict[str, bool] = {}
    for student, cell, grade, penalty, timestamp in _rows(word, book, Grade, *columns):
        standing = found[student]
        if standing.status == ABSENT:  # in the gradebook, but not among the results
            standing.status, standing.confirm = STOPPED, True
        standing.penalty = float(penalty or 0.0)
        standing.timestamp = str(timestamp or "")
        waits[student] = waits.get(student, False) or grade.needs_manual_grade
        for question in standing.questions:
            if question.id == cells.get(cell):
                _update(standing, question, grade)
    for standing in found.values():
        if standing.status != STOPPED:
            standing.confirm &= waits.get(standing.student, True)


def _update(standing: Standing, question: Question, grade: Any) -> None:
    if grade.needs_manual_grade and standing.status == "graded":
        question.points, question.message = None, question.message or WAITING
        return
    question.points = float(grade.score or 0.0)
    if grade.manual_score is not None:
        standing.by_hand.add(question.id)
        if question.message.startswith(WAITING):
            question.message = ""


def _comments(word: str, book: Any, found: dict[str, Standing]) -> None:
    from nbgrader.api import Comment

    for student, cell, comment in _rows(word, book, Comment, Comment.manual_comment):
        if comment:
            found[student].comments[cell] = plain(comment, 4000)
