"""How layers lie on top of each other: who reads what, and which path goes past whom.

Nothing here knows a cell: the caller says how one direction of one layer is swept.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from course_pkg.bptt import State

Sweep = Callable[[int, Tensor], tuple[Tensor, State]]


class Stack(NamedTuple):
    """L layers of D directions.

    joined: a layer reads all directions of the layer below; otherwise each direction is
    a stack by itself, and they meet in the output only. residual: from the second layer
    on, what a layer reads from below is added to what it puts out. input_to_all: every
    layer reads the input, too, behind what comes from below.
    """

    num_layers: int
    directions: int
    joined: bool = True
    residual: bool = False
    input_to_all: bool = False

    def reads(self, layer: int, I: int, H: int) -> int:  # noqa: E741
        """Return how many numbers a layer reads at a step: I at the bottom, then H·."""
        below = H * (self.directions if self.joined else 1)
        return I if layer == 0 else below + I * self.input_to_all

    def run(
        self, x: Tensor, sweep: Sweep, drop: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, list[State]]:
        """Run all layers over x (T, B, I).

        sweep(k, x) returns hs (T, B, H) and the last state of direction k % D of layer
        k // D; drop(x): the dropout between layers. Returns the output (T, B, D·H) and
        the last states, in the order of k.
        """
        D, below, last = self.directions, [x], []
        for layer in range(self.num_layers):
            read = below if layer == 0 else [drop(hs) for hs in below]
            if layer > 0 and self.input_to_all:
                read = [torch.cat([hs, x], -1) for hs in read]
            pairs = [sweep(D * layer + d, read[d % len(read)]) for d in range(D)]
            out = [hs for hs, _ in pairs]
            out = [torch.cat(out, -1)] if self.joined else out
            if layer > 0 and self.residual:
                out = [hs + past for hs, past in zip(out, below, strict=True)]
            below = out
            last += [state for _, state in pairs]
        return torch.cat(below, -1), last
