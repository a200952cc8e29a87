"""Jacobians against autograd, spectra against closed forms."""

import numpy as np
import pytest
import torch
from any_cell import GATED, Pair, draw_gated
from oracle import (
    KINDS,
    B,
    H,
    I,
    T,
    assert_close,
    complains,
    draw,
    draw_mask,
    draw_params,
    to,
)

from course_pkg import bptt, spectra
from course_pkg.arrays import namespace, to_numpy
from course_pkg.cells import elman


def judge(cell, params, x, state, mask):
    """Return every step's Jacobian (T, B, S, S), sequence by sequence, by autograd."""
    params, x, state, mask = to("torch", (params, x, state, mask))
    rows = []
    for t in range(T):
        row = []
        for b in range(B):
            m = None if mask is None else mask[[t]][:, [b]]

            def step(*parts, t=t, b=b, m=m):
                old = parts[0] if len(parts) == 1 else parts
                new = bptt.forward(cell, params, x[[t]][:, [b]], old, m)[1]
                return new if isinstance(new, tuple) else (new,)

            parts = state if isinstance(state, tuple) else (state,)
            own = tuple(p[[b]] for p in parts)
            J = torch.autograd.functional.jacobian(step, own)
            row.append(torch.cat([torch.cat([j[0, :, 0] for j in r], -1) for r in J]))
        rows.append(torch.stack(row))
        m = None if mask is None else mask[[t]]
        state = bptt.forward(cell, params, x[[t]], state, m)[1]
    return torch.stack(rows)


@pytest.mark.parametrize("mask", ["none", "holes"])
@pytest.mark.parametrize("cell", [elman, Pair])
@pytest.mark.parametrize("kind", KINDS)
def test_jacobians_are_autograds(kind, cell, mask):
    h = draw(2, B, H)
    state = (h, draw(4, B, H)) if cell is Pair else h
    case = draw_params(0), draw(1, T, B, I), state, draw_mask(mask)
    params, x, state, m = to(kind, case)
    hs, last, tape = bptt.forward(cell, params, x, state, m)
    got = spectra.jacobians(cell, last, tape, params["weight_hh"], m)
    assert type(got) is type(hs)
    assert_close(got, judge(cell, *case))


@pytest.mark.parametrize("name", GATED)
def test_jacobians_of_gated_cells_are_autograds(name):
    """Those of an LSTM are of h and c together: (2H, 2H)."""
    (cell, params, state), x = draw_gated(name), draw(5, T, B, I)
    want = judge(cell, params, x, state, None)
    for t in range(T):
        assert_close(spectra.jacobian(cell, params, state, x[t]), want[t])
        state = bptt.forward(cell, params, x[[t]], state)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_jacobian_scales_rows_by_the_derivative_at_the_later_step(kind):
    params, x, h = to(kind, (draw_params(0), draw(1, B, I), draw(2, B, H)))
    got = spectra.jacobian(elman, params, h, x)
    new = bptt.forward(elman, params, x[None], h)[1]
    assert_close(got, (1 - new**2)[..., None] * params["weight_hh"])


def test_the_product_is_what_the_backward_sweep_multiplies_with():
    params, x, h = draw_params(0), draw(1, T, B, I), draw(2, B, H)
    _, last, tape = bptt.forward(elman, params, x, h)
    W_hh, d = params["weight_hh"], draw(3, B, H)
    d0 = bptt.scan_grad(elman, 0 * tape.h, d, tape, W_hh)[2]
    J = spectra.product(spectra.jacobians(elman, last, tape, W_hh))
    assert J.shape == (B, H, H)
    assert_close(d0, np.einsum("bi,bij->bj", d, J))


@pytest.mark.parametrize("kind", KINDS)
def test_the_latest_factor_is_on_the_left(kind):
    Js = to(kind, draw(0, 3, 2, 4, 4))
    J1, J2, J3 = map(to_numpy, Js)
    assert_close(spectra.product(Js), J3 @ J2 @ J1)
    norm = lambda M: np.linalg.norm(M, 2, axis=(-2, -1))  # noqa: E731
    want = np.stack([norm(J3), norm(J3 @ J2), norm(J3 @ J2 @ J1)])
    assert_close(spectra.product_norms(Js), want)


