"""Misconceptions of jordan(params, x, y_0)."""

import numpy as np

from course_pkg.arrays import sigmoid
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "jordan"


def rows(params, x, y_0, back="y", bend=np.tanh):
    """Return h, logits and y of all steps; back: which of the three is fed back."""
    fed, found = y_0, []
    for x_t in x:
        a = x_t @ params["weight_ih"].T + params["bias_ih"] + params["bias_hh"]
        h = bend(a + fed @ params["weight_hh"].T)
        logits = h @ params["weight_hy"].T + params["bias_y"]
        step = {"h": h, "logits": logits, "y": sigmoid(logits)}
        fed = step.get(back, y_0)
        found.append(step)
    return {name: np.stack([s[name] for s in found]) for name in found[0]}


@wrong(
    TASK,
    1,
    "h is fed back",
    "That is an Elman net. In Jordan's, W_hh meets the output of the step before.",
)
def elman_again(params, x, y_0):
    return rows(params, x, y_0, back="h")["y"]


@wrong(
    TASK,
    1,
    "logits are fed back",
    "What goes back is the output as it was put out, after its sigmoid.",
)
def logits_back(params, x, y_0):
    return rows(params, x, y_0, back="logits")["y"]


@wrong(
    TASK,
    0,
    "the first output is ignored",
    "The first step meets y_0, which need not be zero.",
)
def from_zero(params, x, y_0):
    return rows(params, x, 0 * y_0)["y"]


@wrong(
    TASK,
    1,
    "y_0 is fed back at every step",
    "Carry the output on: step t + 1 meets what step t has put out.",
)
def always_the_first(params, x, y_0):
    return rows(params, x, y_0, back="first")["y"]


@wrong(
    TASK,
    0,
    "logits are returned",
    "The output of this net has a sigmoid.",
)
def logits_out(params, x, y_0):
    return rows(params, x, y_0)["logits"]


@wrong(
    TASK,
    0,
    "the first output is in the result",
    "y_0 is given. The first output of the result is y_1, and T are wanted.",
)
def one_too_early(params, x, y_0):
    ys = rows(params, x, y_0)["y"]
    return np.concatenate([y_0[None], ys[:-1]])


@wrong(
    TASK,
    0,
    "a sigmoid inside as well",
    "The hidden layer has tanh; the sigmoid is the output's.",
)
def two_sigmoids(params, x, y_0):
    return rows(params, x, y_0, bend=sigmoid)["y"]


@wrong(
    TASK,
    0,
    "tanh at the output",
    "The hidden layer has tanh; the output has a sigmoid.",
)
def tanh_out(params, x, y_0):
    found, fed = [], y_0
    for x_t in x:
        fed = np.tanh(rows(params, x_t[None], fed)["logits"][0])
        found.append(fed)
    return np.stack(found)


@wrong(
    TASK,
    3 - 0.5,
    "y_0 is changed in place",
    "y = y_0 gives no copy: y[:] = … writes into the caller's array.",
)
def into_the_first(params, x, y_0):
    ys = rows(params, x, y_0)["y"]
    y_0[:] = ys[-1]
    return ys
