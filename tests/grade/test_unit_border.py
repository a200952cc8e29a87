"""Units across the real border: the sample class, limits, and a hostile neighbour."""

from collections.abc import Iterator

import pytest

from course_pkg.grade.limits import limits_of
from course_pkg.grade.sandbox.box import Box
from course_pkg.grade.unit import Outcome, Unit, grade_unit

from .grading import BPTT, SEEDS, class_files, question, unit, wrote
from .test_sample_class import LOST, POINTS, WRITTEN

pytestmark = pytest.mark.slow

FORGERY = """
import course_pkg.check, numpy as np, gc, sys
np.testing.assert_allclose = np.allclose = np.array_equal = lambda *a, **k: True
course_pkg.check.check = lambda *a: 4.0
class Right(np.ndarray):
    def __eq__(self, other): return True
def scan_grad(cell, dhs, d_state, tape, W_hh, mask=None):
    seen = [o for o in gc.get_objects() if type(o).__name__ in ("Question", "Desk")]
    found = [m for m in sys.modules if "cases" in m or "misconceptions" in m]
    assert not seen and not found, "the answers are here"
    same = np.zeros(dhs.shape).view(Right)
    return same, same, same[0], same
"""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Return a warm box, as a worker has one."""
    with Box("bptt", limits_of("bptt", question_seconds=20, cell_seconds=60)) as found:
        yield found


@pytest.fixture(scope="module")
def outcomes(box: Box) -> dict[tuple[str, int], Outcome]:
    """Grade the sample class with the public seed and with a secret one."""
    return {
        (student, seed): grade_unit(Unit(student, content, BPTT, seed), box)
        for seed in SEEDS
        for student, content in class_files().items()
        if student != "jo"  # her loop without end is a test of its own
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("student", sorted({*class_files()} - {"hana", "jo", "kim"}))
def test_a_submission_gets_a_fair_score(outcomes, student: str, seed: int):
    result = outcomes[student, seed].result
    lost = {f"bptt.{task}": found for task, found in LOST.get(student, {}).items()}
    found = {q.id: q for q in result.questions}
    for name, points in POINTS.items():
        minus, misconception = lost.get(name, (0, None))
        assert found[name].points == points - minus, (name, found[name].message)
        assert found[name].misconception == misconception, name
        assert bool(found[name].message) == bool(minus), name
    assert result.score == 18 - sum(minus for minus, _ in lost.values())
    assert found["bptt.why_sum"].points == (None if student in WRITTEN else 0)
    assert (result.status, result.warnings, result.repairs) == ("graded", [], [])


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_written_is_zero_and_is_said(outcomes, seed: int):
    result = outcomes["hana", seed].result
    assert (result.status, result.score) == ("graded", 0)
    told = [q.message for q in result.questions if q.id in POINTS]
    assert all(message.startswith("Not written yet.") for message in told)


def test_another_seed_asks_other_numbers(outcomes):
    said = {question(outcomes["dora", seed], "scan_grad").message for seed in SEEDS}
    assert len(said) == len(SEEDS)


def test_messages_are_about_the_students_own_lines(outcomes):
    told = question(outcomes["ivan", SEEDS[0]], "step_grad").message
    assert told == "the answer's cell stops: SyntaxError: '(' was never closed (line 2)"


def test_a_loop_without_end_costs_its_question_only():
    limits = limits_of("bptt", question_seconds=3)
    with Box("bptt", limits) as short:
        outcome = grade_unit(unit(**wrote("jo")), short)
    assert question(outcome, "scan_grad").points == 0
    assert "limit of 3 s" in question(outcome, "scan_grad").message
    assert outcome.result.score == 14


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("import os; os._exit(0)", "ended Python"),
        ("import ctypes; ctypes.string_at(0)", "crashed Python"),
        ("return np.ones(2**40)", "limit of"),
        ("raise SystemExit", "raised a SystemExit"),
    ],
)
def test_a_crash_costs_its_question_only(box, body: str, told: str):
    wrong = f"def step_grad(d_state, tape):\n    {body}"
    outcome = grade_unit(unit(**wrote("ada") | {"step_grad": wrong}), box)
    assert question(outcome, "step_grad").points == 0
    assert told in question(outcome, "step_grad").message
    assert outcome.result.score == 15


def test_a_forger_gets_nothing_and_the_next_one_everything(box):
    forged = wrote("ada") | {"scan_grad": FORGERY}
    outcome = grade_unit(unit(**forged), box)
    found = question(outcome, "scan_grad")
    assert found.points == 0
    assert "in place of a plain NumPy array" in found.message
    assert grade_unit(unit(**wrote("ada")), box).result.score == 18
