"""Grading: one submission at a time, each a function from a submission to a result."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_pkg.grade.config import set_cell_seconds
from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.release import Log, generate, nbgrader_session
from course_pkg.grade.results import Result, failed, graded
from course_pkg.grade.submissions import (
    Missing,
    Submission,
    Unreadable,
    plain,
    stage,
)


@dataclass
class Session:
    """What all submissions of one run share: folders, settings, released notebook."""

    room: Classroom
    word: str
    config: Any
    directory: Any
    released: Any
    log: Log


def open_session(
    room: Classroom, word: str, cell_seconds: int | None = None
) -> Session:
    """Bring the gradebook up to the assignment's present text and settings.

    Raises CourseError where nbgrader cannot, as when cells changed after grading.
    """
    import nbformat

    room.root.mkdir(parents=True, exist_ok=True)
    released = generate(room.course, word, room.db_url)
    config, directory, log = nbgrader_session(room.course.root, room.root, room.db_url)
    if cell_seconds:
        set_cell_seconds(config, cell_seconds)
    directory.assignment_id = word
    directory.submitted_directory = room.staged
    directory.release_directory = str(released.parents[1])
    directory.source_directory = str(room.course.source(word).parents[1])
    notebook = nbformat.read(released, as_version=4)
    return Session(room, word, config, directory, notebook, log)


def grade_submission(submission: Submission, session: Session) -> Result:
    """Grade one submission; whatever it holds, it comes back as a result.

    Only KeyboardInterrupt leaves: then nbgrader has removed what was half done.
    """
    start = time.perf_counter()
    try:
        note = stage(session.room, session.word, submission, session.released)
        result = _autograde(submission.student, session)
        result.note = note
    except Missing as error:
        result = _zero(submission, session, "missing", str(error))
    except Unreadable as error:
        result = _zero(submission, session, "unreadable", str(error))
    except Exception as error:  # a class must not stop for one submission
        reason = plain(session.log.reason(error), 200)
        result = _zero(submission, session, "crashed", reason)
    result.seconds = round(time.perf_counter() - start, 3)
    return result


def _autograde(student: str, session: Session) -> Result:
    import nbformat
    from nbgrader.converters import Autograde

    session.directory.student_id = student
    session.log.text.truncate(0)
    converter = Autograde(
        coursedir=session.directory,
        config=session.config,
        log=session.log.logger,
        force=True,
    )
    converter.start()
    folder = session.room.autograded(session.word, student)
    notebook = nbformat.read(folder / f"{session.word}.ipynb", as_version=4)
    course = session.room.course
    with grades(session.room, session.word, student) as found:
        return graded(course, session.word, student, notebook, found)


@contextmanager
def gradebook(room: Classroom) -> Iterator[Any]:
    """Open the class's gradebook, or raise CourseError if it cannot be opened."""
    from nbgrader.api import Gradebook

    from course_pkg.grade.config import COURSE_ID

    with Gradebook(room.db_url, COURSE_ID) as book:
        yield book


@contextmanager
def grades(room: Classroom, word: str, student: str) -> Iterator[dict[str, Any]]:
    """Give the gradebook's grades of one submission by cell name."""
    with gradebook(room) as book:
        notebook = book.find_submission_notebook(word, word, student)
        yield {grade.name: grade for grade in notebook.grades}


def _zero(submission: Submission, session: Session, status: str, note: str) -> Result:
    """Enter a zero that a person must confirm, and drop an earlier run's pages."""
    room, word, student = session.room, session.word, submission.student
    for folder in (room.autograded(word, student), room.feedback(word, student)):
        shutil.rmtree(folder, ignore_errors=True)
    if student == plain(student):
        with gradebook(room) as book:
            book.update_or_create_student(student)
            book.update_or_create_submission(word, student)
            notebook = book.find_submission_notebook(word, word, student)
            for grade in notebook.grades:
                grade.auto_score, grade.needs_manual_grade = 0, True
            book.db.commit()
    return failed(room.course, word, student, status, note)


def run_source(path: Path) -> dict[str, tuple[float, float]]:
    """Run a notebook with its solutions: points got and possible, by check cell.

    Raises CourseError with the first cell that fails.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    from course_pkg.grade.outputs import score

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=60,
        resources={"metadata": {"path": path.parent}},
        extra_arguments=["--log-level=ERROR"],
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise CourseError(f"{path.name} with its solutions stops: {reason}") from None
    points = {}
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and meta.get("grade"):
            points[meta["grade_id"]] = (score(cell) or 0.0, float(meta["points"]))
    return points
