"""Who runs a layer's cell through time: the choice behind ``backend=``."""

import torch
from torch import Tensor

from course_pkg import bptt, fast, kernels
from course_pkg.arrays import expect, expect_choice
from course_pkg.autograd import Scan, named, parts, whole
from course_pkg.bptt import REFERENCE, Cell, Pair

BACKENDS = "auto", "reference", "autograd", "fused"


def pick(name: str, cell: Cell, device: torch.device, dtype: torch.dtype) -> Pair:
    """Return the pair that runs a cell under a backend other than "autograd".

    "auto": a fused kernel where there is one, else the fast pair, else the reference.
    Raises ValueError for "fused" without a kernel, and for an unknown name.
    """
    expect_choice("backend", name, BACKENDS)
    if name == "reference":
        return REFERENCE
    fused = kernels.pick(cell, device, dtype)
    if name == "fused":
        what = getattr(cell, "__name__", type(cell).__name__).rpartition(".")[2]
        want = f"a cell with a kernel in course_pkg.kernels for {device.type}, {dtype}"
        expect(fused is not None, "backend='fused'", want, what)
    return fused or fast.pick(cell, device, dtype) or REFERENCE


def run(
    name: str, cell: Cell, n: int, x: Tensor, mask: Tensor | None, *arrays: Tensor
) -> tuple[Tensor, ...]:
    """Run a cell over x (T, B, I); return hs (T, B, H), then the last state's n arrays.

    name: "reference", `bptt`'s pair; "autograd", its scan with gradients by autograd,
    which has second derivatives; "fused", a kernel; "auto", the fastest there is.
    mask and arrays: as in `autograd.Scan`. Raises ValueError as it and `pick` do.
    """
    if name == "autograd":
        params, first = named(cell, arrays[n:]), whole(arrays[:n])
        hs, state, _ = bptt.forward(cell, params, x, first, mask)
        return hs, *parts(state)
    pair = pick(name, cell, x.device, x.dtype)
    return Scan.apply(pair, cell, n, x, mask, *arrays)
