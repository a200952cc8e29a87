"""The benchmark of grading runs, on a class too small to tell anything."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "grading.py"
sys.path.insert(0, str(SCRIPT.parent))
try:
    import classroom
    import grading
finally:
    sys.path.remove(str(SCRIPT.parent))


def run(*arguments):
    command = [sys.executable, "-W", "error", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_a_class_is_graded_both_ways_and_the_record_written(tmp_path):
    out = tmp_path / "new" / "grading.json"
    sizes = "--students", 2, "--stock", 1, "--rounds", 1, "--memory", 0
    ran = run(*sizes, "--out", out)
    assert (ran.returncode, ran.stderr) == (0, "")
    record = json.loads(out.read_text("utf8"))
    assert {"device", "cores", "commit", "load_before", "seconds"} < set(record)
    assert (record["students"], record["stock_students"]) == (2, 1)
    assert record["scores_that_differ"] == []
    [row] = record["seconds_per_submission"]
    assert row["ratio"] == pytest.approx(row["stock"] / row["course"])
    assert record["speed_vs_stock"] == row["ratio"]
    own, graded = record["own_cells_seconds"], record["graded_seconds"]
    assert 0 < own < graded
    assert 0 < record["above_own_cells_seconds"] < graded
    assert f"above the own cells: {record['above_own_cells_seconds']:.3f} s" in (
        ran.stdout
    )
    assert "round 1 of 1" in ran.stdout
    assert f"Wrote {out}" in ran.stdout


def test_no_two_students_hand_in_the_same_cell():
    texts = [classroom.notebook(n) for n in range(2 * len(classroom.WROTE))]
    assert len(set(texts)) == len(texts)
    assert "# student 10" in texts[10]


def test_scores_that_differ_are_named(tmp_path, monkeypatch):
    contest = object.__new__(grading.Contest)
    contest.root, contest.stock_root, contest.students = tmp_path, tmp_path / "s", 2
    ours = {(classroom.name(0), "check-a"): 1.0, (classroom.name(1), "check-a"): 2.0}
    theirs = {(classroom.name(0), "check-a"): 1.5}
    read = {
        tmp_path / "ours" / "gradebook.db": ours,
        tmp_path / "s" / "gradebook.db": theirs,
    }
    monkeypatch.setattr(grading, "scores", read.__getitem__)
    assert contest.disagreements() == ["ada000 check-a: stock 1.5, course 1.0"]
    del ours[classroom.name(1), "check-a"]
    with pytest.raises(RuntimeError, match="lacks students"):
        contest.disagreements()


def test_help_shows_examples():
    assert "python benchmarks/grading.py --stock 20" in run("--help").stdout
