"""What is slow the first time, done once before any session is forked."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from course_pkg.check import probes

# Formatting, a traceback, a figure of the course and one of matplotlib's own.
CELLS = (
    "import numpy as np, torch\n1 + 1",
    "from IPython.display import display; display({'text/plain': ''}, raw=True)",
    "def f(): return 1 / 0\nf()",
    "from course_pkg import plots\nplots.unrolled(9, backward=True, alt='a')",
    "plots.lines([0, 9], {'a': [0, 1], 'b': [1, 0]}, alt='a', xlabel='x', ylabel='y')",
    "import matplotlib.pyplot as plt; plt.plot([0, 9]); plt.show()",
)


def spare_pictures() -> None:
    """Draw the course's figures and do not write them: no page of the grader's has SVG.

    What draws them is a student's, and still runs. Writing them was half of the time of
    a submission.
    """
    from course_pkg import pictures

    pictures._written = lambda figure: ""


def warm(shell: Any) -> None:
    """Import the probes, run the cells, and forget what they defined."""
    spare_pictures()
    for module in iter_modules(probes.__path__):
        import_module(f"{probes.__name__}.{module.name}")
    for source in CELLS:
        shell.run_cell(source, store_history=True)
    shell.reset(new_session=True)
    shell.execution_count = 1
