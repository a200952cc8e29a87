"""Answers that are judged by what is true of them: any right one passes, no odd one."""

import numpy as np
import pytest
from answers_gradients import REFERENCE, RIGHT
from asking import report

from course_pkg.check.cases import gradients_facts as facts
from course_pkg.check.cases.gradients_draws import KINDS, labelled, odd

A, B, C = REFERENCE["counterexamples"]()
ODD = {
    "nothing": None,
    "a text": "A, B, C",
    "two": (A, B),
    "four": (A, B, C, C),
    "texts": ("A", "B", "C"),
    "ragged": ([[1, 2], [3]], [[1, 2], [3]], [[1, 2], [3]]),
    "vectors": (np.ones(3),) * 3,
    "oblong": (np.ones((2, 3)),) * 3,
    "empty": (np.zeros((0, 0)),) * 3,
    "large": (np.eye(65),) * 3,
    "complex": (1j * A, 1j * B, 1j * C),
    "whether": (A > 0, B > 0, C > 0),
    "NaN": (np.nan * A, np.nan * B, np.nan * C),
    "beyond": (1e200 * A, 1e200 * B, 1e200 * C),
    "a stack of lists": [[[A]], [[B]], [[C]]],
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_matrix_earns_nothing(name):
    found = report("counterexamples", lambda: ODD[name], word="gradients")
    assert found.points == 0
    assert "Not so: " in found.message()
    assert name in ("NaN", "beyond") or not found.misconceptions


def test_an_object_is_told_by_its_type():
    found = report("counterexamples", lambda: (A, B, object()), word="gradients")
    assert found.points == 0
    assert "Your function returned an object" in found.message()


def test_the_message_says_which_fact_is_missing():
    found = report("counterexamples", lambda: (A, B, 0.9 * B), word="gradients")
    assert found.points == 1.5
    assert "Not so: the norm of C is at least 2." in found.message()
    assert found.misconceptions == ["the norm of one of the two is below 2"]


@pytest.mark.parametrize("largest", [1.0, 99.0, 101.0])
def test_a_power_has_to_exceed_a_hundred(largest):
    # The corner of the n-th power of [[λ, c], [0, λ]] is n c λ^(n-1), largest near 9.5.
    A = np.array([[0.9, largest / (10 * 0.9**9)], [0.0, 0.9]])
    got = facts.grows_first({}, (A, B, C))
    assert list(got.values()) == [True, True, True, largest > 100]


def test_slow_growth_is_seen_within_the_powers_that_are_tried():
    A = np.array([[0.998, 1.0], [0.0, 0.998]])  # its corner is largest at n = 500
    assert all(facts.grows_first({}, (A, B, C)).values())


def test_a_radius_of_one_is_not_below_one():
    A = np.array([[1.0, 200.0], [0.0, 1.0]])
    assert list(facts.grows_first({}, (A, B, C)).values()) == [True, True, False, True]


def test_draws_are_what_they_are_called():
    for seed in range(20):
        drawn = labelled(np.random.default_rng(seed))
        assert set(drawn["kinds"]) == set(KINDS)
        rows = zip(*(drawn[n] for n in ("curves", "controls", "kinds")), strict=True)
        for curve, control, kind in rows:
            left, kept = curve[-1] / curve[0], control[-1] / control[0]
            assert {"exploding": left > 1e3, "healthy": 0.01 < left < 1e3}.get(
                kind, left < 1e-5
            )
            if kind == "nothing there":
                assert kept > 0.01
            if kind == "vanishing":
                assert kept < 1e-5
            if kind != "exploding":
                assert curve.max() < 1e3 * curve[0]


@pytest.mark.parametrize("mistakes", [0, 1, 2])
def test_one_curve_in_25_may_be_named_wrong(mistakes):
    left = [mistakes]

    def answer(curve, control):
        word = RIGHT["diagnose"][0](curve, control)
        if len(curve) > 0 and left[0] and word != "exploding":
            left[0] -= 1
            return "exploding"
        return word

    found = {r.case.name: r for r in report("diagnose", answer, 3, "gradients").results}
    assert found["25 curves"].ok == (mistakes < 2)
    if mistakes == 2:
        assert "and not 'exploding'" in found["25 curves"].message
        assert "There are 2 like this." in found["25 curves"].message


@pytest.mark.parametrize("word", [None, 3.0, "Healthy", ["healthy"], "x" * 300])
def test_a_word_that_is_none_of_the_four(word):
    found = report("diagnose", lambda curve, control: word, word="gradients")
    assert found.points == 0
    assert "and not 'another word'" in found.message()
    assert len(found.message()) < 2000


def test_odd_curves_hold_what_breaks_comparisons():
    drawn = odd(np.random.default_rng(0))
    values = np.concatenate(drawn["curves"])
    assert np.isnan(values).any()
    assert np.isinf(values).any()
    assert any((curve == 0).all() for curve in drawn["curves"])
