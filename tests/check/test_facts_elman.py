"""Nets made by hand are judged by what they do: any right one passes, no odd one."""

import numpy as np
import pytest
from answers_elman import REFERENCE, net
from asking import report

from course_pkg.check.cases import elman_draws as draws
from course_pkg.check.cases import elman_facts as facts
from course_pkg.check.cases.elman_nets import read

ONE = [[1.0]]
ODD = {
    "nothing": None,
    "a list": [ONE, ONE, ONE],
    "no activation": {"weight_ih": ONE, "weight_hh": ONE, "weight_hy": ONE},
    "another activation": net("sigmoid", ONE, ONE, ONE),
    "an activation that is no text": net(["linear"], ONE, ONE, ONE),
    "a weight too few": {"activation": "linear", "weight_ih": ONE, "weight_hh": ONE},
    "a weight too many": net("linear", ONE, ONE, ONE, bias_hh=[0.0]),
    "texts": net("linear", [["1"]], ONE, ONE),
    "ragged": net("linear", [[1], [1, 2]], np.eye(2), [[1, 1]]),
    "numbers": net("linear", 1.0, 1.0, 1.0),
    "oblong": net("linear", [[1.0], [1.0]], [[1.0, 0.0]], [[1.0, 0.0]]),
    "of no units": net("linear", np.zeros((0, 1)), np.zeros((0, 0)), np.zeros((1, 0))),
    "large": net("linear", np.ones((65, 1)) / 65, np.eye(65), np.ones((1, 65))),
    "complex": net("linear", ONE, np.ones((1, 1), dtype=complex), ONE),
    "whether": net("linear", ONE, [[True]], ONE),
    "NaN": net("linear", ONE, [[np.nan]], ONE),
    "infinite": net("linear", ONE, ONE, [[np.inf]]),
    "beyond": net("linear", [[1e-200]], ONE, [[1e200]]),
    "a bias without a number": net("linear", ONE, ONE, ONE, bias=None),
}


@pytest.mark.parametrize("task", ["summing", "latch"])
@pytest.mark.parametrize("name", ODD)
def test_what_is_no_net_earns_nothing(task, name):
    found = report(task, lambda: ODD[name], word="elman")
    assert found.points == 0
    assert "Not so: a dict with activation" in found.message()
    assert not found.misconceptions


@pytest.mark.parametrize("task", ["summing", "comparing", "latch"])
@pytest.mark.parametrize("weight", [50.0, 1e99, -1e99])
def test_a_net_that_explodes_earns_nothing(task, weight):
    right = REFERENCE[task]()
    found = report(task, lambda: right | {"weight_hh": [[weight]]}, word="elman")
    assert found.points < found.task.points
    assert "Not so: " in found.message()


def test_64_units_are_not_too_many():
    wide = net("linear", np.ones((64, 1)), np.eye(64), np.ones((1, 64)) / 64)
    assert report("summing", lambda: wide, word="elman").points == 1


@pytest.mark.parametrize("task", ["summing", "comparing", "latch"])
def test_biases_are_used(task):
    for biases in ({"bias": [2.0]}, {"bias_y": [-3.0]}):
        wrong = REFERENCE[task]() | biases
        found = report(task, lambda wrong=wrong: wrong, word="elman")
        assert found.points < found.task.points


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("weight", [0.98, 1.02])
def test_what_is_right_for_short_sequences_only_is_found_out(weight, seed):
    x = draws.columns(np.random.default_rng(seed))
    leaking = REFERENCE["comparing"]() | {"weight_hh": [[weight]]}
    found = facts.compares(x, leaking)
    assert not found["right on random sequences of 100 to 200 steps"]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("draw", [draws.totals, draws.columns, draws.switches])
def test_lengths_are_what_the_facts_say(draw, seed):
    drawn = draw(np.random.default_rng(seed))
    lengths = drawn["lengths"]
    assert len(drawn["x"]) == lengths.max() == 200
    assert ((lengths >= 5) & (lengths <= 20) | (lengths >= 100)).all()
    assert (lengths <= 20).sum() == (lengths >= 100).sum()


def test_one_wrong_output_is_enough():
    drawn = {"x": np.ones((30, 4, 1)), "lengths": np.array([5, 20, 25, 30])}
    hand = read(REFERENCE["summing"](), 1)
    total = drawn["x"][..., 0].cumsum(0)
    total[24, 2] += 1
    found = facts.at_random(hand, drawn, lambda y: abs(y - total) < 0.1)
    assert list(found.values()) == [True, False]


def test_what_an_output_may_miss_is_not_asked_of_ties():
    drawn = {"x": np.ones((30, 2, 2)), "lengths": np.array([5, 30])}
    found = facts.compares(drawn, REFERENCE["comparing"]() | {"bias_y": [1e-9]})
    assert all(found.values())
