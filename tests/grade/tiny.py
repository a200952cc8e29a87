"""A tiny course: text, package and words of one assignment, and handing it in."""

import shutil
from pathlib import Path
from typing import Any

import nbformat

from course_pkg.grade.course import Course
from course_pkg.syllabus import Task, Word

TEXT = '''---
file_format: mystnb
kernelspec:
  name: python3
---

# Tiny

```{code-cell} ipython3
:locked: setup

def check(name, answer):
    """Two points for double, one for a half right answer."""
    right = [answer(1) == 2, answer(3) == 6]
    display(
        {"application/vnd.unrolled.check+json": {
            "id": name, "points": float(sum(right)), "max": 2.0,
            "message": f"{sum(right)} of 2 right",
            "misconception": "squared" if answer(3) == 9 else None,
        }, "text/plain": "report"},
        raw=True,
    )
    return float(sum(right))
```

Double a number.

```{code-cell} ipython3
:solution: double

def double(x):
    """Double x."""
    ### SOLUTION course_pkg.sums.double
```

```{code-cell} ipython3
:check: double
```

```{code-cell} ipython3
print("a free cell")
```

Why does $x + x = 2x$ hold?

+++ {"written": "why"}

Because two is one plus one, and so on.

+++

The end.
'''

PACKAGE = '''
def double(x):
    """Return twice x."""
    # twice
    y = x + x
    return y
'''

WORDS = {"tiny": Word("Tiny", (), (Task("double", 2, "s"), Task("why", 1, "s", True)))}


def make_course(root: Path, gradebook: Path) -> Course:
    """Write the tiny course into a folder."""
    (root / "course_pkg").mkdir(parents=True)
    shutil.copy(gradebook, root)
    (root / "course_pkg" / "sums.py").write_text(PACKAGE)
    (root / "solutions" / "tiny").mkdir(parents=True)
    (root / "solutions" / "tiny" / "tiny.md").write_text(TEXT)
    return Course(root, WORDS)


def submit(inbox: Path, student: str, released: Path, **answers: str) -> Path:
    """Hand in the released notebook with some cells' sources replaced, by cell id."""
    notebook: Any = nbformat.read(released, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    for name, source in answers.items():
        cells[name].source = source
    path = inbox / student / released.stem / released.name
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path
