"""A fast (scan, scan_grad) pair for tensors on the CPU, beside the readable one.

The contract, the tape and the errors are those of `bptt.scan` and `bptt.scan_grad`.
What differs: buffers are made once and filled in place, and on the way back the local
derivatives of all steps are ready before the loop, which is left with one product and
a few multiplications. No graph is recorded: the gradient is scan_grad's.
"""

from typing import Any

import torch

from course_pkg import bptt
from course_pkg.arrays import Array
from course_pkg.bptt import Cell, Pair, State
from course_pkg.cells import elman as elman_cell
from course_pkg.cells import gru as gru_cell
from course_pkg.cells import lstm as lstm_cell
from course_pkg.cells import relu as relu_cell
from course_pkg.contract import expect_scan, expect_scan_grad
from course_pkg.fast import elman, gru, lstm
from course_pkg.fast.products import linear, weight_grads

LOOPS: dict[Cell, Any] = {
    elman_cell: elman.TANH,
    relu_cell: elman.RELU,
    lstm_cell: lstm,
    gru_cell: gru,
}
DTYPES = torch.float32, torch.float64


@torch.no_grad()
def scan(
    cell: Cell,
    gi: Array,
    state: State,
    W_hh: Array,
    b_hh: Array | None = None,
    mask: Array | None = None,
) -> tuple[Array, State, Any]:
    """Run a cell over all steps, as `bptt.scan` does, with its arguments and errors.

    gi (T, B, G·H). Cells and arrays without a loop of their own are left to it.
    """
    if not _covered(cell, gi, state, W_hh, mask):
        return bptt.scan(cell, gi, state, W_hh, b_hh, mask)
    expect_scan(cell, gi, state, W_hh, mask)
    return LOOPS[cell].run(gi, state, W_hh, b_hh, mask)


@torch.no_grad()
def scan_grad(
    cell: Cell,
    dhs: Array,
    d_state: State,
    tape: Any,
    W_hh: Array,
    mask: Array | None = None,
) -> tuple[Array, Array, State, Array]:
    """Run the transpose of ``scan``, as `bptt.scan_grad` does; dhs (T, B, H).

    The tape may come from either scan. dgi and dgh may be one and the same array.
    """
    if not _covered(cell, dhs, d_state, W_hh, mask):
        return bptt.scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    expect_scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    return LOOPS[cell].run_grad(dhs, d_state, tape, W_hh, mask)


def pick(cell: Cell, device: torch.device, dtype: torch.dtype) -> Pair | None:
    """Return the fast pair where a cell has a loop of its own, else None."""
    fits = cell in LOOPS and device.type == "cpu"
    return PAIR if fits and dtype in DTYPES else None


PAIR = Pair(scan, scan_grad, linear, weight_grads)


def _covered(cell: Cell, x: Array, state: State, *others: Array | None) -> bool:
    parts = state if isinstance(state, tuple) else (state,)
    arrays = [x, *parts, *(a for a in others if a is not None)]
    if not all(isinstance(a, torch.Tensor) for a in arrays):
        return False
    one = all((a.device, a.dtype) == (x.device, x.dtype) for a in arrays)
    return one and pick(cell, x.device, x.dtype) is not None
