"""The limits: from what our solutions cost, and what passing one of them costs."""

import json
from pathlib import Path

import nbformat
import pytest

from course_pkg.grade import costs, limits
from course_pkg.grade.limits import COSTS, LEAST, limits_of
from course_pkg.grade.sandbox.box import Box
from course_pkg.grade.unit import grade_unit
from course_pkg.syllabus import WORDS

from .grading import BPTT, question, unit, wrote

BAD = {
    "cross_entropy": ("while True: pass", "ran longer than the limit of 2 s"),
    "cross_entropy_grad": (
        "return np.ones(10 * 2**27)",
        "needed more memory than the limit of 256 MiB",
    ),
    "step_grad": ("import os; os._exit(3)", "ended Python (exit status 3)"),
    "scan_grad": (
        "import sys; sys.setrecursionlimit(10**9)\n"
        "    class A: __repr__ = lambda self: repr(self)\n"
        "    repr(A())",
        "crashed Python (SIG",
    ),
    "weight_grads": (
        "import threading, time\n"
        "    while True: threading.Thread(target=time.sleep, args=(60,)).start()",
        "the limit of 24",
    ),
    "finite_difference": (
        "import os\n    file = open('full', 'wb')\n    os.posix_fallocate("
        "file.fileno(), 0, 2**22)\n    for i in range(9):\n"
        "        open(f'/tmp/{i}', 'wb').write(bytes(2**21))",
        "wrote more than the limit of 16 MiB",
    ),
}


@pytest.fixture(scope="module")
def outcome():
    """Return what comes of a submission that passes a limit in every answer but one."""
    small = {"question_seconds": 2.0, "memory": 256 * 2**20, "processes": 24}
    heads = {
        cell["id"]: "".join(cell["source"]).partition("\n")[0]
        for cell in BPTT.notebook["cells"]
    }
    bad = {task: f"{heads[task]}\n    {body}" for task, (body, _) in BAD.items()}
    with Box("bptt", limits_of("bptt", disk=2**24, **small)) as box:
        return grade_unit(unit(**wrote("ada") | bad), box)


@pytest.mark.slow
@pytest.mark.parametrize("task", BAD)
def test_what_passes_a_limit_costs_its_question_and_names_the_limit(outcome, task):
    found = question(outcome, task)
    assert found.points == 0
    assert BAD[task][1] in found.message


@pytest.mark.slow
def test_the_other_questions_keep_their_points(outcome):
    assert question(outcome, "contributions").points == 2
    assert (outcome.result.status, outcome.result.score) == ("graded", 2)


def test_every_assignment_has_its_cost_recorded():
    """As limits need it; a new task is measured by course release WORD --measure."""
    for word, row in WORDS.items():
        tasks = {task.name for task in row.tasks if not task.manual}
        if tasks:
            assert set(COSTS[word]["question_seconds"]) == tasks


def test_limits_follow_the_cost_and_an_instructors_word(monkeypatch):
    row = {"cell_seconds": 1.0, "session_seconds": 9.0, "memory": 2**29}
    costly = row | {"question_seconds": {"a": 0.001, "b": 0.5}}
    monkeypatch.setitem(limits.COSTS, "lstm", costly)
    found = limits_of("lstm")
    assert (found.cell_seconds, found.question_seconds) == (200, 100)
    assert (found.session_seconds, found.memory) == (1800, 10 * 2**29)
    assert found.disk == LEAST.disk
    monkeypatch.setitem(limits.WORDS, "lstm", {"cell_seconds": 7.0})
    assert limits_of("lstm").cell_seconds == 7
    assert limits_of("lstm", cell_seconds=8.0).cell_seconds == 8
    cheap = costly | {"cell_seconds": 0.1, "question_seconds": {"a": 0.001}}
    monkeypatch.setitem(limits.COSTS, "gru", cheap)
    assert limits_of("gru").cell_seconds == LEAST.cell_seconds
    assert limits_of("gru").question_seconds == LEAST.question_seconds


def test_the_least_of_several_rounds_counts():
    rounds = [
        {"cells": [a, 0.1], "tasks": {"f": b}, "session": c, "memory": d}
        for a, b, c, d in ((0.3, 0.02, 3.0, 7), (0.2, 0.03, 2.0, 8))
    ]
    assert costs.least(rounds) == {
        "cell_seconds": 0.2,
        "question_seconds": {"f": 0.02},
        "session_seconds": 2.0,
        "memory": 7,
    }


@pytest.mark.slow
def test_a_measurement_covers_every_task(tmp_path: Path, monkeypatch):
    """The release stands in for the solutions: what is not written costs little."""
    monkeypatch.setattr(costs, "RECORD", tmp_path / "costs.json")
    monkeypatch.setattr(costs, "ROUNDS", 1)
    (tmp_path / "costs.json").write_text('{"other": {}}')
    source = tmp_path / "source.ipynb"
    nbformat.write(nbformat.from_dict(BPTT.notebook), source)

    class Course:
        def source(self, word):
            return source

    row = costs.record(Course(), "bptt")
    assert set(row["question_seconds"]) == set(COSTS["bptt"]["question_seconds"])
    assert row["session_seconds"] > row["cell_seconds"] > 0
    kept = json.loads((tmp_path / "costs.json").read_text())
    assert kept == {"bptt": row, "other": {}}
