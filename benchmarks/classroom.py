"""A class of `bptt` for the benchmark of grading, and what its students' cells cost.

The answers are those of the tests' sample class. No two notebooks are equal: each
says in every cell who wrote it, so nothing is graded once for two students.
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from machine import ROOT

sys.path.insert(0, str(ROOT))

from tests.grade import sample_class

WORD = "bptt"
# Right, wrong and empty. Without the one that never ends, which would cost both sides
# their time limit, and the one that is no notebook, which stock grading passes over.
WROTE = [one for one in sample_class.STUDENTS if one is not sample_class.Jo]
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\n'


def notebook(n: int) -> str:
    """Return the notebook that student n hands in."""
    found = json.loads(sample_class.notebook(WROTE[n % len(WROTE)]))
    for cell in found["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and not meta.get("locked"):
            cell["source"] = [*cell["source"], f"\n# student {n}"]
    return json.dumps(found)


def name(n: int) -> str:
    """Return the name of student n: who wrote the answers, and n."""
    return f"{WROTE[n % len(WROTE)].__name__.lower()}{n:03}"


def submit(inbox: Path, count: int) -> Path:
    """Lay out the submissions of a class as nbgrader wants them."""
    for n in range(count):
        folder = inbox / name(n) / WORD
        folder.mkdir(parents=True)
        (folder / f"{WORD}.ipynb").write_text(notebook(n), "utf8")
    return inbox


def stock_course(root: Path, count: int) -> Path:
    """Make a course of stock nbgrader, with nothing set but its name."""
    from course_pkg.grade.course import find_course
    from course_pkg.grade.release import write_source

    source = write_source(find_course(ROOT), WORD)
    shutil.copytree(source.parent, root / "source" / WORD)
    (root / "nbgrader_config.py").write_text(STOCK)
    submit(root / "submitted", count)
    return root


def seconds(n: int, box: Any) -> tuple[float, float]:
    """Return what grading student n takes in a warm box, and what the cells alone.

    Alone: all but the graded ones, in a session that has just been opened, in the same
    box. What is above that is ours: the session, the questions, the verdicts.
    """
    from course_pkg.grade.unit import Unit, grade_unit
    from tests.grade.grading import BPTT

    text = notebook(n)
    start = time.perf_counter()
    grade_unit(Unit(name(n), text.encode(), BPTT, 1, box.limits), box)
    graded = time.perf_counter() - start
    with box.session() as session:
        session.run("")
        start = time.perf_counter()
        for cell in json.loads(text)["cells"]:
            own = not cell["metadata"].get("nbgrader", {}).get("grade")
            if cell["cell_type"] == "code" and own:
                session.run("".join(cell["source"]))
        return graded, time.perf_counter() - start


def main() -> None:
    """Print both for each student of a class, as JSON."""
    from course_pkg.grade.sandbox.box import Box

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many students")
    count = parser.parse_args().count
    with Box(WORD) as box:
        for n in range(len(WROTE)):  # the first pay for the questions and what is right
            seconds(n, box)
        print(json.dumps([seconds(n, box) for n in range(count)]))


if __name__ == "__main__":
    main()
