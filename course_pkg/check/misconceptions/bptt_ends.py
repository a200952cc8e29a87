"""Misconceptions of scan_grad: masks, direct paths, and both ends of the sequence."""

import numpy as np

from course_pkg.bptt import at, scan_grad
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "scan_grad"


def sweep(cell, dhs, d, tape, W, mask, carry):
    """Go back with carry(m, d, dgi, dgh, d_prev) as the gradient of the state "
    "before."""
    found = []
    mask = np.ones_like(dhs[..., :1]) if mask is None else mask
    for t in reversed(range(len(dhs))):
        d = d + dhs[t]
        dgi, dgh, d_prev = cell.step_grad(mask[t] * d, at(tape, t))
        found.append((dgi, dgh, d))
        d = carry(mask[t], d, dgi, dgh, d_prev)
    dgi, dgh, dh = (np.stack(x[::-1]) for x in zip(*found, strict=True))
    return dgi, dgh, d, dh


class NoDirectPath:
    """A cell whose d_state_prev is lost."""

    def __init__(self, cell):
        self.cell = cell

    def step_grad(self, d_state, tape):
        """Take a step back without the direct path."""
        dgi, dgh, d_prev = self.cell.step_grad(d_state, tape)
        return dgi, dgh, 0 * d_prev


@wrong(
    TASK,
    3.0,
    "the gradient of the last state is dropped",
    "What follows the sequence may depend on its last state: begin with d_state, not "
    "with zeros.",
)
def d_state_dropped(cell, dhs, d_state, tape, W_hh, mask=None):
    return scan_grad(cell, dhs, 0 * d_state, tape, W_hh, mask)


@wrong(
    TASK,
    3.25,
    "the direct path is lost",
    "Where a cell hands its old state on, d_state_prev is not 0. The gradient of "
    "h_{t-1} is d_state_prev + dgh @ W_hh.",
)
def no_direct_path(cell, dhs, d_state, tape, W_hh, mask=None):
    return scan_grad(NoDirectPath(cell), dhs, d_state, tape, W_hh, mask)


@wrong(
    TASK,
    3.25,
    "W_hh meets dgi",
    "In the Elman cell dgi and dgh are equal, in others not. W_hh made gh: use dgh.",
)
def w_meets_dgi(cell, dhs, d_state, tape, W_hh, mask=None):
    def carry(m, d, dgi, dgh, d_prev):
        return (1 - m) * d + m * (d_prev + dgi @ W_hh)

    return sweep(cell, dhs, d_state, tape, W_hh, mask, carry)


@wrong(
    TASK,
    3.0,
    "the mask is not used",
    "At a masked step the state was held and the cell did not work: its gradients are "
    "0 and the state's gradient passes unchanged.",
)
def no_mask(cell, dhs, d_state, tape, W_hh, mask=None):
    return scan_grad(cell, dhs, d_state, tape, W_hh)


@wrong(
    TASK,
    3.0,
    "the gradient is lost at masked steps",
    "A held state is a copy of the one before, and a copy passes its gradient on: add "
    "(1 - m) times the gradient.",
)
def lost_at_masks(cell, dhs, d_state, tape, W_hh, mask=None):
    def carry(m, d, dgi, dgh, d_prev):
        return m * (d_prev + dgh @ W_hh)

    return sweep(cell, dhs, d_state, tape, W_hh, mask, carry)


@wrong(
    TASK,
    3.0,
    "the cell works at masked steps",
    "The gradient passes on, but the cell gets it too. Its own share is m times it: "
    "dgi and dgh are 0 where the mask is 0.",
)
def works_at_masks(cell, dhs, d_state, tape, W_hh, mask=None):
    found, m = [], np.ones_like(dhs[..., :1]) if mask is None else mask
    d = d_state
    for t in reversed(range(len(dhs))):
        d = d + dhs[t]
        dgi, dgh, d_prev = cell.step_grad(d, at(tape, t))
        found.append((dgi, dgh, d))
        d = (1 - m[t]) * d + m[t] * (d_prev + dgh @ W_hh)
    dgi, dgh, dh = (np.stack(x[::-1]) for x in zip(*found, strict=True))
    return dgi, dgh, d, dh


@wrong(
    TASK,
    3.0,
    "the first state gets no gradient",
    "h_0 reached h_1 like every other state: what is left after the last turn of the "
    "loop is its gradient.",
)
def no_first_state(cell, dhs, d_state, tape, W_hh, mask=None):
    dgi, dgh, d, dh = scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    return dgi, dgh, 0 * d, dh


@wrong(
    TASK,
    3.0,
    "the gradient of h_1 given for that of h_0",
    "One step back is missing at the end: through the cell of the first step.",
)
def first_for_zeroth(cell, dhs, d_state, tape, W_hh, mask=None):
    dgi, dgh, _, dh = scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    return dgi, dgh, dh[0], dh


@wrong(
    TASK,
    3.25,
    "dh_total without the step's own loss",
    "The total derivative of h_t has two parts, dhs[t] and what comes from step t+1: "
    "keep it after adding dhs[t].",
)
def total_without_own(cell, dhs, d_state, tape, W_hh, mask=None):
    dgi, dgh, d, dh = scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    return dgi, dgh, d, dh - dhs
