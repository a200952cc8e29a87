"""Misconceptions of truncated(cell, params, x, state, loss_grad, size, mask=None)."""

import numpy as np

from course_pkg.bptt import backward, forward
from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.truncation import truncated as right

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "truncated"


def chunk(cell, params, x, state, loss_grad, steps, mask, told=None):
    """Return loss, gradients and last state of one chunk."""
    m = None if mask is None else mask[steps]
    hs, last, tape = forward(cell, params, x[steps], state, m)
    loss, dhs = loss_grad(hs, told or steps)
    grads, _, _ = backward(cell, params, x[steps], dhs, np.zeros_like(last), tape, m)
    return loss, grads, last


def pieces(T, size):
    """Return the steps of each chunk."""
    return [slice(t, min(t + size, T)) for t in range(0, T, size)]


def added(results):
    """Add losses and gradients; return them with the last state."""
    losses, grads, states = zip(*results, strict=True)
    return sum(losses), {k: sum(g[k] for g in grads) for k in grads[0]}, states[-1]


@wrong(
    TASK,
    1.0,
    "the state is reset at every chunk",
    "Carry it over: only the gradient is cut, not what the network remembers.",
)
def reset(cell, params, x, state, loss_grad, size, mask=None):
    results = []
    for steps in pieces(len(x), size):
        ask = (cell, params, x, state, loss_grad, steps, mask)
        results.append(chunk(*ask))
        state = np.zeros_like(state)
    return added(results)


@wrong(
    TASK,
    1.0,
    "every chunk starts in the first state",
    "A chunk starts where the one before ended: keep the last state of forward.",
)
def restart(cell, params, x, state, loss_grad, size, mask=None):
    plan = pieces(len(x), size)
    return added([chunk(cell, params, x, state, loss_grad, s, mask) for s in plan])


@wrong(
    TASK,
    2.0,
    "the state is not detached",
    "This is the full gradient. A chunk's first state is a number to it: what arrives "
    "there goes no further.",
)
def full(cell, params, x, state, loss_grad, size, mask=None):
    return right(cell, params, x, state, loss_grad, len(x), mask)


@wrong(
    TASK,
    4.0,
    "a shorter last chunk is dropped",
    "Steps that are left over are data, too: the last chunk may be short.",
)
def dropped(cell, params, x, state, loss_grad, size, mask=None):
    T = len(x) // size * size
    m = None if mask is None else mask[:T]
    return right(cell, params, x[:T], state, loss_grad, size, m)


@wrong(
    TASK,
    4.0,
    "the last chunk overlaps the one before",
    "Start the last chunk where the one before ended, even if it is short then: no "
    "step counts twice.",
)
def overlapping(cell, params, x, state, loss_grad, size, mask=None):
    results = []
    for steps in pieces(len(x), size):
        steps = slice(min(steps.start, len(x) - size), steps.stop)
        results.append(chunk(cell, params, x, state, loss_grad, steps, mask))
        state = results[-1][2]
    return added(results)


@wrong(
    TASK,
    1.0,
    "a mean over the chunks",
    "loss_grad has divided already, by the same number in every chunk: add.",
)
def mean(cell, params, x, state, loss_grad, size, mask=None):
    n = len(pieces(len(x), size))
    loss, grads, state = right(cell, params, x, state, loss_grad, size, mask)
    return loss / n, {k: g / n for k, g in grads.items()}, state


@wrong(
    TASK,
    1.0,
    "the losses of the first chunk are asked for every time",
    "loss_grad wants to know which steps of the whole sequence hs belong to.",
)
def first_losses(cell, params, x, state, loss_grad, size, mask=None):
    results = []
    for steps in pieces(len(x), size):
        told = slice(0, steps.stop - steps.start)
        results.append(chunk(cell, params, x, state, loss_grad, steps, mask, told))
        state = results[-1][2]
    return added(results)


@wrong(
    TASK,
    1.0,
    "the parameters are updated between chunks",
    "The sum was asked for, at the same parameters throughout; updates come after it.",
)
def updated(cell, params, x, state, loss_grad, size, mask=None):
    results = []
    for steps in pieces(len(x), size):
        results.append(chunk(cell, params, x, state, loss_grad, steps, mask))
        _, grads, state = results[-1]
        params = {k: p - 0.1 * grads[k] for k, p in params.items()}
    return added(results)


@wrong(
    TASK,
    2.0,
    "only the last chunk's gradient",
    "Every chunk has its own gradient, and they are added: grads[k] + new[k].",
)
def only_last(cell, params, x, state, loss_grad, size, mask=None):
    plan, losses = pieces(len(x), size), []
    for steps in plan:
        done = chunk(cell, params, x, state, loss_grad, steps, mask)
        losses.append(done[0])
        state = done[2]
    return sum(losses), done[1], state


@wrong(
    TASK,
    5.0,
    "the mask is not used",
    "Hand mask[start:stop] on, forwards and backwards.",
)
def no_mask(cell, params, x, state, loss_grad, size, mask=None):
    return right(cell, params, x, state, loss_grad, size)
