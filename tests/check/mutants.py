"""Small mistakes, planted one at a time in the course's own solutions.

`python tests/check/mutants.py [word ...]` prints, for each task, how many of them the
checks notice, and those that they do not.
"""

import ast
import copy
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from asking import GRADED, report

from course_pkg.grade.course import find_course
from course_pkg.grade.notebooks import source_notebook
from course_pkg.syllabus import WORDS

OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
METHODS = {"sum": "mean", "mean": "sum", "max": "min", "argsort": "argmax"}
METHODS |= {"log": "log2", "ones": "zeros", "zeros": "ones", "insert": "append"}


class Mutant(NamedTuple):
    """A solution with one mistake: its task, what was changed, and its source."""

    word: str
    task: str
    change: str
    source: str


@cache
def cells(word: str) -> tuple[str, dict[str, str]]:
    """Return the locked cells of an assignment, and each task's solution."""
    notebook = source_notebook(find_course(Path(__file__)), word)
    locked, solutions = [], {}
    tasks = {task.name for task in WORDS[word].tasks if not task.manual}
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not meta or meta.get("grade"):
            continue
        if meta["grade_id"] in tasks:
            solutions[meta["grade_id"]] = cell.source
        elif meta.get("locked"):
            locked.append(cell.source)
    return "\n".join(locked), solutions


def replacements(node: ast.AST) -> Iterator[ast.AST]:
    """Return what may stand wrongly in a node's place."""
    new: Any = copy.deepcopy(node)
    match new:
        case ast.BinOp(op=ast.MatMult()):
            new.left, new.right = new.right, new.left
            yield new
        case ast.BinOp() | ast.AugAssign() | ast.BoolOp() if type(new.op) in OPERATORS:
            new.op = OPERATORS[type(new.op)]()
            yield new
        case ast.Compare(ops=[op]) if type(op) in OPERATORS:
            new.ops = [OPERATORS[type(op)]()]
            yield new
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield new.operand
        case ast.Attribute(attr="T"):
            yield new.value
        case ast.Attribute() if new.attr in METHODS:
            new.attr = METHODS[new.attr]
            yield new
        case ast.If() | ast.IfExp():
            new.test = ast.UnaryOp(ast.Not(), new.test)
            yield new
        case ast.Call(func=ast.Name(id="reversed"), args=[inner]):
            yield inner
        case ast.Call() if new.keywords:
            for i in range(len(new.keywords)):
                less = copy.deepcopy(new)
                del less.keywords[i]
                yield less
        case ast.Return(value=ast.Tuple(elts=[_, _, *_])):
            new.value.elts[:2] = reversed(new.value.elts[:2])
            yield new


class Planter(ast.NodeTransformer):
    """Put one replacement at one place, counted in the order of a walk."""

    def __init__(self, place: int, which: int) -> None:
        self.left, self.which, self.change = place, which, ""

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace the node whose turn it is."""
        self.left -= 1
        if self.left == -1:
            new = list(replacements(node))[self.which]
            self.change = f"{ast.unparse(node)} -> {ast.unparse(new)}"
            return ast.copy_location(new, node)
        return super().visit(node)


def mutants(word: str, task: str) -> Iterator[Mutant]:
    """Return a task's solution with each mistake in turn."""
    tree = ast.parse(cells(word)[1][task])
    order = _order(tree)
    for place, node in enumerate(order):
        for which in range(len(list(replacements(node)))):
            planter = Planter(place, which)
            new = ast.fix_missing_locations(planter.visit(copy.deepcopy(tree)))
            yield Mutant(word, task, planter.change, ast.unparse(new))


def _order(tree: ast.AST) -> list[ast.AST]:
    """Return the nodes in the order in which a transformer meets them."""
    return [tree, *(n for child in ast.iter_child_nodes(tree) for n in _order(child))]


def survives(mutant: Mutant) -> bool:
    """Tell whether the checks give a mutant all points, on two seeds."""
    names: dict[str, Any] = {"__name__": "answer"}
    locked, solutions = cells(mutant.word)
    others = [text for task, text in solutions.items() if task != mutant.task]
    exec("\n\n".join([locked, *others, mutant.source]), names)
    answer = names[mutant.task]
    for seed in (None, 11):
        found = report(mutant.task, answer, seed, mutant.word)
        if found.points < found.task.points:
            return False
    return True


def main(words: list[str]) -> None:
    """Print what survives."""
    for word in words or GRADED:
        for task in cells(word)[1]:
            made = list(mutants(word, task))
            alive = [m for m in made if survives(m)]
            print(f"{word}.{task}: {len(made) - len(alive)} of {len(made)} noticed")
            for mutant in alive:
                print(f"    {mutant.change}")


if __name__ == "__main__":
    main(sys.argv[1:])
