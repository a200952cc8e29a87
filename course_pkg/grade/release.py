"""``course release``: text → source notebook → nbgrader's release, without leaks."""

import io
import logging
import shutil
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Course, CourseError
from course_pkg.grade.notebooks import source_notebook
from course_pkg.grade.solutions import BEGIN, END, FROM_PACKAGE, leak


def write_source(course: Course, word: str) -> Path:
    """Build a word's source notebook, with the files beside its text, and return it."""
    import nbformat

    notebook = source_notebook(course, word)
    path = course.source(word)
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(notebook) + "\n", "utf-8", newline="\n")
    for extra in sorted(course.solution(word).parent.iterdir()):
        if extra.is_file() and extra.suffix != ".md" and extra.name[0] != ".":
            shutil.copyfile(extra, path.parent / extra.name)
    return path


def release(course: Course, word: str, db_url: str | None = None) -> Path:
    """Make ``assignments/<word>/`` and return the notebook in it.

    nbgrader's own ``generate_assignment`` works in a scratch folder; what it made
    replaces the old release only after the leak check. Raises CourseError.
    """
    made = generate(course, word, db_url)
    expect_sealed(course, word, made)
    target = course.assignment(word)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = {path.name for path in made.parent.iterdir()}
    for old in target.parent.iterdir():
        if old.is_file() and old.name not in fresh:
            old.unlink()
    for path in sorted(made.parent.iterdir()):
        shutil.copyfile(path, target.parent / path.name)
    return target


def generate(course: Course, word: str, db_url: str | None = None) -> Path:
    """Run generate_assignment: fills the gradebook, returns the scratch release."""
    from nbgrader.converters import GenerateAssignment

    write_source(course, word)
    config, directory, log = nbgrader_session(course.root, course.root, db_url)
    directory.assignment_id = word
    directory.release_directory = "_build/course/release"
    converter = GenerateAssignment(
        coursedir=directory, config=config, log=log.logger, force=True
    )
    try:
        converter.start()
    except Exception as error:
        raise CourseError(_refusal(word, log.reason(error))) from None
    return course.work / "release" / word / f"{word}.ipynb"


def _refusal(word: str, reason: str) -> str:
    """Say why nbgrader does not release; it keeps the cells of what it has graded."""
    if "submissions associated" in reason:
        return (
            f"cells of {word} were added or removed after it was graded: choose another"
            " gradebook (course grade --to DIR), or move the old gradebook.db away"
        )
    return f"nbgrader cannot release {word}: {reason}"


def expect_sealed(course: Course, word: str, released: Path) -> None:
    """Raise CourseError if the released notebook still holds part of a solution."""
    import nbformat

    source = nbformat.read(course.source(word), as_version=4)
    notebook = nbformat.read(released, as_version=4)
    text = "\n\n".join(cell.source for cell in notebook.cells)
    for mark in (BEGIN, END):
        if mark.lstrip("# ") in text or FROM_PACKAGE.search(text):
            raise CourseError(f"{word}: the release still says {mark!r}")
    if any(cell.get("outputs") for cell in notebook.cells):
        raise CourseError(f"{word}: the release has outputs")
    for cell in source.cells:
        if not cell.metadata.get("nbgrader", {}).get("solution"):
            continue
        for other in notebook.cells:
            piece = leak(cell, other.source)
            if piece:
                shown = piece.replace("\n", " / ")
                raise CourseError(
                    f"{word}: the solution of {cell.id} leaks into {other.id}: {shown}"
                )


class Log:
    """nbgrader's log of one run, kept in memory to name the reason of a failure."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.logger = logging.Logger("course.nbgrader", logging.INFO)
        self.logger.addHandler(logging.StreamHandler(self.text))

    def reason(self, error: BaseException) -> str:
        """Return one line: the last traceback's last line, else the error's own."""
        blocks = self.text.getvalue().split("Traceback (most recent call last):")
        lines = blocks[-1].splitlines() if len(blocks) > 1 else []
        raised = [x for x in lines if x[:1].isalpha() and ": " in x]
        if not raised:
            return str(error) or type(error).__name__
        kind, _, text = raised[0].partition(": ")
        return " ".join(f"{kind.rpartition('.')[2]}: {text}".split())


def nbgrader_session(
    config_root: Path, root: Path, db_url: str | None = None
) -> tuple[Any, Any, Log]:
    """Return configuration, course directory and log for nbgrader's converters."""
    from nbgrader.coursedir import CourseDirectory

    from course_pkg.grade.config import load

    config, log = load(config_root), Log()
    config.CourseDirectory.root = str(root)
    if db_url:
        config.CourseDirectory.db_url = db_url
    return config, CourseDirectory(config=config, log=log.logger), log
