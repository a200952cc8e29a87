"""What is slow the first time, done once before any session is forked."""

from functools import lru_cache
from typing import Any

# Formatting, a traceback, and pictures with the signs that the course's pictures have.
CELLS = (
    "import numpy as np, torch\n1 + 1",
    "from IPython.display import display; display({'text/plain': ''}, raw=True)",
    "def f(): return 1 / 0\nf()",
    "from course_pkg import plots\nplots.unrolled(9, backward=True, alt='a')",
    "plots.show(lambda ax: ax.loglog([1e-16, 1e16], [1e-16, 1e16]), alt='a')",
    "plots.lines([0, 9], {'a': [0, 1], 'b': [1, 0]}, alt='a', xlabel='x', ylabel='y')",
)
FORMULAS = 4096


def share_formulas() -> None:
    """Let all pictures set a formula once: matplotlib's cache is for one drawing.

    Reading formulas was two thirds of the time of a figure of the course.
    """
    from matplotlib import mathtext

    Parser: Any = mathtext.MathTextParser

    def same(a: Any, b: Any) -> bool:
        return type(a) is type(b) and a._output_type == b._output_type

    Parser.__eq__ = same
    Parser.__hash__ = lambda parser: hash(parser._output_type)
    Parser._parse_cached = lru_cache(FORMULAS)(Parser._parse_cached.__wrapped__)


def warm(shell: Any) -> None:
    """Run the cells, and forget what they defined."""
    share_formulas()
    for source in CELLS:
        shell.run_cell(source, store_history=True)
    shell.reset(new_session=True)
    shell.execution_count = 1
