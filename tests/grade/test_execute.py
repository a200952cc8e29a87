"""What a graded cell's outputs are worth: the corrections to nbgrader's rules."""

from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from course_pkg.grade.execute import NO_SCORE, mend, score


def graded(*outputs: Any) -> Any:
    """Return a graded cell of 5 points with these outputs, mended."""
    meta = {"grade": True, "solution": False, "points": 5, "grade_id": "check-x"}
    cell = new_code_cell("check()", metadata={"nbgrader": meta}, outputs=list(outputs))
    mend(cell)
    return cell


def value(text: str) -> Any:
    """Return the output of a cell whose last value prints so."""
    return new_output("execute_result", {"text/plain": text}, execution_count=1)


STDERR = new_output("stream", name="stderr", text="a warning")


@pytest.mark.parametrize(("text", "points"), [("0.0", 0), ("2.5", 2.5), ("5", 5)])
def test_a_number_of_points_counts(text: str, points: float) -> None:
    """nbgrader reads what the check returned."""
    assert determine_grade(graded(value(text))) == (points, 5)


def test_stderr_costs_nothing() -> None:
    """A warning stays to be read and takes no points."""
    cell = graded(STDERR.copy(), value("5.0"))
    assert determine_grade(cell) == (5, 5)
    assert cell.outputs[0].text == "a warning"


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-1.0", "5.1", "None", "np.float64(2.5)"]
)
def test_no_number_of_points_is_no_score(text: str) -> None:
    """What nbgrader takes for full marks, or stops at, is a zero with a reason."""
    cell = graded(value(text))
    assert determine_grade(cell) == (0, 5)
    assert cell.outputs[0].ename == NO_SCORE


def test_no_value_is_no_score() -> None:
    """A check that was replaced by something silent gives nothing."""
    assert determine_grade(graded()) == (0, 5)
    assert score(graded(value("1.0"), value("1.0"))) is None


def test_an_error_stays_the_reason() -> None:
    """An error is not covered by a second one."""
    error = new_output("error", ename="NameError", evalue="x", traceback=[])
    assert [o.get("ename") for o in graded(error).outputs] == ["NameError"]
