"""The sample class gets what a fair person would give, from the inbox to the table."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from course_pkg.syllabus import WORDS

from . import damages
from .sample_class import CLASS, submissions

POINTS = {f"bptt.{t.name}": t.points for t in WORDS["bptt"].tasks if not t.manual}

# What each loses, and the name of the mistake; who is missing here loses nothing.
LOST: dict[str, dict[str, tuple[float, str | None]]] = {
    "chen": {"finite_difference": (2, None), "contributions": (2, None)},
    "dora": {"scan_grad": (4, "only the last step's loss")},
    "emil": {"weight_grads": (1.5, "h_t in place of h_{t-1} in the gradient of W_hh")},
    "fatima": {
        "cross_entropy": (
            1,
            "padding left out of the sum, but divided by T times B",
        ),
        "step_grad": (3, "the derivative of tanh is missing"),
    },
    "gus": {
        "finite_difference": (0.5, "a one-sided difference"),
        "contributions": (2, "every row begins with the total derivative"),
    },
    "ivan": {"step_grad": (3, None)},
    "jo": {"scan_grad": (4, None)},
}
# What destroys no answer of Ada's or Dora's, wherever and whenever it happens.
DESTROYING = (damages.deleted_answer, damages.merged, damages.older_copy)
KEPT = [damage for damage in damages.DAMAGES if damage not in DESTROYING]
WRITTEN = {"ada", "boris", "dora", "fatima", "gus", "ivan", "jo"}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Grade the class with the command line; return its rows by student."""
    room = tmp_path_factory.mktemp("class")
    report = room / "report.json"
    command = [sys.executable, "-m", "course_pkg", "grade", "bptt"]
    command += ["--submitted", str(CLASS), "--to", str(room), "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 3, done.stdout + done.stderr  # kim's needs a person
    assert "Traceback" not in done.stdout + done.stderr
    return {row["student"]: row for row in json.loads(report.read_text("utf8"))}


def test_the_committed_notebooks_are_what_the_students_wrote():
    for student, text in submissions().items():
        path: Path = CLASS / student / "bptt" / "bptt.ipynb"
        assert path.read_text("utf8") == text, f"run sample_class.py: {student}"
    assert {path.name for path in CLASS.iterdir()} == set(submissions())


@pytest.mark.slow
@pytest.mark.parametrize("student", sorted({*submissions()} - {"hana", "kim"}))
def test_a_submission_gets_a_fair_score(rows: dict, student: str):
    row = rows[student]
    lost = {f"bptt.{task}": found for task, found in LOST.get(student, {}).items()}
    graded = {q["id"]: q for q in row["questions"] if q["id"] in POINTS}
    for name, points in POINTS.items():
        minus, misconception = lost.get(name, (0, None))
        assert graded[name]["points"] == points - minus, name
        assert graded[name]["misconception"] == misconception, name
        assert bool(graded[name]["message"]) == bool(minus), name
    assert row["status"] == "graded"
    assert row["max_score"] == 20
    assert row["score"] == 18 - sum(minus for minus, _ in lost.values())
    [written] = [q for q in row["questions"] if q["id"] == "bptt.why_sum"]
    assert written["points"] == (None if student in WRITTEN else 0)


@pytest.mark.slow
def test_nothing_written_is_zero_and_is_said(rows: dict):
    row = rows["hana"]
    assert (row["status"], row["score"]) == ("graded", 0)
    assert all(
        "ot written yet" in q["message"] for q in row["questions"] if q["id"] in POINTS
    )


@pytest.mark.slow
def test_what_is_no_notebook_is_a_zero_for_a_person(rows: dict):
    assert (rows["kim"]["status"], rows["kim"]["score"]) == ("unreadable", 0)
    assert rows.keys() == submissions().keys()


@pytest.mark.slow
def test_messages_name_the_limit_and_the_line(rows: dict):
    def message(student: str, task: str) -> str:
        by_id = {q["id"]: q["message"] for q in rows[student]["questions"]}
        return by_id[f"bptt.{task}"]

    assert "limit of 5 s" in message("jo", "scan_grad")
    assert "SyntaxError" in message("ivan", "step_grad")
    assert "line 2" in message("ivan", "step_grad")
    assert "tape.h_prev" in message("emil", "weight_grads")


@pytest.mark.slow
def test_damaged_notebooks_get_the_same_score(tmp_path: Path):
    """Five damages each, by the command line; the report tells every repair."""
    names = [f"{student}{n}" for student in ("ada", "dora") for n in range(8)]
    for n, name in enumerate(names):
        chance = random.Random(n)
        made = damages.submission(name[:-1])
        for step in sorted(chance.sample(KEPT, 5), key=KEPT.index):
            step(made, chance)
        path = tmp_path / "in" / name / "bptt" / "bptt.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(made.content())
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "course_pkg", "grade", "bptt", "--json"]
    command += [str(report), "--submitted", str(tmp_path / "in")]
    done = subprocess.run(
        [*command, "--to", str(tmp_path / "to")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row["student"]: row for row in json.loads(report.read_text("utf8"))}
    assert {name: (row["status"], row["score"]) for name, row in rows.items()} == {
        name: ("graded", 18 if name[:-1] == "ada" else 14) for name in names
    }
    assert all(row["note"] or row["repairs"] for row in rows.values())
