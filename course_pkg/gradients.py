"""Instruments: check a gradient, and see how far it reaches through time.

Jacobians (`spectra`) and their `terms`, clipping (`clipping`), lags (`lags`) and
`dependencies` have modules of their own; their functions can be had from here as well.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_pkg.arrays import Array, expect, is_float, namespace, to_numpy
from course_pkg.bptt import Cell, State, each, scan_grad
from course_pkg.clipping import (
    ClippedCell,
    choose_limit,
    clip_norm,
    clip_state,
    clip_value,
    cosine,
    global_norm,
    parameter_norms,
)
from course_pkg.dependencies import dependencies, leaks
from course_pkg.lags import diagnose, norms_by_lag, weight_grads_by_lag
from course_pkg.spectra import (
    Spectrum,
    growth_rate,
    jacobian,
    jacobians,
    predicted_rate,
    product,
    product_norms,
    spectrum,
)
from course_pkg.terms import Paths, Terms, gru_terms, paths

__all__ = [
    "ClippedCell",
    "Paths",
    "Spectrum",
    "Terms",
    "choose_limit",
    "clip_norm",
    "clip_state",
    "clip_value",
    "contributions",
    "cosine",
    "dependencies",
    "diagnose",
    "finite_difference",
    "global_norm",
    "gradient_check",
    "growth_rate",
    "gru_terms",
    "jacobian",
    "jacobians",
    "leaks",
    "norms_by_lag",
    "parameter_norms",
    "paths",
    "predicted_rate",
    "product",
    "product_norms",
    "signal_norms",
    "spectrum",
    "weight_grads_by_lag",
]


def finite_difference(f: Callable[[Array], Any], x: Array, eps: float = 1e-5) -> Array:
    """Estimate ∂f/∂x for a scalar function f by central differences.

    x: any shape, float64 if digits matter; eps > 0: the step. x itself is not changed.
    Returns an array like x, off by O(eps²) and by rounding of about 1e-16 |f| / eps.
    Raises ValueError for integers or eps ≤ 0. Source: eq-bptt-central-difference.
    """
    expect(is_float(x), "x", "floating-point numbers", x.dtype)
    expect(eps > 0, "eps", "a step > 0", eps)
    grad = namespace(x).zeros_like(x)
    for i in np.ndindex(*x.shape):
        d = namespace(x).zeros_like(x)
        d[i] = eps
        grad[i] = (f(x + d) - f(x - d)) / (2 * eps)
    return grad


def gradient_check(
    f: Callable[[Array], Any], x: Array, grad: Array, eps: float = 1e-5
) -> float:
    """Return the relative error ‖g − g_fd‖ / (‖g‖ + ‖g_fd‖) of grad, in [0, 1].

    f: scalar function of x (...); grad (...): the claimed ∂f/∂x. In float64 a right
    gradient scores below 1e-7, a wrong one seldom below 1e-3. Source: eq-bptt-check.
    """
    g, g_fd = to_numpy(grad), to_numpy(finite_difference(f, x, eps))
    want = f"the shape of x = {g_fd.shape}"
    expect(g.shape == g_fd.shape, "grad", want, g.shape)
    size = (g**2).sum() ** 0.5 + (g_fd**2).sum() ** 0.5
    return float(((g - g_fd) ** 2).sum() ** 0.5 / size) if size > 0 else 0.0


def signal_norms(dh_total: Array) -> Array:
    """Return ‖∂L/∂h_t‖ for every step: (T, B, H) -> (T,), the mean over the batch.

    Source: eq-gradients-signal.
    """
    return ((dh_total**2).sum(-1) ** 0.5).mean(-1)


def contributions(
    cell: Cell,
    dhs: Array,
    tape: Any,
    W_hh: Array,
    mask: Array | None = None,
    state: State | None = None,
) -> Array:
    """Return the norm of ∂L_t/∂h_k at [t, k]: what step t's loss tells state k.

    dhs (T, B, H): ∂L_t/∂h_t, the immediate gradient; tape, W_hh, mask: as in ``scan``;
    state: any state of the cell, for its parts, where it has more than h.
    Returns (T, T), zero for k > t, norms averaged over the batch.
    Source: eq-bptt-contribution.
    """
    xp, rows = namespace(dhs), []
    none = each(lambda part: 0 * part, dhs[0] if state is None else state)
    for t in range(len(dhs)):
        only_t = xp.zeros_like(dhs)
        only_t[t] = dhs[t]
        dh_total = scan_grad(cell, only_t, none, tape, W_hh, mask)[3]
        rows.append(signal_norms(dh_total))
    return xp.stack(rows)
