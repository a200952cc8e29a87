"""Misconceptions of step(params, h_prev, x) of the Elman cell."""

import numpy as np

from course_pkg.arrays import sigmoid
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "step"


def halves(params, h_prev, x):
    """Return W_ih x + b_ih and W_hh h_prev + b_hh."""
    gi = x @ params["weight_ih"].T + params["bias_ih"]
    return gi, h_prev @ params["weight_hh"].T + params["bias_hh"]


@wrong(
    TASK,
    0,
    "the recurrent term outside the tanh",
    "tanh acts on the whole sum: what comes from the state is bent as well.",
)
def outside(params, h_prev, x):
    gi, gh = halves(params, h_prev, x)
    return np.tanh(gi) + gh


@wrong(
    TASK,
    0,
    "tanh of each half by itself",
    "First add, then one tanh: tanh(a + b) is not tanh(a) + tanh(b).",
)
def each_half(params, h_prev, x):
    gi, gh = halves(params, h_prev, x)
    return np.tanh(gi) + np.tanh(gh)


@wrong(
    TASK,
    0,
    "a sigmoid in place of tanh",
    "The state of an Elman cell lies between -1 and 1: take tanh.",
)
def with_sigmoid(params, h_prev, x):
    return sigmoid(sum(halves(params, h_prev, x)))


@wrong(
    TASK,
    0,
    "no activation",
    "What you return is the sum inside; its tanh is the state.",
)
def no_tanh(params, h_prev, x):
    return sum(halves(params, h_prev, x))


ONE_BIAS = (
    "only one of the two biases",
    "There are two, bias_ih and bias_hh, and both are added.",
)


@wrong(TASK, 0, *ONE_BIAS)
def without_bias_hh(params, h_prev, x):
    return np.tanh(sum(halves(params, h_prev, x)) - params["bias_hh"])


@wrong(TASK, 0, *ONE_BIAS)
def without_bias_ih(params, h_prev, x):
    return np.tanh(sum(halves(params, h_prev, x)) - params["bias_ih"])


@wrong(
    TASK,
    0,
    "no bias at all",
    "Two biases are added inside the tanh, bias_ih and bias_hh.",
)
def no_bias(params, h_prev, x):
    return np.tanh(x @ params["weight_ih"].T + h_prev @ params["weight_hh"].T)


@wrong(
    TASK,
    0,
    "W_hh without its transpose",
    "Here states are rows, so W h becomes h @ W.T. A square matrix does not complain.",
)
def untransposed(params, h_prev, x):
    gi, _ = halves(params, h_prev, x)
    return np.tanh(gi + h_prev @ params["weight_hh"] + params["bias_hh"])


@wrong(
    TASK,
    0,
    "the old state is not used",
    "Without W_hh h_prev there is no memory, and each step is a net of its own.",
)
def no_state(params, h_prev, x):
    return np.tanh(sum(halves(params, 0 * h_prev, x)))


@wrong(
    TASK,
    3,
    "the new state is written over the old one",
    "The array h_prev belongs to who calls you. Return a new one.",
)
def written_over(params, h_prev, x):
    h_prev[:] = np.tanh(sum(halves(params, h_prev, x)))
    return h_prev
