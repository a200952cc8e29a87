"""Small classes, one for each word but `bptt`: who wrote what, what is lost by it.

`python -m tests.grade.classes` writes tests/data/class/<word> from the released
notebooks. classes/<word>.py has STUDENTS, whose methods and texts are answers, named
as their tasks; who inherits wrote the same but for what differs. LOST says which tasks
cost a student how much, and the mistake's name.
"""

import inspect
import json
import textwrap
from importlib import import_module
from pathlib import Path
from types import ModuleType

from course_pkg.syllabus import WORDS

ROOT = Path(__file__).parents[3]
CLASSES = ROOT / "tests" / "data" / "class"
GRADED = [word for word, row in WORDS.items() if row.tasks and word != "bptt"]


def module(word: str) -> ModuleType:
    """Return the module with a word's class."""
    return import_module(f"{__name__}.{word}")


def answer(student: type, task: str) -> str | None:
    """Return what a student wrote in the cell of a task, None for nothing."""
    written = getattr(student, task, None)
    text = inspect.getsource(written) if callable(written) else written
    return text and textwrap.dedent(text).strip()


def notebook(word: str, student: type) -> str:
    """Return the released notebook of a word with the student's answers in it."""
    path = ROOT / "assignments" / word / f"{word}.ipynb"
    released = json.loads(path.read_text(encoding="utf-8"))
    for cell in released["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if written := answer(student, grade_id):
            cell["source"] = written.splitlines(keepends=True)
    return json.dumps(released, indent=1, ensure_ascii=False) + "\n"


def submissions(word: str) -> dict[Path, str]:
    """Return what a class hands in: file -> text."""
    students = module(word).STUDENTS
    return {
        CLASSES / word / student.__name__.lower() / word / f"{word}.ipynb": text
        for student in students
        for text in [notebook(word, student)]
    }
