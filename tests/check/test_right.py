"""Right answers get full marks, however they are written, on every seed."""

import pytest
from asking import REFERENCE, RIGHT, SEEDS, report

from course_pkg.syllabus import WORDS

ANSWERS = [(task, answer) for task, answers in RIGHT.items() for answer in answers]
ANSWERS += list(REFERENCE.items())


def test_there_are_three_styles_for_each_task():
    tasks = [task.name for task in WORDS["bptt"].tasks if not task.manual]
    assert set(RIGHT) == set(tasks) == set(REFERENCE)
    assert all(len(answers) >= 3 for answers in RIGHT.values())


@pytest.mark.parametrize("seed", [*SEEDS, 4, 5])
@pytest.mark.parametrize(("task", "answer"), ANSWERS)
def test_full_marks(task, answer, seed):
    found = report(task, answer, seed)
    assert found.points == found.task.points, found.message()
    assert type(found.points) is float
    assert found.message() == ""
    assert found.misconceptions == []
