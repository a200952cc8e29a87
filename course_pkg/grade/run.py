"""An assignment ready to be graded: in the gradebook, and with its solutions run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.release import generate, nbgrader_session


def open_assignment(room: Classroom, word: str) -> tuple[Any, Any]:
    """Bring the gradebook up to the assignment's present text.

    Returns nbgrader's settings and the released notebook. Raises CourseError where
    nbgrader cannot, as when cells changed after grading.
    """
    import nbformat

    room.root.mkdir(parents=True, exist_ok=True)
    released = generate(room.course, word, room.db_url)
    config, _, _ = nbgrader_session(room.course.root, room.root, room.db_url)
    return config, nbformat.read(released, as_version=4)


@contextmanager
def gradebook(room: Classroom) -> Iterator[Any]:
    """Open the class's gradebook, or raise CourseError if it cannot be opened."""
    from nbgrader.api import Gradebook

    from course_pkg.grade.config import COURSE_ID

    with Gradebook(room.db_url, COURSE_ID) as book:
        yield book


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
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
        raise CourseError(f"{path.name} with its solutions stops: {reason}") from None
    except CellTimeoutError:
        reason = f"a cell ran longer than {client.timeout} s"
        raise CourseError(f"{path.name} with its solutions stops: {reason}") from None
    points = {}
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and meta.get("grade"):
            points[meta["grade_id"]] = (score(cell) or 0.0, float(meta["points"]))
    return points
