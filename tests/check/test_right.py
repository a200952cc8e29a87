"""Right answers get full marks, however they are written, on every seed."""

import pytest
from asking import ANSWERS, GRADED, SEEDS, report

from course_pkg.check import run
from course_pkg.syllabus import WORDS

CASES = [
    pytest.param(word, task, answer, id=f"{word}-{task}-{answer.__name__}")
    for word, module in ANSWERS.items()
    for task, answers in module.RIGHT.items()
    for answer in (*answers, module.REFERENCE[task])
]


@pytest.mark.parametrize("word", GRADED)
def test_there_are_three_styles_for_each_task(word):
    tasks = [task.name for task in WORDS[word].tasks if not task.manual]
    right, reference = ANSWERS[word].RIGHT, ANSWERS[word].REFERENCE
    assert set(right) == set(tasks) == set(reference)
    assert all(len(set(answers)) >= 3 for answers in right.values())


@pytest.mark.parametrize("word", GRADED)
def test_cases_add_up_to_the_tasks_points(word):
    points = {row.name: row.points for row in WORDS[word].tasks}
    for task in ANSWERS[word].REFERENCE:
        cases = run._cases(f"{word}.{task}")
        assert sum(case.points for case in cases) == points[task]
        assert len({case.name for case in cases}) == len(cases)


@pytest.mark.parametrize("seed", [*SEEDS, 4, 5])
@pytest.mark.parametrize(("word", "task", "answer"), CASES)
def test_full_marks(word, task, answer, seed):
    found = report(task, answer, seed, word)
    assert found.points == found.task.points, found.message()
    assert type(found.points) is float
    assert found.message() == ""
    assert found.misconceptions == []
