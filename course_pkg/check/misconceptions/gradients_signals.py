"""Misconceptions of signal_norms(dhs, tape, W_hh, mask=None) for the Elman cell."""

import numpy as np

from course_pkg.bptt import scan_grad
from course_pkg.cells import elman
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "signal_norms"


def totals(dhs, tape, W_hh, mask=None, cell=elman):
    """Return ∂L/∂h_t for all t (T, B, H)."""
    return scan_grad(cell, dhs, np.zeros_like(dhs[0]), tape, W_hh, mask)[3]


def norms(dh):
    """Return the right norms, the last step's first."""
    return np.sqrt((dh**2).sum(-1)).mean(-1)[::-1]


@wrong(
    TASK,
    0,
    "time runs forwards",
    "Entry k belongs to k steps before the last: turn the result round.",
)
def forwards(dhs, tape, W_hh, mask=None):
    return norms(totals(dhs, tape, W_hh, mask))[::-1].copy()


@wrong(
    TASK,
    0,
    "the mean over the batch before the norm",
    "Gradients of different sequences cancel in a mean. Norms first, then the mean.",
)
def mean_first(dhs, tape, W_hh, mask=None):
    return norms(totals(dhs, tape, W_hh, mask).mean(1, keepdims=True))


@wrong(
    TASK,
    0,
    "one norm for the whole batch",
    "Take the norm for each sequence, over H, then the mean over the batch.",
)
def joint(dhs, tape, W_hh, mask=None):
    return np.sqrt((totals(dhs, tape, W_hh, mask) ** 2).sum((1, 2)))[::-1]


@wrong(
    TASK,
    0,
    "the sum over the batch, not the mean",
    "Take the norm for each sequence, over H, then the mean over the batch.",
)
def batch_sum(dhs, tape, W_hh, mask=None):
    return norms(totals(dhs, tape, W_hh, mask)) * dhs.shape[1]


@wrong(
    TASK,
    0,
    "squared norms",
    "The root is missing: the norm is the square root of the sum of squares.",
)
def squared(dhs, tape, W_hh, mask=None):
    return (totals(dhs, tape, W_hh, mask) ** 2).sum(-1).mean(-1)[::-1]


@wrong(
    TASK,
    0,
    "W_hh on the wrong side",
    "Forward it is h @ W_hh.T, so backward it is da @ W_hh.",
)
def w_transposed(dhs, tape, W_hh, mask=None):
    return norms(totals(dhs, tape, W_hh.T, mask))


class AtTheStepBefore:
    """The Elman cell with its slope taken at h_prev."""

    def step_grad(self, d_state, tape):
        da = d_state * (1 - tape.h_prev**2)
        return da, da, 0 * da


@wrong(
    TASK,
    0,
    "the derivative taken at the step before",
    "Step t's tanh made h_t: its slope is 1 - h_t**2, tape.h of the same step.",
)
def early_slope(dhs, tape, W_hh, mask=None):
    return norms(totals(dhs, tape, W_hh, mask, AtTheStepBefore()))


class NoSlope:
    """A cell without a slope."""

    def step_grad(self, d_state, tape):
        return d_state, d_state, 0 * d_state


@wrong(
    TASK,
    0,
    "the derivative of tanh is missing",
    "From h_t back to h_{t-1} the gradient crosses tanh: times 1 - h_t**2.",
)
def no_slope(dhs, tape, W_hh, mask=None):
    return norms(totals(dhs, tape, W_hh, mask, NoSlope()))


@wrong(
    TASK,
    1.5,
    "only the last step's loss",
    "Every step may have a loss: add dhs[t] on the way.",
)
def only_the_last(dhs, tape, W_hh, mask=None):
    last = np.zeros_like(dhs)
    last[-1] = dhs[-1]
    return norms(totals(last, tape, W_hh, mask))


@wrong(
    TASK,
    0,
    "only what a step's own loss says",
    "dhs[t] is the direct part. The state hears of the later losses too, through W_hh.",
)
def only_direct(dhs, tape, W_hh, mask=None):
    return norms(dhs)


@wrong(
    TASK,
    2.5,
    "the mask is not used",
    "At a masked step the state was held: the gradient passes it unchanged.",
)
def no_mask(dhs, tape, W_hh, mask=None):
    return norms(totals(dhs, tape, W_hh))
