"""Who runs a layer's cell through time: the choice behind ``backend=``."""

from typing import Any

import torch
from torch import Tensor

from course_pkg import bptt, fast, kernels
from course_pkg.arrays import expect, expect_choice
from course_pkg.autograd import Scan, named, names, parts, whole
from course_pkg.bptt import REFERENCE, Cell, Pair
from course_pkg.cells import elman, gru, lstm, relu
from course_pkg.fast.products import onednn_is_on

BACKENDS = "auto", "reference", "autograd", "fast", "fused", "torch"

# torch's own loops, which run on oneDNN or cuDNN where these have the cell.
LIBRARY: dict[Any, Any] = {
    elman: torch.rnn_tanh,
    relu: torch.rnn_relu,
    gru: torch.gru,
    lstm: torch.lstm,
}


def title(cell: Cell) -> str:
    """Return the name of a cell, a module or an object."""
    return str(getattr(cell, "__name__", type(cell).__name__)).rpartition(".")[2]


def pick(name: str, cell: Cell, device: torch.device, dtype: torch.dtype) -> Pair:
    """Return the pair that runs a cell under "auto", "fast", "fused" or "reference".

    "auto": a fused kernel where there is one, else the fast pair, else the reference.
    Raises ValueError for "fused" without a kernel.
    """
    if name == "reference":
        return REFERENCE
    if name == "fast":
        return fast.PAIR
    fused = kernels.pick(cell, device, dtype)
    if name == "fused":
        want = f"a cell with a kernel in course_pkg.kernels for {device.type}, {dtype}"
        expect(fused is not None, "backend='fused'", want, title(cell))
    return fused or fast.pick(cell, device, dtype) or REFERENCE


def run(
    name: str, cell: Cell, n: int, x: Tensor, mask: Tensor | None, *arrays: Tensor
) -> tuple[Tensor, ...]:
    """Run a cell over x (T, B, I); return hs (T, B, H), then the last state's n arrays.

    name: "reference", `bptt`'s pair; "autograd", its scan with gradients by autograd,
    which has second derivatives; "fast", the pair for the CPU; "fused", a kernel;
    "torch", torch's own loop; "auto", the fastest there is. mask and arrays: as in
    `autograd.Scan`. Raises ValueError as it and `pick` do, for an unknown name, and for
    "torch" with a mask or with a cell that torch has not.
    """
    expect_choice("backend", name, BACKENDS)
    if name == "torch" or (name == "auto" and torch_is_faster(cell, x, mask)):
        return run_library(cell, n, x, mask, *arrays)
    if name == "autograd":
        params, first = named(cell, arrays[n:]), whole(arrays[:n])
        hs, state, _ = bptt.forward(cell, params, x, first, mask)
        return hs, *parts(state)
    pair = pick(name, cell, x.device, x.dtype)
    return Scan.apply(pair, cell, n, x, mask, *arrays)


def torch_is_faster(cell: Cell, x: Tensor, mask: Tensor | None) -> bool:
    """Tell whether torch's loop over x (T, B, I) was measured to be the faster one.

    It is for the LSTM in float32 on the CPU, which oneDNN has as one kernel: see
    benchmarks/layers.py.
    """
    fits = cell is lstm and mask is None and x.numel() > 0
    plain = x.device.type == "cpu" and x.dtype == torch.float32
    return fits and plain and onednn_is_on()


def run_library(
    cell: Cell, n: int, x: Tensor, mask: Tensor | None, *arrays: Tensor
) -> tuple[Tensor, ...]:
    """Run a cell over x (T, B, I) by torch's loop; arguments and results as in `run`.

    Raises ValueError for a mask and for a cell that torch has not.
    """
    expect(mask is None, "backend='torch'", "a batch without padding", "a mask")
    expect(cell in LIBRARY, "backend='torch'", "a cell that torch has", title(cell))
    first, weights = [part[None] for part in arrays[:n]], arrays[n:]
    how = len(weights) == len(names(cell, True)), 1, 0.0, torch.is_grad_enabled()
    state = first if cell is lstm else first[0]
    hs, *last = LIBRARY[cell](x, state, weights, *how, False, False)
    return hs, *(part[0] for part in last)
