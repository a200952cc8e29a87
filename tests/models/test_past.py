"""Schedules of own past, and its decisions."""

import math

import numpy as np
import pytest
import torch

from course_pkg.models.past import decide, inverse_sigmoid, linear


def test_linear_rises_to_its_most_and_stays():
    found = [linear(step, 4, 0.8) for step in (-1, 0, 1, 2, 4, 9)]
    assert found == pytest.approx([0, 0, 0.2, 0.4, 0.8, 0.8], abs=1e-12)
    assert linear(3, 4) == 0.75


@pytest.mark.parametrize("k", [1, 5, 40.5])
@pytest.mark.parametrize("step", [0, 1, 17, 200])
def test_inverse_sigmoid_is_the_papers(step, k):
    true = k / (k + math.exp(step / k))
    assert inverse_sigmoid(step, k) == pytest.approx(1 - true, abs=1e-12)


def test_inverse_sigmoid_starts_low_crosses_one_half_and_ends_at_one():
    assert inverse_sigmoid(0, 100) == pytest.approx(1 / 101)
    assert inverse_sigmoid(100 * math.log(100), 100) == pytest.approx(0.5)
    # exp(step / k) itself would overflow here.
    assert inverse_sigmoid(10**7, 1) == 1


def test_decisions_have_their_share_in_every_step_and_sequence():
    own = decide(np.random.default_rng(0), 0.3, 400, 300)
    assert own.shape == (400, 300)
    assert own.dtype == torch.bool
    for axis in (0, 1):
        share = own.double().mean(axis)
        assert share.mean() == pytest.approx(0.3, abs=0.01)
        # Binomial, ±6 deviations: decided neither for whole steps nor for sequences.
        assert (share - 0.3).abs().max() < 6 * (0.21 / 300) ** 0.5
        assert share.std() > 0
    rng = np.random.default_rng(0)
    assert not decide(rng, 0.0, 50, 50).any()
    assert decide(rng, 1.0, 50, 50).all()


MISTAKES = {
    r"^steps: expected at least 1, got 0": lambda: linear(3, 0),
    r"^most: expected a probability in \[0, 1\], got 1.1": lambda: linear(3, 5, 1.1),
    r"^k: expected at least 1, got 0.5": lambda: inverse_sigmoid(3, 0.5),
    r"^own_past: expected a probability in \[0, 1\], got -0.1": lambda: decide(
        np.random.default_rng(0), -0.1, 2, 2
    ),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_a_mistake_is_named(message):
    with pytest.raises(ValueError, match=message):
        MISTAKES[message]()
