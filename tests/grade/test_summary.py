"""The class at a glance: numbers, terminal and page."""

import json

import pytest

from course_pkg.grade.drawings import counted, histogram
from course_pkg.grade.standings import standings
from course_pkg.grade.summary import Summary, lines, summarise
from course_pkg.grade.summary_page import summary_page

from .graded_class import GradedClass

pytestmark = pytest.mark.filterwarnings("ignore:Object of type")
BAD = "<script>x</script>"


@pytest.fixture
def filled(group: GradedClass) -> GradedClass:
    """Return a class of six."""
    group.add("ana", 2, 1)
    group.add("bo", 1, 0, misconception="squared; added")
    group.add(f"cy {BAD}", 0, misconception="squared")
    group.add("ed", 0, 0, status="unreadable", note=BAD)
    group.enrol("di", first_name=BAD)
    return group


def told(group: GradedClass) -> Summary:
    """Sum the class up."""
    return summarise(group.room.course, "tiny", standings(group.room, "tiny"))


def test_numbers(filled: GradedClass):
    found = told(filled)
    assert (found.students, found.graded, found.max_score) == (5, 3, 3)
    assert found.mean == pytest.approx(4 / 3)
    assert found.median == 1
    assert found.distribution == [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert found.questions == [
        {"id": "tiny.double", "share": 0.5, "full": 1, "of": 3},
        {"id": "tiny.why", "share": 0.5, "full": 1, "of": 2},
    ]
    assert found.misconceptions == [
        {"id": "tiny.double", "name": "squared", "students": 2},
        {"id": "tiny.double", "name": "added", "students": 1},
    ]
    assert found.waiting == {
        f"cy {BAD}": "a written answer waits for a person",
        "ed": "unreadable: the zero must be confirmed",
    }
    assert found.absent == ["di"]
    assert json.loads(json.dumps(found.as_plain(), allow_nan=False))["graded"] == 3


def test_the_hardest_question_comes_first(filled: GradedClass):
    filled.mark("ana", "why", 0)
    assert [row["id"] for row in told(filled).questions] == ["tiny.why", "tiny.double"]


def test_the_terminal_and_the_page_say_it(filled: GradedClass):
    found = told(filled)
    printed = "\n".join(lines(found))
    assert "mean 1.3, median 1.0 of 3" in printed
    assert "points  0 █  █     █ 3" in printed
    assert "      2  tiny.double: squared" in printed
    assert "      1  unreadable: the zero must be confirmed: ed" in printed
    assert "not handed in: di" in printed
    page = summary_page(found, standings(filled.room, "tiny"), "Tiny")
    assert BAD not in page
    assert "&lt;script&gt;" in page
    assert "Mean <strong>1.3</strong>" in page
    assert "Unreadable: the zero must be confirmed: 1 student<" in page
    assert page.count("&lt;script&gt;") == 2  # a name, and why it was unreadable
    assert 'aria-label="Students by points, from 0 to 3: 1, 0, 0, 1' in page


def test_a_class_without_a_score(group: GradedClass):
    group.add("ed", 0, 0, status="missing", note="nothing")
    found = told(group)
    assert (found.mean, found.median, found.graded) == (None, None, 0)
    assert lines(found)[0] == "tiny: 1 students, 0 graded"
    assert "<svg" not in summary_page(found, [], "Tiny").split("Questions")[0]


def test_a_thousand_that_wait_are_a_line_and_a_fold():
    waiting = {f"s{n:04}": "a written answer waits for a person" for n in range(1000)}
    waiting["zoe"] = "missing: the zero must be confirmed"
    found = Summary("tiny", 3, 1001, 1000, None, None, [], [], [], waiting, [])
    assert lines(found)[1:] == [
        "who needs a person",
        "      1  missing: the zero must be confirmed: zoe",
        "   1000  a written answer waits for a person: "
        + ", ".join(f"s{n:04}" for n in range(12))
        + " and 988 more",
    ]
    page = summary_page(found, [], "Tiny")
    assert page.count("<details open>") == 1
    assert "A written answer waits for a person: 1000 students<" in page
    assert "s0999" in page


def test_the_last_step_has_both_its_ends():
    assert counted([0, 9.9, 10, 19.9, 20], 20, 2) == [2, 3]
    assert counted([-1, 25], 20, 2) == [1, 1]
    assert histogram([], 20).count("<rect") == 10
