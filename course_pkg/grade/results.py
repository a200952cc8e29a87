"""A submission's result as plain data, read from its graded notebook."""

import math
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from course_pkg.grade.config import TIMEOUT
from course_pkg.grade.submissions import plain
from course_pkg.syllabus import Task

Tasks = tuple[Task, ...]
REPORT = "application/vnd.unrolled.check+json"
WAITING = "written answer: needs a person"


@dataclass
class Question:
    """One task's outcome; points are None until a person has graded it."""

    id: str
    points: float | None
    max: float
    message: str = ""
    misconception: str | None = None


@dataclass
class Result:
    """One submission's outcome.

    status: graded, unreadable, missing or crashed; all but the first are a zero that
    a person must confirm, with the reason in ``note``.
    """

    student: str
    score: float
    max_score: float
    status: str
    seconds: float = 0.0
    questions: list[Question] = field(default_factory=list)
    note: str = ""
    repairs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)  # for the instructor

    @property
    def waiting(self) -> bool:
        """Whether a written answer still needs a person."""
        return any(question.points is None for question in self.questions)

    def row(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return asdict(self)


def zero(tasks: Tasks, word: str, student: str, status: str, note: str) -> Result:
    """Return the zero of a submission that could not be graded."""
    questions = [Question(f"{word}.{t.name}", 0.0, float(t.points)) for t in tasks]
    return Result(student, 0.0, _maximum(questions), status, 0, questions, note)


def from_notebook(
    tasks: Tasks, word: str, student: str, notebook: Any, released: Any
) -> Result:
    """Read a result out of a graded notebook alone, as nbgrader would read it."""
    given = {_name(cell): "".join(cell["source"]) for cell in released["cells"]}
    scores = {}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and _name(cell) in given:
            scores[_name(cell)] = _auto(cell, given[_name(cell)])
    cells = {_name(cell): cell for cell in notebook.cells}
    questions = []
    for task in tasks:
        name = task.name if task.manual else f"check-{task.name}"
        score = scores[name]
        question = Question(f"{word}.{task.name}", None, float(task.points))
        if task.manual:
            question.points = score
            question.message = WAITING if score is None else "no answer written"
        else:
            question.points = float(score or 0)
            _explain(question, cells[name], cells.get(task.name))
        questions.append(question)
    total = sum(question.points or 0.0 for question in questions)
    return Result(student, float(total), _maximum(questions), "graded", 0, questions)


def _name(cell: Any) -> Any:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _auto(cell: Any, given: str) -> float | None:
    """Return a cell's points by nbgrader's rules, None where a person gives them.

    nbgrader's own function is not imported here: it brings half a second of a Jupyter
    server along, in every worker.
    """
    meta = cell.metadata.nbgrader
    if cell.cell_type != "code" or meta.get("solution"):
        return 0.0 if cell.source == given else None
    for output in cell.outputs:
        if output.output_type == "error":
            return 0.0
        if output.output_type == "execute_result":
            return float(output.data["text/plain"])
    return float(meta["points"])


def _maximum(questions: list[Question]) -> float:
    return float(sum(question.max for question in questions))


def _explain(question: Question, check: Any, answer: Any) -> None:
    """Take message and misconception from the check's report, else from the error."""
    report = report_of(check, question.id)
    error = _error(check)
    if error and error.ename == "NameError" and answer is not None:
        own = _error(answer)
        if own:
            question.message = f"the answer's cell stops: {_line(own)}"
            return
    if error:
        question.message = _line(error)
    elif report:
        question.message = plain(str(report.get("message") or ""))
        name = report.get("misconception")
        question.misconception = plain(name, 80) if isinstance(name, str) else None


def report_of(cell: Any, name: str) -> dict | None:
    """Return the check's own report, the last that carries its name."""
    found = None
    for output in cell.get("outputs", []):
        data = output.get("data", {}).get(REPORT)
        if isinstance(data, dict) and data.get("id") == name:
            found = data
    return found


def _error(cell: Any) -> Any:
    """Return the error that ended a cell; the time limit's before its interrupt's."""
    errors = [o for o in cell.get("outputs", []) if o.output_type == "error"]
    return next(
        (e for e in errors if e.ename == TIMEOUT), errors[0] if errors else None
    )


def _line(error: Any) -> str:
    text = plain(error.evalue.partition("\n")[0], 300)
    text = re.sub(r"\((\d+\.py|<[-\w]+>), ", "(", text)  # a file name says nothing
    if error.ename == "NotImplementedError":
        return "not done yet"
    return text if error.ename == TIMEOUT else f"{plain(error.ename, 80)}: {text}"


def mean(results: list[Result]) -> float:
    """Return the mean score of the graded submissions, NaN if there is none."""
    scores = [r.score for r in results if r.status == "graded"]
    return sum(scores) / len(scores) if scores else math.nan
