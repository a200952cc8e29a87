"""Misconceptions of scan_grad(cell, dhs, d_state, tape, W_hh, mask=None).

Those of its masks, direct paths and ends are in bptt_ends.py.
"""

import numpy as np

from course_pkg.bptt import scan_grad
from course_pkg.cells import elman
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "scan_grad"


@wrong(
    TASK,
    0,
    "only the last step's loss",
    "Every step has a loss of its own: add dhs[t] at every step of the way.",
)
def last_loss(cell, dhs, d_state, tape, W_hh, mask=None):
    last = np.concatenate([0 * dhs[:-1], dhs[-1:]])
    return scan_grad(cell, last, d_state, tape, W_hh, mask)


@wrong(
    TASK,
    0,
    "the loop runs from the first step to the last",
    "Gradients flow from later to earlier: step t needs what step t+1 sends back.",
)
def forwards(cell, dhs, d_state, tape, W_hh, mask=None):
    turned = type(tape)(*(x[::-1] for x in tape))
    m = None if mask is None else mask[::-1]
    dgi, dgh, d, dh = scan_grad(cell, dhs[::-1], d_state, turned, W_hh, m)
    return dgi[::-1], dgh[::-1], d, dh[::-1]


@wrong(
    TASK,
    0,
    "the results in the order in which the loop found them",
    "The loop meets the last step first; turn the lists round before you stack them.",
)
def not_turned(cell, dhs, d_state, tape, W_hh, mask=None):
    dgi, dgh, d, dh = scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    return dgi[::-1], dgh[::-1], d, dh[::-1]


@wrong(
    TASK,
    0,
    "W_hh on the wrong side",
    "Forward it is h @ W_hh.T, so backward it is dgh @ W_hh.",
)
def w_transposed(cell, dhs, d_state, tape, W_hh, mask=None):
    return scan_grad(cell, dhs, d_state, tape, W_hh.T, mask)


@wrong(
    TASK,
    0,
    "the tape of the step before",
    "Step t goes back with the tape of step t: at(tape, t), off by one in time here.",
)
def tape_before(cell, dhs, d_state, tape, W_hh, mask=None):
    steps = [-1, *range(len(dhs) - 1)]  # at(tape, t - 1), which is the last for t = 0
    moved = type(tape)(*(x[steps] for x in tape))
    return scan_grad(cell, dhs, d_state, moved, W_hh, mask)


@wrong(
    TASK,
    0,
    "the tape of the step after",
    "Step t goes back with the tape of step t: at(tape, t), off by one in time here.",
)
def tape_after(cell, dhs, d_state, tape, W_hh, mask=None):
    steps = [*range(1, len(dhs)), len(dhs) - 1]
    moved = type(tape)(*(x[steps] for x in tape))
    return scan_grad(cell, dhs, d_state, moved, W_hh, mask)


@wrong(
    TASK,
    0,
    "W_hh is missing",
    "h_{t-1} reached gh through W_hh: on the way back dgh goes through it as well.",
)
def no_w(cell, dhs, d_state, tape, W_hh, mask=None):
    return scan_grad(cell, dhs, d_state, tape, np.eye(len(W_hh)), mask)


@wrong(
    TASK,
    0,
    "no step hears from the steps after it",
    "dhs[t] is the immediate part only. Add what comes back from step t+1, which is "
    "what the recursion is about.",
)
def immediate_only(cell, dhs, d_state, tape, W_hh, mask=None):
    dgi, dgh, d_prev = cell.step_grad(dhs if mask is None else mask * dhs, tape)
    return dgi, dgh, d_prev[0] + dgh[0] @ W_hh, dhs.copy()


@wrong(
    TASK,
    0,
    "dhs added one step too late",
    "The loss of step t depends on h_t: add dhs[t] before the step back, not after it.",
)
def added_late(cell, dhs, d_state, tape, W_hh, mask=None):
    later = np.concatenate([dhs[1:], 0 * dhs[:1]])
    dgi, dgh, d, dh = scan_grad(cell, later, d_state, tape, W_hh, mask)
    return dgi, dgh, d + dhs[0], dh


@wrong(
    TASK,
    0,
    "the mean over time is taken here",
    "Means belong to the loss and have been taken there. Backpropagation only adds.",
)
def mean_over_time(cell, dhs, d_state, tape, W_hh, mask=None):
    found = scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    return tuple(x / len(dhs) for x in found)


@wrong(
    TASK,
    0,
    "the derivative of tanh for every cell",
    "scan_grad serves any cell: take each step back with cell.step_grad.",
)
def always_elman(cell, dhs, d_state, tape, W_hh, mask=None):
    return scan_grad(elman, dhs, d_state, tape, W_hh, mask)
