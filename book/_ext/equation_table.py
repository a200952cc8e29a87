"""A generated table of the book's displayed equations: formula, function, test.

    {equation-table}

tests/book holds each equation to a test that quotes it. Which test, and which functions
of the package it and its helpers call, is read off the tests' source, so that the
table needs no upkeep. A function whose docstring cites the equation comes first.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "book"
PACKAGE = ROOT / "course_pkg"


class Claim(NamedTuple):
    """The test that executes an equation, and what it calls: module:name."""

    test: str
    path: str
    calls: tuple[str, ...]


def reader() -> ModuleType:
    """Load the tests' own reader of pages, which decides what is an equation."""
    spec = importlib.util.spec_from_file_location("equations", TESTS / "equations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def file_of(dotted: str) -> str | None:
    """Return the path of a module or package of the project, None where it is none."""
    stem = dotted.replace(".", "/")
    paths = (f"{stem}.py", f"{stem}/__init__.py")
    return next((path for path in paths if (ROOT / path).is_file()), None)


def scope(path: Path) -> tuple[dict[str, ast.AST], dict[str, str]]:
    """Return what a test module defines, and name -> what it has of the package.

    Both with what it takes from other modules beside it.
    """
    tree = ast.parse(path.read_text("utf8"))
    kinds, names = ast.FunctionDef | ast.ClassDef, {}
    functions = {n.name: n for n in tree.body if isinstance(n, kinds)}
    for node in tree.body:
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        beside = path.with_name(f"{module}.py")
        if module.split(".")[0] == "course_pkg":
            for alias in node.names:
                names[alias.asname or alias.name] = f"{module}.{alias.name}"
        elif module != "equations" and beside.is_file():
            more_functions, more_names = scope(beside)
            functions, names = more_functions | functions, more_names | names
    return functions, names


def called(node: ast.AST, names: dict[str, str]) -> Iterator[str]:
    """Yield module:function for all that a node uses of the package."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            target = names.get(inner.value.id)
            if target and file_of(target):
                yield f"{target}:{inner.attr}"
        elif isinstance(inner, ast.Name) and inner.id in names:
            target = names[inner.id]
            module, _, name = target.rpartition(".")
            if not file_of(target):
                yield f"{module}:{name}"
            elif (PACKAGE / "cells" / f"{name}.py").is_file():
                yield f"{target}:step"  # a cell that is handed on is run


def helpers(node: ast.FunctionDef, functions: dict[str, ast.AST]) -> list[ast.AST]:
    """Return a test, and the fixtures and helpers of its module that it reaches."""
    found, queue = {node.name: node}, [node]
    while queue:
        for name in {n.id for n in ast.walk(queue[0]) if isinstance(n, ast.Name)} | {
            a.arg for a in ast.walk(queue[0]) if isinstance(a, ast.arg)
        }:
            if name in functions and name not in found:
                found[name] = functions[name]
                queue.append(functions[name])
        queue.pop(0)
    return list(found.values())


def claims() -> dict[str, Claim]:
    """Return label -> the test that is bound to it."""
    found = {}
    for path in sorted(TESTS.glob("test_equations_*.py")):
        functions, names = scope(path)
        for node in functions.values():
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "equation":
                    label = ast.literal_eval(mark.args[0])
                    reached = helpers(node, functions)
                    calls = {c: None for n in reached for c in called(n, names)}
                    calls = [c for c in calls if not c.endswith(":Tape")]
                    where = path.relative_to(ROOT).as_posix()
                    found[label] = Claim(node.name, where, tuple(calls))
    return found


def citing() -> dict[str, list[str]]:
    """Return label -> functions whose docstring names it, as module:function."""
    found: dict[str, list[str]] = {}
    label = reader().LABEL
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            if isinstance(node, ast.FunctionDef):
                for name in label.findall(ast.get_docstring(node) or ""):
                    found.setdefault(name, []).append(f"{module}:{node.name}")
    return found


class EquationTable(SphinxDirective):
    """Print the table."""

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        bound, cited = claims(), citing()
        found = []
        for page, equations in self.by_page().items():
            section = nodes.section("", ids=[f"equations-{page}"])
            section += nodes.title("", "", *self.myst(f"{{doc}}`{page}`"))
            rows = [self.row(eq, bound[eq.label], cited) for eq in equations]
            section += table(page, rows, self.head())
            found.append(section)
        return found

    def by_page(self) -> dict[str, list]:
        """Return page -> its labelled equations, in the order of the book."""
        found: dict[str, list] = {}
        for eq in reader().printed():
            page = eq.page.removesuffix(".md")
            if f"book/{page}" in self.env.found_docs and eq.label:
                found.setdefault(page, []).append(eq)
        contents = (ROOT / "_toc.yml").read_text("utf8")
        order = re.findall(r"file: book/(\S+)", contents)
        return {page: found[page] for page in order if page in found}

    def myst(self, text: str) -> list[nodes.Node]:
        """Parse a line of MyST."""
        inlines, messages = self.state.inline_text(text, self.lineno)
        return [*inlines, *messages]

    def head(self) -> nodes.row:
        """Return the first row."""
        titles = ("Equation", "Formula", "Executed by")
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", t)) for t in titles))

    def row(self, eq, claim: Claim, cited: dict[str, list[str]]) -> nodes.row:
        """Return the row of an equation."""
        calls = dict.fromkeys([*cited.get(eq.label, ()), *claim.calls])
        links = ", ".join(map(source, calls)) or "plain arithmetic"
        test = f"{{source}}`{claim.test} <{claim.path}>`"
        cells = [
            [self.myst(f"{{eq}}`{eq.label}`")],
            [[nodes.math("", " ".join(eq.latex.split()))]],
            [self.myst(test), self.myst(links)],
        ]
        paragraphs = ([nodes.paragraph("", "", *p) for p in cell] for cell in cells)
        return nodes.row("", *(nodes.entry("", *cell) for cell in paragraphs))


def source(call: str) -> str:
    """Return MyST that links module:function to the module's source."""
    module, _, name = call.partition(":")
    return f"{{source}}`{module.rpartition('.')[2]}.{name} <{file_of(module)}>`"


def table(page: str, rows: list[nodes.row], head: nodes.row) -> nodes.table:
    """Return a table with this head and these rows."""
    group = nodes.tgroup("", cols=3)
    for i, width in enumerate((1, 4, 4)):
        group += nodes.colspec("", colwidth=width, stub=int(i == 0))
    group += [nodes.thead("", head), nodes.tbody("", *rows)]
    title = nodes.title("", f"Equations of the page {page}")
    return nodes.table("", title, group)


def setup(app) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive("equation-table", EquationTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
