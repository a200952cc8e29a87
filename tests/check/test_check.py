"""What a student reads and nbgrader counts: value, text, messages, tolerance."""

import re

import numpy as np
import pytest
from asking import REFERENCE, handed_on, report, unwritten

from course_pkg.check import check, run
from course_pkg.check.compare import tolerance
from course_pkg.check.text import report_text

STEP, SCAN = REFERENCE["step_grad"], REFERENCE["scan_grad"]


@pytest.mark.parametrize(
    ("answer", "points"), [(STEP, 3.0), (handed_on, 2.0), (unwritten, 0.0), (7, 0.0)]
)
def test_the_value_is_a_builtin_float(answer, points, capsys):
    value = check("bptt.step_grad", answer)
    assert type(value) is float
    assert value == points
    assert repr(value) == str(points)  # what nbgrader reads


@pytest.mark.parametrize(
    "name", ["bptt.nothing", "step_grad", "bptt.why_sum", "", "a.b"]
)
def test_an_unknown_name_lists_the_known_ones(name):
    with pytest.raises(
        ValueError, match=r"known: start.running_total, .*bptt.cross_entropy, "
    ):
        check(name, STEP)


def test_the_seed_is_another_draw(capsys):
    seen = []

    def record(d_state, tape):
        seen.append(d_state.tobytes())
        return STEP(d_state, tape)

    for seed in (None, None, 3):
        assert check("bptt.step_grad", record, seed=seed) == 3.0
    third = len(seen) // 3
    assert seen[:third] == seen[third : 2 * third] != seen[2 * third :]


def test_every_draw_of_a_case_must_be_right():
    """Two draws of each case; an answer that fails in the second one loses it."""
    calls = []

    def answer(d_state, tape):
        calls.append(1)
        return [x + (len(calls) == 2) for x in STEP(d_state, tape)]

    assert [r.ok for r in report("step_grad", answer).results] == [False, True, True]


def test_the_text_of_a_right_answer_is_short_and_sober(capsys):
    check("bptt.step_grad", STEP)
    out = capsys.readouterr().out
    assert out.startswith("bptt.step_grad: 3 of 3 points\n")
    assert len(out.splitlines()) == 4
    assert "!" not in out
    assert "wrong" not in out


def test_the_text_of_a_wrong_answer_teaches(capsys):
    check("bptt.step_grad", handed_on)
    out = capsys.readouterr().out
    assert "bptt.step_grad: 2 of 3 points" in out
    assert re.search(r"right  dgi and dgh +2 of 2\n", out)
    assert "d_state_prev[b=0, h=0]: expected 0, got " in out
    assert "It looks like this: d_state handed on to h_prev unchanged." in out
    assert "book: bptt, One step back (bptt.html#one-step-back)" in out
    assert all(len(line) <= 88 for line in out.splitlines())
    assert "\x1b" not in out


def test_what_is_not_written_yet_is_said_once(capsys):
    assert check("bptt.step_grad", unwritten) == 0
    out = capsys.readouterr().out
    assert out.count("not written yet") == 1
    assert "wrong" not in out


def spoil(index, by=1.0):
    """Return a scan_grad with one entry of dh_total wrong."""

    def answer(*args):
        dgi, dgh, d, dh = SCAN(*args)
        dh[index] += by
        return dgi, dgh, d, dh

    return answer


def test_the_first_wrong_index_has_named_axes():
    found = report("scan_grad", spoil((3, 0, 2)))
    message = found.message()
    case, inputs = next(
        q for q in run.plan("bptt.scan_grad") if q.case.name == "dh_total"
    )
    right = case.expect(inputs)[3]
    assert f"dh_total[t=3, b=0, h=2]: expected {right[3, 0, 2]:.6g}, got " in message
    assert f"1 of {right.size} entries are wrong, all at t=3" in message
    assert "the largest error is 1, at [t=3, b=0, h=2]." in message


def test_a_picture_shows_where():
    text = report_text(report("scan_grad", spoil((2, 1, 0))))
    rows = re.findall(r"b = (\d) ((?: +[.x])+)$", text, re.M)
    marks = {int(b): row.split() for b, row in rows[:3]}
    assert marks[1][2] == "x"
    assert sum(row.count("x") for row in marks.values()) == 1


def test_a_common_factor_is_told():
    found = report("contributions", lambda *a: 2 * REFERENCE["contributions"](*a))
    assert "Yours is 2 times the expected one." in found.message()


def test_shapes_are_told_in_letters_and_numbers():
    def answer(*args):
        return REFERENCE["cross_entropy_grad"](*args).swapaxes(0, 1)

    _, inputs = run.plan("bptt.cross_entropy_grad")[0]
    T, B, V = inputs["logits"].shape
    assert (
        f"expected real numbers of shape (T, B, V) = ({T}, {B}, {V}), got real numbers "
        f"of shape ({B}, {T}, {V}) and dtype float64 (the right axes in another order)"
    ) in report("cross_entropy_grad", answer).message()


def test_warnings_help_where_something_is_wrong():
    found = report("cross_entropy", lambda x, y, m: np.log(-np.ones(3))[0])
    assert "Python warned: RuntimeWarning: invalid value" in found.message()


@pytest.mark.parametrize(
    ("close", "right"), [(1e-7, True), (1e-5, True), (3e-3, False), (0.5, False)]
)
def test_the_tolerance_is_float32s_and_no_more(close, right):
    def answer(*args):
        return REFERENCE["contributions"](*args) * (1 + close)

    assert (report("contributions", answer).points == 2.0) is right


@pytest.mark.parametrize("task", REFERENCE)
def test_a_tolerance_stays_below_a_thousandth(task):
    for case, inputs in run.plan(f"bptt.{task}"):
        assert 1e-7 < (case.rtol or tolerance(inputs)) < 1e-3
