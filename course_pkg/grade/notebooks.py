"""From authored MyST text to nbgrader's source notebook, deterministic to the byte."""

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Course, CourseError
from course_pkg.grade.solutions import expand, regions
from course_pkg.syllabus import Task

ROLES = ("solution", "check", "locked", "written")
# Fixed, so that the machine that builds leaves no trace in the file.
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
MYST_ONLY = re.compile(r"^ *(?:`{3,}|:{3,})\{[\w-]+\}|\{[\w:-]+\}`|^\([\w-]+\)=$", re.M)


def source_notebook(course: Course, word: str) -> Any:
    """Build the notebook with solutions of one word.

    Points come from the syllabus alone and cell ids from the tasks' names. Raises
    CourseError with file and line where the text and the syllabus do not agree.
    """
    tasks = {task.name: task for task in course.tasks(word)}
    path = course.solution(word)
    if not path.is_file():
        raise CourseError(f"{path}: not there; write the assignment's text first")
    authored = _read(path)
    builder = _Builder(word, tasks, course.root)
    cells = []
    for cell, line in zip(authored.cells, authored.metadata.source_map, strict=True):
        try:
            cells.append(builder.cell(cell))
        except CourseError as error:
            raise CourseError(f"{path.name}:{line + 1}: {error}") from None
    builder.expect_all(path.name)
    return _notebook(cells)


def _read(path: Path) -> Any:
    from myst_nb.core.read import (
        is_myst_markdown_notebook,
        read_myst_markdown_notebook,
    )

    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise CourseError(f"{path.name}: must be UTF-8: {error}") from None
    if not is_myst_markdown_notebook(text):
        raise CourseError(f"{path.name}: must begin with '---', 'file_format: mystnb'")
    try:
        return read_myst_markdown_notebook(text, add_source_map=True, path=path)
    except Exception as error:  # the reader has several kinds, all the author's
        raise CourseError(f"{path.name}: {error}") from None


def _notebook(cells: list[dict]) -> Any:
    import nbformat

    notebook = nbformat.v4.new_notebook(metadata=METADATA, cells=cells)
    notebook = nbformat.from_dict(notebook)
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return notebook


class _Builder:
    """Turns authored cells into nbgrader's, one after another, and keeps count."""

    def __init__(self, word: str, tasks: dict[str, Task], root: Path):
        self.word, self.tasks, self.root = word, tasks, root
        self.done: dict[str, set[str]] = {role: set() for role in ROLES}
        self.ids: Counter[str] = Counter()

    def cell(self, authored: Any) -> dict:
        """Return the notebook's cell for one authored cell."""
        options = {k: v for k, v in authored.metadata.items() if k != "points"}
        roles = [role for role in ROLES if role in options]
        unknown = sorted(set(options) - set(ROLES))
        if unknown or len(roles) > 1:
            raise CourseError(f"cell options: one of {', '.join(ROLES)}; got {options}")
        source = str(authored.source)
        if not roles:
            return self._free(authored.cell_type, source)
        role, name = roles[0], str(options[roles[0]])
        if (role == "written") != (authored.cell_type == "markdown"):
            raise CourseError(f"{role}: {name} cannot be a {authored.cell_type} cell")
        if role != "locked":
            self._expect_task(role, name, authored.metadata.get("points"))
        if name in self.done[role]:
            raise CourseError(f"{role}: {name} is there twice")
        self.done[role].add(name)
        return getattr(self, f"_{role}")(name, source)

    def _expect_task(self, role: str, name: str, points: object) -> None:
        task = self.tasks.get(name)
        if task is None:
            known = ", ".join(self.tasks)
            raise CourseError(f"{role}: {name} is no task of the syllabus ({known})")
        if task.manual != (role == "written"):
            kind = "a written answer" if task.manual else "graded by a check"
            raise CourseError(f"{role}: {name} is {kind} in the syllabus")
        if points is not None and points != task.points:
            raise CourseError(
                f"{name}: {points} points here, {task.points} in the syllabus; "
                "leave them out here"
            )

    def _free(self, kind: str, source: str) -> dict:
        if re.search("(BEGIN|END|###) SOLUTION", source):
            raise CourseError("a solution in a cell without the option solution")
        found = MYST_ONLY.search(source) if kind == "markdown" else None
        if found:
            raise CourseError(f"JupyterLab cannot show MyST's {found[0].strip()!r}")
        prefix = "text" if kind == "markdown" else "code"
        self.ids[prefix] += 1
        return _cell(kind, f"{prefix}-{self.ids[prefix]:02d}", source)

    def _locked(self, name: str, source: str) -> dict:
        if name in self.tasks or not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
            raise CourseError(f"locked: {name!r} must be a small plain name of its own")
        return _cell("code", name, source, locked=True)

    def _solution(self, name: str, source: str) -> dict:
        source = expand(source, self.root)
        if not any(regions(source)):
            raise CourseError(f"solution: {name} has no ### SOLUTION line")
        return _cell("code", name, source, solution=True)

    def _written(self, name: str, source: str) -> dict:
        points = self.tasks[name].points
        return _cell("markdown", name, source, solution=True, points=points)

    def _check(self, name: str, source: str) -> dict:
        if name not in self.done["solution"]:
            raise CourseError(f"check: {name} stands before its solution")
        graded = f"{self.word}.{name}"
        source = source.strip() or f'check("{graded}", {name})'
        if _checked(source) != graded:
            raise CourseError(f'check: {name} must end with check("{graded}", …)')
        points = self.tasks[name].points
        return _cell("code", f"check-{name}", source, locked=True, points=points)

    def expect_all(self, file: str) -> None:
        """Raise CourseError unless every task of the syllabus has its cells."""
        for role in ("solution", "check", "written"):
            wanted = [
                n for n, t in self.tasks.items() if t.manual == (role == "written")
            ]
            missing = [name for name in wanted if name not in self.done[role]]
            if missing:
                raise CourseError(f"{file}: no {role} cell for {', '.join(missing)}")


def _checked(source: str) -> object:
    """Return what the last expression of a cell checks, None if it checks nothing."""
    try:
        match ast.parse(source).body[-1:]:
            case [ast.Expr(ast.Call(ast.Name("check"), [ast.Constant(name), *_]))]:
                return name
    except SyntaxError as error:
        raise CourseError(f"the check cell is not Python: {error.msg}") from None
    return None


def _cell(
    kind: str,
    name: str,
    source: str,
    *,
    solution: bool = False,
    locked: bool = False,
    points: float | None = None,
) -> dict:
    """Return a cell; with a role it gets nbgrader's metadata, schema version 3."""
    cell: dict = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    graded = points is not None
    if solution or locked or graded:
        cell["metadata"]["nbgrader"] = {
            "grade": graded,
            "grade_id": name,
            "locked": locked,
            "schema_version": 3,
            "solution": solution,
            "task": False,
        } | ({"points": points} if graded else {})
    return cell
