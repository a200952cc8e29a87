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


def own_seconds(text: str) -> float:
    """Return how long a student's code runs, in its cells and when checks call it.

    All in this process; what the checks themselves take is not the student's.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    from course_pkg.check import run

    asked, seconds, interview = 0.0, 0.0, run.interview

    def timed(*arguments: object) -> object:
        nonlocal asked
        start = time.perf_counter()
        evidence = interview(*arguments)
        asked += time.perf_counter() - start
        return evidence

    InteractiveShell.clear_instance()
    shell, run.interview = InteractiveShell.instance(colors="nocolor"), timed
    for cell in json.loads(text)["cells"]:
        start = time.perf_counter()
        with capture_output():
            if cell["cell_type"] == "code":
                shell.run_cell("".join(cell["source"]))
        if not cell["metadata"].get("nbgrader", {}).get("grade"):
            seconds += time.perf_counter() - start
    run.interview = interview
    return seconds + asked


def main() -> None:
    """Print what the cells of each student of a class take, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many students")
    count = parser.parse_args().count
    own_seconds(notebook(0))  # the first pays for the imports
    print(json.dumps([own_seconds(notebook(n)) for n in range(count)]))


if __name__ == "__main__":
    main()
