"""Own past: how often a decoder in training reads its own last symbol, not the truth.

The probability rises with the steps of training; a schedule is a function of the step.
"""

import math

import numpy as np
import torch
from torch import Tensor

from course_pkg.arrays import expect


def linear(step: int, steps: int, most: float = 1.0) -> float:
    """Return the probability of own past, from 0 at step 0 to most at steps and after.

    Raises ValueError for steps < 1 and most outside [0, 1]. Source: Bengio et al. 2015.
    """
    expect(steps >= 1, "steps", "at least 1", steps)
    expect_probability("most", most)
    return most * min(max(step / steps, 0.0), 1.0)


def inverse_sigmoid(step: int, k: float) -> float:
    """Return 1 − k / (k + exp(step / k)): at step 0 it is 1 / (1 + k), later near 1.

    k ≥ 1: the larger, the later; one half is reached at step k ln k. Raises ValueError
    for smaller k. Source: Bengio, Vinyals, Jaitly, Shazeer 2015.
    """
    expect(k >= 1, "k", "at least 1", k)
    return 1 / (1 + k * math.exp(-step / k))


def decide(rng: np.random.Generator, p: float, T: int, B: int) -> Tensor:
    """Decide for T steps of B sequences, each by itself, on own past: (T, B), Boolean.

    p: its probability. Raises ValueError for p outside [0, 1].
    """
    expect_probability("own_past", p)
    return torch.from_numpy(rng.random((T, B)) < p)


def expect_probability(name: str, p: float) -> None:
    """Raise ValueError unless p is a number in [0, 1]."""
    expect(0 <= p <= 1, name, "a probability in [0, 1]", p)