def test_an_empty_product_is_the_identity():
    assert_close(spectra.product(np.zeros((0, 3, 3))), np.eye(3))
    assert_close(spectra.product(np.zeros((0, 2, 3, 3))), np.stack([np.eye(3)] * 2))
    assert spectra.product_norms(np.zeros((0, 2, 3, 3))).shape == (0, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_eigenvalues_do_not_bound_powers_of_a_non_normal_matrix(kind):
    A = to(kind, np.array([[0.9, 10.0], [0.0, 0.9]]))
    s = spectra.spectrum(A)
    assert s.radius == pytest.approx(0.9, abs=1e-6)
    assert s.norm == pytest.approx(10.0804, abs=1e-4)
    norms = spectra.product_norms(namespace(A).stack([A] * 100))
    assert 38 < norms.max() < 40  # nine steps long it grows, though the radius is 0.9
    assert norms[-1] < 0.1
    assert norms[0] == pytest.approx(s.norm)


def test_two_matrices_of_norm_two_whose_product_is_zero():
    A, Z = np.array([[0.0, 2.0], [0.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 0.0]])
    assert spectra.spectrum(A).norm == spectra.spectrum(Z).norm == 2
    assert_close(spectra.product(np.stack([A, A])), 0 * A)
    assert spectra.product_norms(np.stack([Z, Z]))[-1] == 4


@pytest.mark.parametrize("kind", KINDS)
def test_radius_and_norm_are_equal_for_normal_matrices(kind):
    S = draw(0, 5, 5)
    for A in (S + S.T, S - S.T):
        s = spectra.spectrum(to(kind, A))
        assert s.radius == pytest.approx(s.norm, rel=1e-10)
    s = spectra.spectrum(to(kind, S))
    assert s.radius < s.norm
    assert_close(abs(s.eigenvalues), np.sort(abs(np.linalg.eigvals(S)))[::-1])
    assert_close(s.singular_values, np.linalg.svd(S)[1])
    assert type(s.radius) is type(s.norm) is float


def test_growth_rate_predicts_a_random_net():
    rng, n, gain = np.random.default_rng(0), 400, 1.2
    W = gain / n**0.5 * rng.standard_normal((n, n))
    gi = np.zeros((60, 1, n))
    hs, _, tape = bptt.scan(elman, gi, rng.standard_normal((1, n)), W)
    d = rng.standard_normal((1, n))
    dh = bptt.scan_grad(elman, 0 * hs, d, tape, W)[3]
    norms = np.linalg.norm(dh[:, 0], axis=-1)
    measured = (norms[10] / norms[-1]) ** (1 / (len(hs) - 11))
    assert spectra.growth_rate(gain, hs[10:]) == pytest.approx(measured, rel=0.03)
    assert measured < 0.99 * gain


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: spectra.spectrum(np.zeros((2, 3))),
            "A: expected a square matrix (H, H), got (2, 3)",
        ),
        (
            lambda: spectra.spectrum(np.zeros((0, 0))),
            "A: expected a square matrix (H, H), got (0, 0)",
        ),
        (
            lambda: spectra.product(np.zeros((3, 3))),
            "Js: expected (T, ..., H, H), got (3, 3)",
        ),
        (
            lambda: spectra.product_norms(np.zeros((3, 3, 2))),
            "Js: expected (T, ..., H, H), got (3, 3, 2)",
        ),
        (
            lambda: spectra.jacobian(elman, draw_params(0), draw(0, B, H), draw(1, I)),
            "x: expected (B, I), got (3,)",
        ),
        (
            lambda: spectra.growth_rate(-1, np.zeros(3)),
            "gain: expected a number ≥ 0, got -1",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()


@pytest.mark.parametrize(("gain", "strength"), [(0.5, 0.1), (2.0, 0.5), (4.0, 2.0)])
def test_predicted_rate_needs_no_net(gain, strength):
    rng, n = np.random.default_rng(1), 400
    W = gain / n**0.5 * rng.standard_normal((n, n))
    gi = strength * rng.standard_normal((40, 1, n))
    hs, _, _ = bptt.scan(elman, gi, rng.standard_normal((1, n)), W)
    want = spectra.growth_rate(gain, hs[10:])
    assert spectra.predicted_rate(gain, strength) == pytest.approx(want, rel=0.02)


def test_predicted_rate_of_known_cases():
    assert spectra.predicted_rate(0.0, 1.0) == 0
    assert spectra.predicted_rate(0.7, 0.0) == pytest.approx(0.7)  # no state is left
    assert spectra.predicted_rate(2.0, 0.1) == pytest.approx(1.1655, abs=1e-3)
    with complains("strength: expected a number ≥ 0, got -1.0"):
        spectra.predicted_rate(1.0, -1.0)
