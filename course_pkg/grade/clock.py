"""A limit of time for the loops of a graded cell, in whatever thread it runs.

What such a cell loops over may come from a student's function: a count without end, or
a value that never gets there. A signal would not reach the threads of a cluster.
"""

import ast
import time
from collections.abc import Iterable, Iterator
from typing import Any

TICK, TICKING = "__tick__", "__ticking__"


class TimeIsUp(BaseException):
    """A graded cell that looped past its limit; no Exception, so a test lets it by."""


class Clock:
    """The time that a graded cell has."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.end = seconds, time.monotonic() + seconds

    def tick(self) -> bool:
        """Raise TimeIsUp if the time is up; else return True."""
        if time.monotonic() > self.end:
            raise TimeIsUp(f"the check ran longer than the limit of {self.seconds:g} s")
        return True

    def ticking(self, items: Iterable[Any]) -> Iterator[Any]:
        """Give the items as long as there is time."""
        for item in items:
            self.tick()
            yield item

    def names(self) -> dict[str, Any]:
        """Return what a timed source calls."""
        return {TICK: self.tick, TICKING: self.ticking}


class _Loops(ast.NodeTransformer):
    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        node.test = ast.BoolOp(ast.And(), [_call(TICK), node.test])
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._iterated(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        return self._iterated(node)

    def _iterated(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        node.iter = _call(TICKING, node.iter)
        return node


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), [*args], [])


def timed(source: str) -> ast.Module:
    """Parse a source, with every loop looking at the clock: see Clock.names."""
    tree = _Loops().visit(ast.parse(source, "<graded cell>"))
    return ast.fix_missing_locations(tree)
