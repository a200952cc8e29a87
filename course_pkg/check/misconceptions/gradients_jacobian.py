"""Misconceptions of jacobian(params, h_prev, x) for the Elman cell."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "jacobian"


def pre(params, h_prev, x, bias=1.0):
    """Return the pre-activation (B, H)."""
    a = x @ params["weight_ih"].T + h_prev @ params["weight_hh"].T
    return a + bias * (params["bias_ih"] + params["bias_hh"])


def rows(slopes, params):
    """Return diag(slopes) W for slopes (B, H)."""
    return slopes[..., None] * params["weight_hh"]


def slopes(params, h_prev, x):
    """Return the right slopes (B, H)."""
    return 1 - np.tanh(pre(params, h_prev, x)) ** 2


@wrong(
    TASK,
    0,
    "the derivative taken at the step before",
    "The tanh that is crossed made h_t: take the step first, then 1 - h_t**2.",
)
def at_h_prev(params, h_prev, x):
    return rows(1 - h_prev**2, params)


@wrong(
    TASK,
    0,
    "columns of W_hh scaled instead of rows",
    "Row i belongs to unit i of the new state, so it has that unit's slope.",
)
def columns(params, h_prev, x):
    return slopes(params, h_prev, x)[:, None, :] * params["weight_hh"]


@wrong(
    TASK,
    0,
    "the transpose",
    "Rows belong to the new state, columns to the old: entry (i, j) is ∂h_t[i]/∂h[j].",
)
def transposed(params, h_prev, x):
    return np.swapaxes(rows(slopes(params, h_prev, x), params), -1, -2)


@wrong(
    TASK,
    0,
    "the derivative of tanh is missing",
    "Between the pre-activation and the state there is tanh: scale by its slope.",
)
def only_weights(params, h_prev, x):
    return np.repeat(params["weight_hh"][None], len(x), axis=0)


@wrong(
    TASK,
    0,
    "1 - a**2 for 1 - h**2",
    "The derivative of tanh is 1 - tanh(a)**2, and tanh(a) is h, not a.",
)
def of_a(params, h_prev, x):
    return rows(1 - pre(params, h_prev, x) ** 2, params)


@wrong(
    TASK,
    0,
    "the biases are left out",
    "They move the pre-activation, so they decide the slope, although they are not in "
    "the matrix.",
)
def no_bias(params, h_prev, x):
    return rows(1 - np.tanh(pre(params, h_prev, x, bias=0)) ** 2, params)


@wrong(
    TASK,
    0,
    "the input is left out",
    "x moves the pre-activation, so it decides the slope, although it is not in the "
    "matrix.",
)
def no_input(params, h_prev, x):
    return rows(1 - np.tanh(pre(params, h_prev, 0 * x)) ** 2, params)


@wrong(
    TASK,
    0,
    "the derivative with respect to the input",
    "W_ih leads from x to the state. From state to state it is W_hh.",
)
def to_the_input(params, h_prev, x):
    return slopes(params, h_prev, x)[..., None] * params["weight_ih"]


@wrong(
    TASK,
    1.5,
    "one matrix for the whole batch",
    "Each sequence has slopes of its own: return a matrix for each, (B, H, H).",
)
def mean_of_the_batch(params, h_prev, x):
    J = rows(slopes(params, h_prev, x), params)
    return np.repeat(J.mean(0)[None], len(J), axis=0)
