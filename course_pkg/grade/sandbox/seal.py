"""The sealed package: what the box gets of the course, without the answers.

Only the modules that the words so far explain come along, and what those need. The
functions that the assignment asks for have no body; neither have the private ones that
only those call.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from course_pkg.grade.sandbox.policy import TWINS
from course_pkg.syllabus import WORDS

PACKAGE = Path(__file__).resolve().parents[2]
INSIDE = ("grade.sandbox.wire", *(f"grade.sandbox.inside.{n}" for n in (
    "capture", "kernel", "runner", "seals", "walls", "zygote"
)))  # fmt: skip
STUDENT_SIDE = ("check.ask", "check.case", "check.plain")
EMPTY = ("", "grade", "grade.sandbox", "grade.sandbox.inside", "check", "check.probes")
CHECK = '''"""In the box nothing is judged: the checks run elsewhere."""

from typing import Any


def check(name: str, answer: Any, **options: Any) -> float:
    """Say where the verdict is found."""
    print(f"{name}: checked outside of this notebook")
    return 0.0


def progress(word: str) -> None:
    """Say where the points are counted."""
    print(f"{word}: counted outside of this notebook")
'''
STUB = "raise __import__('course_pkg').SealedReference({!r})"
ERROR = '''

class SealedReference(RuntimeError):
    """What an assignment asks for: the package does not do it here."""
'''


@dataclass
class Sealed:
    """Sources by path below the box's course folder, and the bodies left out."""

    files: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the package."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def seal(word: str) -> Sealed:
    """Make the package for a word's assignment."""
    asked = {task.name for task in WORDS[word].tasks} if word in WORDS else set()
    twins, sealed = TWINS.get(word, ()), Sealed()
    for name in sorted(_needed(word)):
        path = _path(name)
        text = path.read_text("utf-8")
        if name in EMPTY:
            text = ""
        elif name not in (*INSIDE, *STUDENT_SIDE) and "probes" not in name:
            far = {t.rpartition(".")[2] for t in twins if t == _full(name, t)}
            text = _without(text, asked | far, _dotted(name), sealed.bodies)
        sealed.files[str(path.relative_to(PACKAGE.parent))] = text
    sealed.files["course_pkg/check/__init__.py"] = CHECK
    sealed.files["course_pkg/__init__.py"] = (
        PACKAGE / "__init__.py"
    ).read_text() + ERROR
    return sealed


def _dotted(name: str) -> str:
    return f"course_pkg.{name}" if name else "course_pkg"


def _full(name: str, dotted: str) -> str:
    return f"course_pkg.{name}.{dotted.rpartition('.')[2]}"


def _path(name: str) -> Path:
    base = PACKAGE.joinpath(*name.split(".")) if name else PACKAGE
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def _needed(word: str) -> set[str]:
    """Return the modules of the words up to this one, and all that they import."""
    words = list(WORDS)
    sofar = words[: words.index(word) + 1] if word in words else []
    todo = [module for w in sofar for module in WORDS[w].modules]
    todo += ["plots", "arrays", *INSIDE, *STUDENT_SIDE, *EMPTY]
    todo += [f"check.probes.{w}" for w in sofar if _path(f"check.probes.{w}").is_file()]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in found or not _path(name).is_file():
            continue
        found.add(name)
        parts = name.split(".")
        todo += [".".join(parts[:n]) for n in range(len(parts))]
        if name not in EMPTY:
            todo += _imports(_path(name).read_text("utf-8"))
    return found


def _imports(text: str) -> Iterable[str]:
    """Return the package's modules that a source imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("course_pkg."):
                yield name.removeprefix("course_pkg.")


def _without(text: str, asked: set[str], module: str, bodies: dict[str, str]) -> str:
    """Empty the functions and methods of these names, and what only they use."""
    tree = ast.parse(text)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    gone = [f for f in functions if f.name in asked]
    gone += _helpers(tree, gone)
    lines = text.splitlines()
    for f in sorted(gone, key=lambda f: -f.lineno):
        if f in tree.body:
            whole = "\n".join(lines[f.lineno - 1 : f.end_lineno])
            bodies[f"{module}.{f.name}"] = whole
        told = STUB.format(
            f"{f.name} is what this assignment asks for: write it yourself"
        )
        start = f.body[0].lineno - 1
        indent = " " * f.body[0].col_offset
        lines[start : f.end_lineno] = [indent + told]
    return "\n".join(lines) + "\n"


def _helpers(tree: ast.Module, gone: list[ast.FunctionDef]) -> list[ast.FunctionDef]:
    """Return the private functions that nothing but the emptied ones mention."""
    if not gone:
        return []
    spared = {id(n) for f in gone for n in ast.walk(f)}
    used = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in spared
    }
    private = [n for n in tree.body if isinstance(n, ast.FunctionDef)]
    return [f for f in private if f.name[0] == "_" and f.name not in used]
