"""How far back a gradient reaches: its norm against the time lag, and a verdict.

Lag k holds the messages that have gone back k steps: from the loss of step s + k to
the state of step s. All lags together are the gradient.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from course_pkg.arrays import Array, expect, expect_shape, namespace, to_numpy
from course_pkg.bptt import NAMES as SHARED
from course_pkg.bptt import (
    Cell,
    Params,
    State,
    bind,
    each,
    hidden,
    scan_grad,
    weight_grads,
)
from course_pkg.spectra import each_step_alone


def messages(
    cell: Cell,
    dhs: Array,
    state: State,
    tape: Any,
    W_hh: Array,
    mask: Array | None = None,
) -> Iterator[tuple[Array, Array, Array]]:
    """Yield, for lag 0 … T-1, what loss s + k tells step s, at [s], zero past the end.

    dhs (T, B, H): ∂L_t/∂h_t; state: any state of the cell, for its parts; cell, tape,
    W_hh, mask: as in ``scan``. Yields dh (T, B, H), dgi and dgh (T, B, G·H).
    """
    expect_shape("dhs", dhs, "T B H", *tape.h_prev.shape)
    T, B = dhs.shape[:2]
    flat, m = each_step_alone(tape, mask)
    zeros, xp = namespace(dhs).zeros_like(flat.h_prev), namespace(dhs)
    d = each(lambda p: xp.concat([0 * p] * T), state)
    d = (dhs.reshape(zeros[0].shape), *d[1:]) if isinstance(d, tuple) else dhs
    d = each(lambda p: p.reshape(T * B, -1), d)
    for _ in range(T):
        dgi, dgh, d_prev, _ = scan_grad(cell, zeros, d, flat, W_hh, m)
        yield tuple(a.reshape(T, B, -1) for a in (hidden(d), dgi, dgh))
        d = each(lambda p: xp.concat([p[B:], xp.zeros_like(p[:B])]), d_prev)


def norms_by_lag(
    cell: Cell,
    dhs: Array,
    state: State,
    tape: Any,
    W_hh: Array,
    mask: Array | None = None,
) -> Array:
    """Return at [k] the norm of ∂L_{s+k}/∂h_s, the mean over s and the batch: (T,).

    Arguments as in `messages`: dhs (T, B, H). Norms are taken before the mean, so
    messages that would cancel are seen. Source: eq-bptt-contribution.
    """
    T, means = len(dhs), []
    for k, (dh, _, _) in enumerate(messages(cell, dhs, state, tape, W_hh, mask)):
        means.append(((dh[: T - k] ** 2).sum(-1) ** 0.5).mean())
    return namespace(dhs).stack(means)


def weight_grads_by_lag(
    cell: Cell,
    params: Params,
    x: Array,
    dhs: Array,
    state: State,
    tape: Any,
    mask: Array | None = None,
) -> Iterator[Params]:
    """Yield, for lag 0 … T-1, the part of the gradient that has gone back k steps.

    x (T, B, I); the rest as in `messages`. The parts, dicts like params, add up to the
    gradient: a large sum says nothing about distance, its parts do.
    """
    cell, W_hh = bind(cell, params), params["weight_hh"]
    shared = {name: params[name] for name in SHARED if name in params}
    for dh, dgi, dgh in messages(cell, dhs, state, tape, W_hh, mask):
        grads = weight_grads(shared, x, tape, dgi, dgh)[0]
        if hasattr(cell, "own_grads"):
            dh = dh if mask is None else mask * dh
            grads = grads | cell.own_grads(tape, dgi, dh)
        yield {name: grads[name] for name in params}


def diagnose(
    curve: Array | Sequence[float],
    control: Array | Sequence[float] | None = None,
    *,
    floor: float = 1e-3,
    ceiling: float = 1e2,
) -> str:
    """Name what a curve (T,) of gradient norms against the lag shows.

    "exploding": not finite, or above ceiling times the start; "healthy": above floor
    times the start somewhere in the far half; otherwise "vanishing", or "nothing there"
    where the control (T,), the same net on a task known to need that distance, is not
    weak there. Raises ValueError for norms below 0 or fewer than two lags.
    """
    size = _relative("curve", curve)
    if size.max() > ceiling:
        return "exploding"
    if size[len(size) // 2 :].max() > floor:
        return "healthy"
    if control is None:
        return "vanishing"
    other = _relative("control", control)
    reached = other[len(other) // 2 :].max() > floor
    return "nothing there" if reached else "vanishing"


def _relative(name: str, curve: Array | Sequence[float]) -> np.ndarray:
    """Divide by the first norm that is not zero; infinity for what is not finite."""
    norms = to_numpy(curve).astype(float)
    expect(norms.ndim == 1 and len(norms) > 1, name, "(T,) with T ≥ 2", norms.shape)
    norms = np.where(np.isfinite(norms), norms, np.inf)
    expect(bool((norms >= 0).all()), name, "norms ≥ 0", norms.min())
    first = norms[norms > 0][:1]
    return norms / first if len(first) and np.isfinite(first) else norms
