"""Truncated backpropagation through time: long sequences in windows.

A window moves on by ``size`` steps (k1) and reaches back over ``reach`` steps (k2). Its
first state is carried over as a number: no gradient goes back through it. Each window
is run again from that state, so its gradient is right after a change of parameters.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch

from course_pkg.arrays import Array, expect, namespace
from course_pkg.bptt import Cell, Params, State, backward, each, forward

LOSSES = ("all", "new", "last")
LossGrad = Callable[[Array, slice], tuple[Array, Array]]


class Window(NamedTuple):
    """Steps start … stop-1 of a sequence, of which new … stop-1 are seen first here."""

    start: int
    new: int
    stop: int


class Result(NamedTuple):
    """What one window gives: its loss, gradients and states.

    grads: a dict like params; dx (stop-start, B, I); carried: the state in which the
    next window starts; last: the state after the window's last step.
    """

    loss: Array
    grads: Params
    dx: Array
    carried: State
    last: State


def windows(T: int, size: int, reach: int | None = None) -> list[Window]:
    """Return the windows that cover T steps; without reach they are disjoint chunks.

    Raises ValueError unless 1 ≤ size ≤ reach and T ≥ 1. The last window has fewer new
    steps where size does not divide T. Source: Williams and Peng 1990, with k1 = size
    and k2 = reach; Sutskever 2013, section 2.8.6.
    """
    expect(T >= 1, "T", "at least 1 step", T)
    expect(size >= 1, "size", "at least 1 step", size)
    reach = size if reach is None else reach
    expect(reach >= size, "reach", f"at least size = {size}", reach)
    back = reach - size
    return [Window(max(0, t - back), t, min(t + size, T)) for t in range(0, T, size)]


def loss_steps(window: Window, on: str = "new") -> slice:
    """Return the steps whose losses a window counts: all of its own, new or last.

    With "new" every step of the sequence counts once, so windows add up to its loss.
    """
    expect(on in LOSSES, "on", " or ".join(LOSSES), on)
    first = {"all": window.start, "new": window.new, "last": window.stop - 1}
    return slice(first[on], window.stop)


def chunks(x: Array, size: int) -> Iterator[Array]:
    """Cut x (T, ...) into pieces of size steps, the last one shorter if need be."""
    for window in windows(len(x), size):
        yield x[window.new : window.stop]


def reach_share(lag: int, size: int, reach: int | None = None) -> float:
    """Return the share of steps whose loss sends a gradient back over lag ≥ 0 steps.

    For chunks, reach = size, that is max(0, (size - lag) / size): a step early in its
    chunk sees little of the past.
    """
    reach = size if reach is None else reach
    return min(max(reach - lag, 0), size) / size


def detach(state: State) -> State:
    """Cut a state, of arrays (B, H), from the graph that made it; the numbers stay."""
    return each(lambda x: x.detach() if isinstance(x, torch.Tensor) else x, state)


def window_grads(
    cell: Cell,
    params: Params,
    x: Array,
    state: State,
    loss_grad: LossGrad,
    window: Window,
    mask: Array | None = None,
    *,
    on: str = "new",
    following: int | None = None,
) -> Result:
    """Run one window forward and back, its first state taken as a constant.

    x (T, B, I), mask (T, B, 1): the whole sequence; state: where the window starts.
    loss_grad(hs, steps) takes the h_t (·, B, H) of a slice of the sequence's steps and
    returns their loss and its gradient; following: where the next window starts.
    Source: Williams and Peng 1990.
    """
    start, stop = window.start, window.stop
    m = None if mask is None else mask[start:stop]
    cut = (stop if following is None else following) - start
    state, x = detach(state), x[start:stop]
    hs, carried, last, tape = _forward(cell, params, x, state, m, cut)
    loss, dhs = _losses(hs, loss_grad, loss_steps(window, on), start)
    zero = each(namespace(hs).zeros_like, last)
    grads, dx, _ = backward(cell, params, x, dhs, zero, tape, m)
    return Result(loss, grads, dx, detach(carried), detach(last))


def truncated(
    cell: Cell,
    params: Params,
    x: Array,
    state: State,
    loss_grad: LossGrad,
    size: int,
    mask: Array | None = None,
    *,
    reach: int | None = None,
    on: str = "new",
) -> tuple[Array, Params, State]:
    """Sum losses and gradients of all windows over x (T, B, I), without an update.

    Arguments as in `window_grads`. Returns the loss, grads (a dict like params) and the
    last state, to carry on from. With one window, this is full backpropagation. Make
    loss_grad divide by the same number in every window, so that none weighs too much.
    """
    plan = windows(len(x), size, reach)
    loss: Array = 0
    grads = {k: namespace(x).zeros_like(p) for k, p in params.items()}
    starts = [window.start for window in plan[1:]] + [plan[-1].stop]
    for window, following in zip(plan, starts, strict=True):
        result = window_grads(
            cell, params, x, state, loss_grad, window, mask, on=on, following=following
        )
        loss = loss + result.loss
        grads = {k: g + result.grads[k] for k, g in grads.items()}
        state = result.carried
    return loss, grads, state


def _forward(
    cell: Cell, params: Params, x: Array, state: State, mask: Array | None, cut: int
) -> tuple:
    """Run forward in two pieces, to see the state before step cut, and join them."""
    expect(0 <= cut <= len(x), "following", "a step inside the window", cut)
    pieces, carried = [], state
    for piece in (slice(0, cut), slice(cut, len(x))):
        if len(x[piece]):
            m = None if mask is None else mask[piece]
            hs, state, tape = forward(cell, params, x[piece], state, m)
            pieces.append((hs, *tape))
        if piece.stop == cut:
            carried = state
    hs, *taped = map(namespace(x).concat, zip(*pieces, strict=True))
    return hs, carried, state, type(tape)(*taped)


def _losses(
    hs: Array, loss_grad: LossGrad, steps: slice, start: int
) -> tuple[Array, Array]:
    """Ask for the losses of these steps; their gradient is zero at all others."""
    own = slice(steps.start - start, len(hs))
    loss, d_own = loss_grad(hs[own], steps)
    want = f"a gradient of shape {tuple(hs[own].shape)}"
    expect(d_own.shape == hs[own].shape, "loss_grad", want, tuple(d_own.shape))
    dhs = namespace(hs).zeros_like(hs)
    dhs[own] = d_own
    return loss, dhs
