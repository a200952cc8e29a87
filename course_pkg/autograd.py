"""The bridge to PyTorch: autograd calls our backward pass for our forward pass."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from course_pkg import bptt
from course_pkg.bptt import NAMES, Cell, Pair, Params, State


def names(cell: Cell, bias: bool) -> tuple[str, ...]:
    """Return the names of a layer's weights in order: torch's, then the cell's own."""
    both = NAMES + getattr(cell, "own", ())
    return both if bias else tuple(n for n in both if not n.startswith("bias"))


def parts(state: State) -> tuple[Tensor, ...]:
    """Return the arrays of a state, each (B, H), as a tuple."""
    return state if isinstance(state, tuple) else (state,)


def whole(parts: Sequence[Tensor]) -> State:
    """Put the arrays of a state, each (B, H), together again: undo `parts`."""
    return tuple(parts) if len(parts) > 1 else parts[0]


def autocast_on(x: Tensor) -> bool:
    """Tell whether autocast is on where x (...) is."""
    device = x.device.type
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)


def no_autocast(x: Tensor) -> AbstractContextManager:
    """Return a context in which products keep the dtype of x (...)."""
    on = autocast_on(x)
    return torch.autocast(x.device.type, enabled=False) if on else nullcontext()


def named(cell: Cell, arrays: Sequence[Tensor]) -> Params:
    """Return a dict of weights, any shape, that come in the order of `names`."""
    bias = len(arrays) == len(names(cell, True))
    return dict(zip(names(cell, bias), arrays, strict=True))


class Scan(torch.autograd.Function):
    """Give `bptt.forward` the derivative `bptt.backward`."""

    @staticmethod
    def forward(
        ctx: Any,
        pair: Pair,
        cell: Cell,
        n: int,
        x: Tensor,
        mask: Tensor | None,
        *arrays: Tensor,
    ) -> tuple[Tensor, ...]:
        """Return hs (T, B, H), then the n arrays (B, H) of the last state.

        pair: what runs the cell; x (T, B, I); mask (T, B, 1); arrays: the n of the
        first state, then the weights in the order of `names`. Raises ValueError as
        `bptt.forward` does.
        """
        params, first = named(cell, arrays[n:]), whole(arrays[:n])
        hs, state, tape = bptt.forward(cell, params, x, first, mask, pair)
        ctx.pair, ctx.cell, ctx.tape, ctx.names = pair, cell, type(tape), tuple(params)
        ctx.save_for_backward(x, mask, *params.values(), *tape)
        return hs, *parts(state)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *d_outputs: Tensor) -> tuple[Tensor | None, ...]:
        """Return a gradient for each argument of ``forward``, None for the mask.

        d_outputs: the gradients of hs (T, B, H) and of the last state's arrays (B, H).
        """
        (dhs, *d_state), (x, mask, *saved) = d_outputs, ctx.saved_tensors
        params = dict(zip(ctx.names, saved, strict=False))
        tape = ctx.tape(*saved[len(params) :])
        # Whoever calls may be under autocast, which forward was not.
        with no_autocast(x):
            grads, dx, d_state0 = bptt.backward(
                ctx.cell, params, x, dhs, whole(d_state), tape, mask, ctx.pair
            )
        return None, None, None, dx, None, *parts(d_state0), *grads.values()
