"""The unit of work: a submission, a release and a seed in, an outcome out.

A pure function of its arguments, so it may run anywhere and run again. What it takes
and gives is plain data that can be sent to another process.
"""

import hashlib
import json
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from course_pkg.grade.limits import Limits
from course_pkg.grade.repair import repair
from course_pkg.grade.results import Result, from_notebook, zero
from course_pkg.grade.submissions import Missing, Unreadable
from course_pkg.syllabus import Task

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Release:
    """An assignment as students got it; ``version`` says which by its content."""

    word: str
    notebook: dict[str, Any]
    tasks: tuple[Task, ...]
    version: str

    @classmethod
    def of(
        cls, word: str, notebook: dict[str, Any], tasks: tuple[Task, ...]
    ) -> "Release":
        """Make a release of a notebook of format 4, as JSON has it or nbformat."""
        import nbformat

        joined = nbformat.reads(json.dumps(notebook), as_version=4)  # lines, to texts
        text = json.dumps([joined, [repr(task) for task in tasks]], sort_keys=True)
        version = hashlib.sha256(text.encode()).hexdigest()
        return cls(word, json.loads(json.dumps(joined)), tasks, version)


@dataclass(frozen=True)
class Unit:
    """One student's submission to grade: the bytes of the notebook, and the rest."""

    student: str
    content: bytes
    release: Release
    seed: int = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    sandbox: str = "bwrap"

    @property
    def key(self) -> str:
        """Say by what the outcome is determined: the same key, the same outcome."""
        said = (self.release.version, self.seed, self.limits, grader_version())
        head = hashlib.sha256(repr(said).encode())
        head.update(self.content)
        return head.hexdigest()


@dataclass
class Outcome:
    """What grading brought: the result, and the executed notebook unless unreadable."""

    result: Result
    notebook: dict[str, Any] | None
    repairs: list[str]
    key: str


def grade_unit(unit: Unit, box: Any) -> Outcome:
    """Repair a submission, run it in a session of the box, and judge it here.

    Whatever the submission holds, an outcome comes back; only a box that does not work
    raises.
    """
    from course_pkg.grade.cells import own_cells, run_cells  # only workers need torch

    start = time.perf_counter()
    release = unit.release
    try:
        mended = repair(unit.content, release.notebook)
    except Unreadable as error:
        status = "missing" if isinstance(error, Missing) else "unreadable"
        result = zero(release.tasks, release.word, unit.student, status, str(error))
        return Outcome(result, None, [], unit.key)
    notebook = mended.notebook
    with box.session() as session:
        own = own_cells(release.notebook)
        seconds = unit.limits.cell_seconds
        warnings = run_cells(notebook, session, unit.seed, own, seconds)
    released = release.notebook
    result = from_notebook(
        release.tasks, release.word, unit.student, notebook, released
    )
    result.repairs, result.warnings = list(mended.notes), warnings
    result.seconds = round(time.perf_counter() - start, 3)
    return Outcome(result, json.loads(json.dumps(notebook)), result.repairs, unit.key)


@cache
def grader_version() -> str:
    """Return a hash of the package's source: another grader may judge otherwise."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        found.update(path.relative_to(PACKAGE).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()
