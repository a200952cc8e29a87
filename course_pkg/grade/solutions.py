"""Solution regions: bodies taken from the package, and what must not be released."""

import ast
import re
import textwrap
from pathlib import Path

from course_pkg.grade.course import CourseError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
FROM_PACKAGE = re.compile(r"^([ \t]*)### SOLUTION +([\w.]+)[ \t]*$", re.MULTILINE)
Function = ast.FunctionDef


def function_source(root: Path, dotted: str) -> tuple[list[str], str]:
    """Return the parameters and the body, without docstring, of a package function.

    The file is read, not imported: release needs no torch, and a comment stays.
    """
    module, _, name = dotted.rpartition(".")
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        raise CourseError(f"### SOLUTION {dotted}: there is no {module} in the package")
    text = path.read_text("utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, Function) and node.name == name:
            return parameters(node), _body(node, text.splitlines())
    raise CourseError(f"### SOLUTION {dotted}: {module} has no function {name}")


def parameters(node: Function) -> list[str]:
    """Return the parameters' names in order."""
    a = node.args
    stars = [arg for arg in (a.vararg, a.kwarg) if arg]
    return [arg.arg for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs, *stars)]


def _body(node: Function, lines: list[str]) -> str:
    """Return what a student writes: neither docstring nor the checks of arguments."""
    first = node.body[0]
    skipped = [first] if ast.get_docstring(node) is not None else []
    for statement in node.body[len(skipped) :]:
        if not _expects(statement):
            break
        skipped.append(statement)
    if first.lineno == node.lineno or len(skipped) == len(node.body):
        raise CourseError(f"### SOLUTION {node.name}: the function has no body to take")
    last = skipped[-1] if skipped else None
    start = (last.end_lineno or last.lineno) if last else first.lineno - 1
    return textwrap.dedent("\n".join(lines[start : node.end_lineno])).strip("\n")


def _expects(statement: ast.stmt) -> bool:
    """Say whether a statement checks an argument of the package's own functions."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    name = call.func if isinstance(call, ast.Call) else None
    return isinstance(name, ast.Name) and name.id.startswith("expect_")


def expand(source: str, root: Path) -> str:
    """Replace each ``### SOLUTION name`` line of a cell by that function's body.

    Raises CourseError where the cell's function has other parameters than the
    package's, because the body would then speak of names that are not there.
    """
    for match in FROM_PACKAGE.finditer(source):
        indent, dotted = match.groups()
        wanted, body = function_source(root, dotted)
        region = textwrap.indent("\n".join((BEGIN, body, END)), indent)
        at = source[: source.index(match[0])].count("\n") + 1
        source = source.replace(match[0], region, 1)
        got = _enclosing_parameters(source, at)
        if got != wanted:
            raise CourseError(
                f"### SOLUTION {dotted}: the package has ({', '.join(wanted)}), "
                f"the cell has ({', '.join(got)})"
            )
    return source


def _enclosing_parameters(source: str, line: int) -> list[str]:
    try:
        nodes = ast.walk(ast.parse(source))
    except SyntaxError as error:
        raise CourseError(f"the cell is not Python: {error.msg}") from None
    around = [
        node
        for node in nodes
        if isinstance(node, Function) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not around:
        raise CourseError("### SOLUTION stands outside a function")
    return parameters(max(around, key=lambda node: node.lineno))


def regions(source: str) -> list[list[str]]:
    """Return the lines of each solution region of a code cell, spaces made one."""
    found: list[list[str]] = []
    inside = False
    for line in source.splitlines():
        if BEGIN in line:
            inside = True
            found.append([])
        elif END in line:
            inside = False
        elif inside and line.strip():
            found[-1].append(" ".join(line.split()))
    return found


def fragments(cell: dict) -> list[str]:
    """Return the pieces of a solution cell that no released cell may contain.

    Code: every two successive lines of a region (a single line may be ordinary).
    Written answers: every sentence of four words or more.
    """
    if cell["cell_type"] == "code":
        pieces = []
        for lines in regions(cell["source"]):
            width = min(2, len(lines))
            starts = range(len(lines) - width + 1)
            pieces += ["\n".join(lines[i : i + width]) for i in starts]
        return pieces
    text = " ".join(cell["source"].split())
    return [s for s in re.split(r"(?<=[.!?]) ", text) if len(s.split()) >= 4]


def leak(cell: dict, released: str) -> str | None:
    """Return the first piece of a solution cell that the released text contains."""
    lines = "\n".join(" ".join(x.split()) for x in released.splitlines() if x.strip())
    text = lines if cell["cell_type"] == "code" else " ".join(lines.split())
    return next((piece for piece in fragments(cell) if piece in text), None)
