"""nbgrader's settings for this course, for its own commands and for ours alike."""

import os
import sys
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Course, CourseError
from course_pkg.syllabus import WORDS

COURSE_ID = "unrolled"
# nbgrader's own list with our Execute in front; by name, so that the formgrader can
# show its configuration.
PREPROCESSORS = [
    "course_pkg.grade.execute.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
SANITIZERS = [
    "course_pkg.grade.execute.Repair",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
TIMEOUT = "CellTimeoutError"


def configure(c: Any, root: Path) -> None:
    """Fill nbgrader's configuration object; ``nbgrader_config.py`` calls this.

    Also makes what nbgrader expects to find: its ``alembic`` on PATH, the exchange's
    folder, and source notebooks no older than their text.
    """
    c.CourseDirectory.course_id = COURSE_ID
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.source_directory = "_build/course/source"
    c.CourseDirectory.release_directory = "assignments"
    c.Exchange.root = str(root / "exchange")
    c.Autograde.autograde_preprocessors = PREPROCESSORS
    c.Autograde.sanitize_preprocessors = SANITIZERS
    c.Autograde.pre_convert_hook = "course_pkg.grade.execute.refuse_links"
    c.HTMLExporter.sanitize_html = True  # pages show what students wrote, run nothing
    c.HTMLExporter.filters = {
        "clean_html": "course_pkg.grade.pages.clean",
        "markdown2html": "course_pkg.grade.pages.markdown",
    }
    be_quiet()
    put_environment_on_path()
    (root / "exchange").mkdir(exist_ok=True)
    refresh_sources(root)


def be_quiet() -> None:
    """Silence what nbgrader 0.9 provokes in SQLAlchemy 2.1 for every submission."""
    import warnings

    from sqlalchemy.exc import SAWarning

    warnings.filterwarnings("ignore", "Object of type", SAWarning)


def put_environment_on_path() -> None:
    """Put this environment's programs on PATH: nbgrader calls ``alembic`` by name."""
    folder = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if folder not in path.split(os.pathsep):
        os.environ["PATH"] = f"{folder}{os.pathsep}{path}"


def refresh_sources(root: Path) -> None:
    """Build the source notebooks that are older than their text or the package.

    A mistake in a text is one line on stderr: it must not stop ``nbgrader list``.
    """
    from course_pkg.grade.release import write_source

    course = Course(root, WORDS)
    times = [p.stat().st_mtime for p in (root / "course_pkg").rglob("*.py")]
    for word in sorted(WORDS):
        text = course.solution(word)
        if not text.is_file():
            continue
        source = course.source(word)
        newest = max(*times, *(p.stat().st_mtime for p in text.parent.iterdir()))
        if source.is_file() and source.stat().st_mtime >= newest:
            continue
        try:
            write_source(course, word)
        except CourseError as error:
            print(f"source notebook not built: {error}", file=sys.stderr)


def load(root: Path) -> Any:
    """Return what ``nbgrader_config.py`` at the root makes, or raise CourseError."""
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    if (root / "nbgrader_config.py").is_file():
        loader = PyFileConfigLoader("nbgrader_config.py", path=str(root))
        try:
            return loader.load_config()
        except CourseError:
            raise
        except Exception as error:  # it is a program, which an instructor may edit
            told = f"{type(error).__name__}: {error}"
            raise CourseError(f"{root / 'nbgrader_config.py'}: {told}") from None
    config = Config()
    configure(config, root)
    return config
