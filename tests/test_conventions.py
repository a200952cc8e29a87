"""Convention 6, docstrings, and convention 10, sizes, read off the source."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "course_pkg"
SOURCES = sorted(PACKAGE.rglob("*.py"))
OUTSIDE = {"__init__.py", "__main__.py", "outputs.py", "pictures.py", "plots.py"}
CORE = [path for path in sorted(PACKAGE.glob("*.py")) if path.name not in OUTSIDE]
CORE += sorted((PACKAGE / "cells").glob("*.py"))
CORE += sorted((PACKAGE / "datasets").glob("*.py"))
CORE += sorted((PACKAGE / "fast").glob("*.py"))
CORE += sorted((PACKAGE / "kernels").glob("*.py"))

ARRAYS = {"Array", "Tensor", "State", "Params"}
SHAPE = re.compile(r"\((?:\.\.\.|[A-Z]\b|[A-Z]·)[^)]*\)|any shape")
ELSEWHERE = re.compile(r"as in|see `|as `|[Aa]rguments and errors")
NO_VERB = {"A", "An", "The", "This", "It", "Returns", "Raises", "Takes", "Gives"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf8"))


def functions(node: ast.AST) -> list[ast.FunctionDef]:
    return [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef)]


def public(node: ast.Module | ast.ClassDef, prefix: str) -> list:
    """Return the public functions and classes in a node, with their methods."""
    found = []
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef | ast.ClassDef):
            if inner.name.startswith("_"):
                continue
            found.append(pytest.param(inner, id=f"{prefix}.{inner.name}"))
            if isinstance(inner, ast.ClassDef):
                found += public(inner, f"{prefix}.{inner.name}")
    return found


PUBLIC = [p for path in CORE for p in public(tree(path), path.stem)]
FUNCTIONS = [p for p in PUBLIC if isinstance(p.values[0], ast.FunctionDef)]


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_a_module_says_what_it_is(path):
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("node", PUBLIC)
def test_a_docstring_is_there_and_short(node):
    text = ast.get_docstring(node)
    assert text, "no docstring"
    assert len(text.splitlines()) <= 8
    assert re.search(r"[.:]($|\s)", text.splitlines()[0] + text), "no first sentence"


@pytest.mark.parametrize("node", FUNCTIONS)
def test_a_docstring_begins_with_an_imperative(node):
    word = ast.get_docstring(node).split()[0]
    assert word[0].isupper()
    assert word not in NO_VERB
    assert not word.endswith("ing")


@pytest.mark.parametrize("node", FUNCTIONS)
def test_a_docstring_gives_the_shapes_of_arrays(node):
    types = [ast.unparse(a.annotation) for a in node.args.args if a.annotation]
    text = ast.get_docstring(node)
    if any(ARRAYS & set(re.findall(r"\w+", t)) for t in types):
        assert SHAPE.search(text) or ELSEWHERE.search(text)


def body_lines(function):
    """Count the lines of a function after its signature and its docstring."""
    documented = ast.get_docstring(function) is not None
    body = function.body[documented:]
    return function.end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_stay_short(path):
    lines = len(path.read_text("utf8").splitlines())
    sizes = {f.name: body_lines(f) for f in functions(tree(path))}
    assert lines <= 200
    assert {name: size for name, size in sizes.items() if size > 30} == {}
