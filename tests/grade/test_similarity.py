"""Answers that are alike, what was released taken away; pages that run nothing."""

import json
import re

import pytest

from course_pkg.grade import similarity
from course_pkg.grade.course import CourseError
from course_pkg.grade.similarity import Pair, compare, similar, similarity_page, written

from .graded_class import GradedClass, graded_cells

pytestmark = pytest.mark.filterwarnings("ignore:Object of type")

RELEASED = """
def setup(rows, columns):
    table = [[0 for column in range(columns)] for row in range(rows)]
    return table, [sum(row) for row in table], max(rows, columns) + 1
"""
LOOP = """
def mean(values, weights):
    total = 0.0
    for value, weight in zip(values, weights):
        total += value * weight if weight > 0 else value / 2
    return total / sum(weights), [value - total for value in values]
"""
RENAMED = LOOP.replace("total", "acc").replace("value", "v").replace("weight", "w")
OTHER = """
def mean(values, weights):
    import numpy as np
    return np.average(values, weights=weights), np.asarray(values) - np.mean(values)
"""


def test_renamed_copies_are_found_and_the_release_is_not():
    codes = {"ana": RELEASED + LOOP, "bo": RELEASED + RENAMED, "cy": RELEASED + OTHER}
    [pair] = similar(codes, RELEASED)
    assert pair.students == ("ana", "bo")
    assert min(pair.shares) > 0.95
    assert "<mark>" in pair.sides[0]
    assert similar({"ana": RELEASED, "bo": RELEASED}, RELEASED) == []
    alone = similar(codes, "")
    assert {p.students for p in alone} >= {("ana", "bo"), ("ana", "cy")}


def test_a_part_is_a_share_of_each_one_s_own():
    [pair] = similar({"ana": LOOP, "bo": LOOP + OTHER}, "")
    assert pair.shares[0] > 0.95
    assert 0.3 < pair.shares[1] < 0.8
    assert pair.share == pair.shares[0]
    assert similar({"ana": LOOP, "bo": LOOP + OTHER}, "", least=1.0001) == []


def test_the_quick_look_hides_no_pair(monkeypatch: pytest.MonkeyPatch):
    lines = (LOOP + OTHER + RELEASED).splitlines(keepends=True)
    codes = {f"s{n}": "".join(lines[n : n + 6]) + f"\nx{n} = {n}" for n in range(9)}
    found = similar(codes, "", 0.05)
    assert len(found) > 10
    monkeypatch.setattr(similarity, "_may_be", lambda *_: True)
    assert similar(codes, "", 0.05) == found


def test_code_that_repeats_itself_is_not_taken_for_the_release():
    twice = LOOP + RELEASED + LOOP
    [pair] = similar({"ana": twice, "bo": twice}, RELEASED)
    assert min(pair.shares) > 0.9


def test_what_everybody_writes_tells_nothing_of_two():
    codes = {f"s{n:02}": LOOP + f"\nanswer = {n}\n" for n in range(12)}
    codes |= {"x": LOOP + OTHER, "y": LOOP + OTHER}
    [pair] = similar(codes, "")
    assert pair.students == ("x", "y")
    assert "total" not in "".join(re.findall(r"<mark>(.*?)</mark>", pair.sides[0]))
    nine = dict(list(codes.items())[:9])
    assert len(similar(nine, "")) == 36


def test_a_page_of_many_pairs_lists_all_and_shows_the_first():
    pairs = [Pair((f"a{n}", "b"), (0.9, 0.8), ("x", "y")) for n in range(150)]
    shown = similarity_page(pairs, "Tiny", "tiny")
    assert shown.count("<tr>") == 151
    assert shown.count("<section") == 100
    assert 'href="#pair-100"' in shown
    assert 'href="#pair-101"' not in shown
    assert shown.count("<details open>") == 1


@pytest.mark.parametrize(
    "code", ["", "\n", "x", "'''", "def (", "\x00\u202e", "é" * 50]
)
def test_odd_code_is_no_obstacle(code: str):
    found = similar({"ana": code, "bo": code, "cy": LOOP}, RELEASED)
    assert all("cy" not in pair.students for pair in found)


def test_the_page_shows_code_as_text():
    bad = "</pre><script>document.title = 1</script>"
    code = LOOP + f'text = "{bad}"\n'
    pairs = similar({f"ana {bad}": code, "bo": code}, "")
    shown = similarity_page(pairs, "Tiny", "tiny")
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;document.title") >= 3
    assert "No two are alike" in similarity_page([], "Tiny", "tiny")


def test_a_class_is_compared_without_locked_and_graded_cells(group: GradedClass):
    released = group.room.course.assignment("tiny")
    group.add("ed", status="unreadable", note="x")
    with pytest.raises(CourseError, match="run: course release tiny"):
        compare(group.room, "tiny")
    released.parent.mkdir(parents=True)
    released.write_text(json.dumps({"cells": graded_cells(RELEASED)}))
    for student, code in {"ana": LOOP, "bo": RENAMED, "cy": OTHER}.items():
        group.add(student, cells=graded_cells(RELEASED + code))
    [pair] = compare(group.room, "tiny")
    assert pair.students == ("ana", "bo")
    locked = {"cell_type": "code", "source": "LOCKED",
              "metadata": {"nbgrader": {"locked": True, "grade_id": "x"}}}  # fmt: skip
    assert written([*graded_cells("ANSWER"), locked]) == "ANSWER\n"
    assert written(graded_cells("ANSWER"), frozenset({"ANSWER"})) == "\n"
