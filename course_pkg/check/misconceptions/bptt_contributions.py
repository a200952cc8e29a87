"""Misconceptions of contributions(cell, dhs, tape, W_hh, mask=None)."""

import numpy as np

from course_pkg.bptt import scan_grad
from course_pkg.check.misconceptions.bptt_ends import NoDirectPath
from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.gradients import contributions

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "contributions"


def one_row_each(cell, dhs, tape, W_hh, mask, start, length):
    """Return rows length(dh_total) of sweeps that begin with start(t) (T, B, H)."""
    zero = 0 * dhs[0]
    totals = (
        scan_grad(cell, start(t), zero, tape, W_hh, mask)[3] for t in range(len(dhs))
    )
    return np.stack([length(dh) for dh in totals])


def only(dhs, t):
    """Return dhs with all steps but t set to 0."""
    return np.where(np.arange(len(dhs))[:, None, None] == t, dhs, 0)


def norms(dh):
    """Return the right length: norm over H, mean over the batch."""
    return np.sqrt((dh**2).sum(-1)).mean(-1)


@wrong(
    TASK,
    0,
    "every row begins with the total derivative",
    "The total derivative of h_t has the later losses in it already; each path would "
    "be counted many times. Row t begins with the immediate dhs[t] alone.",
)
def from_totals(cell, dhs, tape, W_hh, mask=None):
    totals = scan_grad(cell, dhs, 0 * dhs[0], tape, W_hh, mask)[3]
    return contributions(cell, totals, tape, W_hh, mask)


@wrong(
    TASK,
    0,
    "one sweep with all losses, the same in every row",
    "Then nobody can tell whose loss it was. Each row needs a sweep of its own, with "
    "one loss.",
)
def one_sweep(cell, dhs, tape, W_hh, mask=None):
    return one_row_each(cell, dhs, tape, W_hh, mask, lambda t: dhs, norms)


@wrong(
    TASK,
    0,
    "row t has the losses from step t on",
    "Row t belongs to the loss of step t alone: set the other steps' dhs to 0.",
)
def from_t_on(cell, dhs, tape, W_hh, mask=None):
    steps = np.arange(len(dhs))[:, None, None]

    def start(t):
        return np.where(steps >= t, dhs, 0)

    return one_row_each(cell, dhs, tape, W_hh, mask, start, norms)


@wrong(
    TASK,
    0,
    "row t has the losses up to step t",
    "Row t belongs to the loss of step t alone: set the other steps' dhs to 0.",
)
def up_to_t(cell, dhs, tape, W_hh, mask=None):
    steps = np.arange(len(dhs))[:, None, None]

    def start(t):
        return np.where(steps <= t, dhs, 0)

    return one_row_each(cell, dhs, tape, W_hh, mask, start, norms)


@wrong(
    TASK,
    0,
    "rows and columns are exchanged",
    "The loss's step t is the row, the state's step k the column: zero above the "
    "diagonal.",
)
def exchanged(cell, dhs, tape, W_hh, mask=None):
    return contributions(cell, dhs, tape, W_hh, mask).T


@wrong(
    TASK,
    0,
    "one length for the whole batch",
    "Take the length for each sequence, over H, then the mean over the batch.",
)
def joint_length(cell, dhs, tape, W_hh, mask=None):
    def length(dh):
        return np.sqrt((dh**2).sum((-2, -1)))

    return one_row_each(cell, dhs, tape, W_hh, mask, lambda t: only(dhs, t), length)


@wrong(
    TASK,
    0,
    "the sum over the batch, not the mean",
    "Take the length for each sequence, over H, then the mean over the batch.",
)
def batch_sum(cell, dhs, tape, W_hh, mask=None):
    return contributions(cell, dhs, tape, W_hh, mask) * dhs.shape[1]


@wrong(
    TASK,
    0,
    "the mean over the batch before the length",
    "Gradients of different sequences cancel in a mean. Lengths first, then the mean.",
)
def mean_first(cell, dhs, tape, W_hh, mask=None):
    def length(dh):
        return np.sqrt((dh.mean(1) ** 2).sum(-1))

    return one_row_each(cell, dhs, tape, W_hh, mask, lambda t: only(dhs, t), length)


@wrong(
    TASK,
    0,
    "squared lengths",
    "The root is missing: the length is the square root of the sum of squares.",
)
def squared(cell, dhs, tape, W_hh, mask=None):
    def length(dh):
        return (dh**2).sum(-1).mean(-1)

    return one_row_each(cell, dhs, tape, W_hh, mask, lambda t: only(dhs, t), length)


@wrong(
    TASK,
    0,
    "columns moved by one step",
    "Column k is what arrives at h_k, with dhs[k] itself on the diagonal; here it is "
    "what is sent on from there.",
)
def moved(cell, dhs, tape, W_hh, mask=None):
    right = contributions(cell, dhs, tape, W_hh, mask)
    return np.concatenate([right[:, 1:], 0 * right[:, :1]], axis=1)


@wrong(
    TASK,
    0,
    "W_hh on the wrong side",
    "Forward it is h @ W_hh.T, so backward it is dgh @ W_hh.",
)
def w_transposed(cell, dhs, tape, W_hh, mask=None):
    return contributions(cell, dhs, tape, W_hh.T, mask)


@wrong(
    TASK,
    1.0,
    "the mask is not used",
    "At a masked step the state was held: the gradient passes it unchanged.",
)
def no_mask(cell, dhs, tape, W_hh, mask=None):
    return contributions(cell, dhs, tape, W_hh)


@wrong(
    TASK,
    1.25,
    "the direct path is lost",
    "Where a cell hands its old state on, d_state_prev is not 0 and carries gradient "
    "past W_hh.",
)
def no_direct_path(cell, dhs, tape, W_hh, mask=None):
    return contributions(NoDirectPath(cell), dhs, tape, W_hh, mask)
