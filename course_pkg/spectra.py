"""Jacobians of a step, their products through time, and how large these are."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from course_pkg.arrays import Array, expect, expect_shape, namespace
from course_pkg.bptt import Cell, Params, State, bind, forward, scan_grad


class Spectrum(NamedTuple):
    """Three different sizes of a matrix, and what they are taken from.

    radius ≤ norm: the largest absolute eigenvalue, which rules Aⁿ for n → ∞ only, and
    the largest singular value, which bounds every single step. They are equal for
    normal matrices. eigenvalues (H,) and singular_values (H,): the largest first.
    """

    radius: float
    norm: float
    eigenvalues: Array
    singular_values: Array


def spectrum(A: Array) -> Spectrum:
    """Return radius, norm, eigenvalues and singular values of A (H, H).

    Raises ValueError where A is not square. Source: Trefethen and Embree 2005.
    """
    square = A.ndim == 2 and A.shape[0] == A.shape[1] > 0
    expect(square, "A", "a square matrix (H, H)", tuple(A.shape))
    linalg = namespace(A).linalg
    eigenvalues, singular_values = linalg.eigvals(A), linalg.svdvals(A)
    order = namespace(A).argsort(-abs(eigenvalues))
    eigenvalues = eigenvalues[order]
    radius, norm = float(abs(eigenvalues[0])), float(singular_values[0])
    return Spectrum(radius, norm, eigenvalues, singular_values)


def each_step_alone(tape: Any, mask: Array | None = None) -> tuple[Any, Array | None]:
    """Lay T steps side by side, as one step of T·B sequences: (T, B, H) -> (1, T·B, H).

    So one call of `bptt.scan_grad` takes every step back by one, all at once.
    Raises ValueError for a mask of another shape, which folded might seem to fit.
    """
    if mask is not None:
        expect_shape("mask", mask, "T B 1", *tape.h_prev.shape[:2], 1)
    flat = type(tape)(*map(_fold, tape))
    return flat, None if mask is None else _fold(mask)


def jacobians(
    cell: Cell, state: State, tape: Any, W_hh: Array, mask: Array | None = None
) -> Array:
    """Return J (T, B, S, S) with J[t, b, i, j] = ∂ state_t[i] / ∂ state_{t-1}[j].

    state: any state of the cell, for its parts; they are joined, h first, to S numbers
    (S = H for h alone, 2H for h and c). cell, tape, W_hh, mask: as in ``scan``. Row i
    is what a unit vector i becomes on its way back by one step.
    Source: Pascanu, Mikolov, Bengio 2013; in the book eq-gradients-jacobian.
    """
    (T, B), rows = tape.h_prev.shape[:2], []
    flat, m = each_step_alone(tape, mask)
    dhs = namespace(flat.h_prev).zeros_like(flat.h_prev)
    for unit in _units(state, T * B):
        d_prev = scan_grad(cell, dhs, unit, flat, W_hh, m)[2]
        rows.append(_join(d_prev))
    J = namespace(dhs).stack(rows, 1)
    return J.reshape(T, B, *J.shape[1:])


def jacobian(cell: Cell, params: Params, state: State, x: Array) -> Array:
    """Return ∂ state_t / ∂ state_{t-1} (B, S, S) of one step on x (B, I).

    state: state_{t-1}, h (B, H) or a tuple. The derivative of tanh is taken at the
    later step, 1 - h_t². Source: Pascanu, Mikolov, Bengio 2013; see `jacobians`.
    """
    expect(x.ndim == 2, "x", "(B, I)", tuple(x.shape))
    _, last, tape = forward(cell, params, x[None], state)
    return jacobians(bind(cell, params), last, tape, params["weight_hh"])[0]


def product(Js: Array) -> Array:
    """Return J_T ⋯ J_1, the latest on the left: Js (T, ..., H, H) -> (..., H, H).

    That is ∂h_T/∂h_0 for the Jacobians of steps 1 … T, the identity for T = 0.
    Source: eq-gradients-product.
    """
    _expect_matrices(Js)
    total = namespace(Js).zeros_like(Js[:1].sum(0)) + _eye(Js)
    for J in Js:
        total = J @ total
    return total


def product_norms(Js: Array) -> Array:
    """Return at [k] the norm of J_T ⋯ J_{T-k}: Js (T, ..., H, H) -> (T, ...).

    The spectral norm, so [k] bounds what a loss at step T can tell the state k + 1
    steps before it; at most the product of the norms, often far less.
    Source: eq-gradients-bound.
    """
    _expect_matrices(Js)
    total, norms = _eye(Js), []
    for t in reversed(range(len(Js))):
        total = total @ Js[t]
        norms.append(namespace(Js).linalg.svdvals(total)[..., 0])
    return namespace(Js).stack(norms) if norms else Js[..., 0, 0]


def growth_rate(gain: float, hs: Array) -> float:
    """Predict the factor per step of a gradient's norm: gain · √E[(1 - h²)²].

    For a tanh net whose W_hh has independent entries of variance gain² / H; hs
    (T, B, H): its states, the mean is over all of them. Gain ≥ 0.
    Source: eq-gradients-rate.
    """
    expect(gain >= 0, "gain", "a number ≥ 0", gain)
    return gain * float(((1 - hs**2) ** 2).mean()) ** 0.5


def predicted_rate(gain: float, strength: float, rounds: int = 300) -> float:
    """Predict the same factor without a net, from what its pre-activations must be.

    They are normal with variance gain² q + strength², where q is the mean of h² that
    follows from them, found by so many rounds. gain ≥ 0; strength ≥ 0: the standard
    deviation of what the inputs add. Source: eq-gradients-saturation.
    """
    expect(gain >= 0, "gain", "a number ≥ 0", gain)
    expect(strength >= 0, "strength", "a number ≥ 0", strength)
    # A fine grid and no quadrature of Gauss: tanh of a large multiple is a step.
    z = np.linspace(-8, 8, 2001)
    weight = np.exp(-(z**2) / 2)
    weight, q = weight / weight.sum(), 0.5
    for _ in range(rounds):
        h = np.tanh((gain**2 * q + strength**2) ** 0.5 * z)
        q = float(weight @ h**2)
    return gain * float(weight @ (1 - h**2) ** 2) ** 0.5


def _fold(x: Array) -> Array:
    return x.reshape(1, x.shape[0] * x.shape[1], *x.shape[2:])


def _join(state: State) -> Array:
    parts = state if isinstance(state, tuple) else (state,)
    return namespace(parts[0]).concat(parts, -1)


def _units(state: State, n: int) -> Iterator[State]:
    """Yield the gradients of n equal states that are 1 in one entry, zero elsewhere."""
    parts = state if isinstance(state, tuple) else (state,)
    for k, part in enumerate(parts):
        for i in range(part.shape[-1]):
            like = [namespace(p).zeros_like(p[:1]) for p in parts]
            like[k][:, i] = 1
            unit = tuple(namespace(p).concat([p] * n) for p in like)
            yield unit if isinstance(state, tuple) else unit[0]


def _eye(Js: Array) -> Array:
    where = {"device": Js.device} if hasattr(Js, "is_cuda") else {}
    return namespace(Js).eye(Js.shape[-1], dtype=Js.dtype, **where)


def _expect_matrices(Js: Array) -> None:
    fits = Js.ndim >= 3 and Js.shape[-1] == Js.shape[-2]
    expect(fits, "Js", "(T, ..., H, H)", tuple(Js.shape))
