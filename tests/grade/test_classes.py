"""Every word's small class gets what a fair person would give, by the command line."""

import json
import subprocess
import sys

import pytest

from course_pkg.syllabus import WORDS

from . import classes


@pytest.mark.parametrize("word", classes.GRADED)
def test_the_committed_notebooks_are_what_the_students_wrote(word):
    found = classes.submissions(word)
    for path, text in found.items():
        assert path.read_text("utf8") == text, "run python -m tests.grade.classes"
    students = {path.name for path in (classes.CLASSES / word).iterdir()}
    assert students == {path.parents[1].name for path in found}


@pytest.mark.slow
@pytest.mark.parametrize("word", classes.GRADED)
def test_a_class_gets_fair_scores(word, tmp_path):
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "course_pkg", "grade", word]
    command += ["--submitted", str(classes.CLASSES / word)]
    command += ["--to", str(tmp_path), "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    rows = {row["student"]: row for row in json.loads(report.read_text("utf8"))}
    students = {s.__name__.lower(): s for s in classes.module(word).STUDENTS}
    assert rows.keys() == students.keys()
    for student, row in rows.items():
        lost = classes.module(word).LOST.get(student, {})
        graded = {q["id"]: q for q in row["questions"]}
        for task in WORDS[word].tasks:
            found = graded[f"{word}.{task.name}"]
            minus, name = lost.get(task.name, (0, None))
            if task.manual:
                written = getattr(students[student], task.name, None)
                assert found["points"] == (None if written else 0)
            else:
                assert found["points"] == task.points - minus, (student, task.name)
                assert found["misconception"] == name, (student, task.name)
