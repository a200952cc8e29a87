"""The fast loops of the Elman cell, with tanh or a rectifier."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from course_pkg.cells.elman import Tape
from course_pkg.fast.products import adder, run_back


class Loops(NamedTuple):
    """The loops for an activation, in place, and its derivative by its value."""

    act_: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]

    def run(
        self, gi: Tensor, h: Tensor, W: Tensor, b: Tensor | None, mask: Tensor | None
    ) -> tuple[Tensor, Tensor, Tape]:
        """Run forward over gi (T, B, H); arguments and results as in `bptt.scan`."""
        hs = gi.new_empty(len(gi) + 1, *h.shape)
        hs[0] = h
        # Where a mask holds the state, what the step computed has a place of its own.
        new = hs[1:] if mask is None else torch.empty_like(hs[1:])
        add, rows = adder(new, gi, W, b), hs.unbind()
        keep = None if mask is None else (1 - mask).unbind()
        for t in range(len(gi)):
            h = self.act_(add(t, rows[t]))
            if keep is not None:
                torch.lerp(h, rows[t], keep[t], out=rows[t + 1])
        return hs[1:], hs[-1].clone(), Tape(new, hs[:-1])

    def run_grad(
        self, dhs: Tensor, dh: Tensor, tape: Tape, W: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Run back over dhs (T, B, H); arguments and results as in `bptt.scan_grad`."""
        da = self.slope(tape.h)
        if mask is not None:
            da *= mask
        rows, carry = da.unbind(), None if mask is None else 1 - mask
        dh, total = run_back(dhs, dh, da, W, carry, lambda t, d: rows[t].mul_(d))
        return da, da, dh, total


TANH = Loops(torch.tanh_, lambda h: torch.addcmul(h.new_ones(()), h, h, value=-1))
RELU = Loops(torch.relu_, lambda h: (h > 0).to(h.dtype))
