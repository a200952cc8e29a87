"""The mixture's loss against torch.distributions, its gradient against autograd."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracle import KINDS, B, T, assert_close, complains, draw, draw_mask, to
from torch import distributions as D

from course_pkg import mixtures

M = 3
OUT = draw(0, T, B, 6 * M + 1)
POINTS = np.concat([draw(1, T, B, 2), (draw(2, T, B, 1) > 0).astype(float)], -1)
MASKS = ("none", "ragged", "holes")


def judge(out, points, mask):
    """Return loss and gradient; the covariance matrices are written out."""
    out, points = torch.tensor(out, requires_grad=True), torch.tensor(points)
    pi, mx, my, sx, sy, r = out[..., :-1].unflatten(-1, (6, M)).unbind(-2)
    sx, sy, rho = sx.exp(), sy.exp(), r.tanh()
    rows = [torch.stack([sx**2, rho * sx * sy], -1)]
    rows.append(torch.stack([rho * sx * sy, sy**2], -1))
    normal = D.MultivariateNormal(torch.stack([mx, my], -1), torch.stack(rows, -2))
    pen = D.Bernoulli(logits=out[..., -1]).log_prob(points[..., 2])
    density = D.MixtureSameFamily(D.Categorical(logits=pi), normal)
    nll = -density.log_prob(points[..., :2]) - pen
    loss = nll.mean() if mask is None else nll[torch.tensor(mask[..., 0] > 0)].mean()
    loss.backward()
    return loss, out.grad


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("kind", KINDS)
def test_loss_and_gradient_are_torchs(kind, mask):
    mask = draw_mask(mask)
    args = to(kind, (OUT, POINTS, mask))
    got = mixtures.mixture_nll(*args), mixtures.mixture_nll_grad(*args)
    assert_close(got, judge(OUT, POINTS, mask))


def test_graves_gradient_in_terms_of_the_correlation():
    """The stable form equals Graves' C(a - ρb) and ab + ρ(1 - CZ)."""
    m = mixtures.split(OUT)
    a = (POINTS[..., :1] - m.mu[..., 0, :]) * np.exp(-m.log_sigma[..., 0, :])
    b = (POINTS[..., 1:2] - m.mu[..., 1, :]) * np.exp(-m.log_sigma[..., 1, :])
    C = 1 / (1 - m.rho**2)
    Z = a**2 + b**2 - 2 * m.rho * a * b
    joint = np.exp(m.log_pi + mixtures.log_densities(m, POINTS[..., :2]))
    gamma = joint / joint.sum(-1, keepdims=True)
    got = T * B * mixtures.mixture_nll_grad(OUT, POINTS)
    sx = np.exp(m.log_sigma[..., 0, :])
    assert_close(got[..., M : 2 * M], -gamma * C * (a - m.rho * b) / sx)
    assert_close(got[..., 3 * M : 4 * M], -gamma * (C * a * (a - m.rho * b) - 1))
    assert_close(got[..., 5 * M : 6 * M], -gamma * (a * b + m.rho * (1 - C * Z)))


SMALL = st.floats(-3, 3)


@given(
    st.lists(SMALL, min_size=6 * M + 4, max_size=6 * M + 4), st.permutations(range(M))
)
def test_components_have_no_order_and_a_plane_no_origin_and_no_unit(numbers, order):
    out, points = np.array(numbers[: 6 * M + 1]), np.array(numbers[6 * M + 1 :])
    points[2] = points[2] > 0

    def nll(out, points):
        return mixtures.mixture_nll(out[None, None], points[None, None])

    want = nll(out, points)
    mixed = out.copy()
    mixed[:-1] = out[:-1].reshape(6, M)[:, order].ravel()
    assert nll(mixed, points) == pytest.approx(want, rel=1e-9, abs=1e-9)
    moved, there = out.copy(), points + np.array([5, -7, 0])
    moved[M : 2 * M] += 5
    moved[2 * M : 3 * M] -= 7
    assert nll(moved, there) == pytest.approx(want, rel=1e-9, abs=1e-9)
    wide, far = out.copy(), points * np.array([2, 4, 1])
    wide[M : 2 * M] *= 2
    wide[2 * M : 3 * M] *= 4
    wide[3 * M : 4 * M] += math.log(2)
    wide[4 * M : 5 * M] += math.log(4)
    assert nll(wide, far) == pytest.approx(want + math.log(8), rel=1e-9, abs=1e-9)
    turned = out[:-1].reshape(6, M)[[0, 2, 1, 4, 3, 5]].ravel()
    swapped = np.append(turned, out[-1])
    assert nll(swapped, points[[1, 0, 2]]) == pytest.approx(want, rel=1e-9, abs=1e-9)


def test_densities_sum_to_one():
    grid = np.linspace(-30, 30, 1201)
    xy = np.stack(np.meshgrid(grid, grid), -1)
    m = mixtures.split(np.tile(OUT[0, 0], (1, 1, 1)))
    p = (
        np.exp(mixtures.log_densities(m, xy) + m.log_pi).sum()
        * (grid[1] - grid[0]) ** 2
    )
    assert p == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_points_far_away_and_narrow_correlations_stay_finite(kind):
    out, points = OUT.copy(), POINTS.copy()
    points[0, :, :2] += 1e4  # all densities underflow
    out[1, :, 5 * M : 6 * M] = 25.0  # tanh rounds to 1
    out[2, :, 5 * M : 6 * M] = -25.0
    out[3, :, 3 * M : 5 * M] = -20.0  # scales of 2e-9
    out[4, :, :M] = 1e3 * np.arange(M)
    out[5, :, -1] = 1e3
    args = to(kind, (out, points))
    with np.errstate(all="raise", under="ignore"):
        got = mixtures.mixture_nll(*args), mixtures.mixture_nll_grad(*args)
    assert all(bool(abs(x).max() < math.inf) for x in got)
    calm = out[[0, 3, 4, 5]], points[[0, 3, 4, 5]]
    got = mixtures.mixture_nll(*calm), mixtures.mixture_nll_grad(*calm)
    assert_close(got, judge(*calm, None), tol=1e-8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_any_output_gives_finite_numbers_and_autograds_gradient(kind, dtype):
    """Beyond a bound a correlation or a scale stays what it is at the bound."""
    out, points = OUT.copy(), POINTS.copy()
    out[0, :, 5 * M] = 44.0  # one component of three
    out[1, :, 5 * M : 6 * M] = [[44.0, -60.0, 400.0]]
    out[2, :, 3 * M] = -100.0
    out[3, :, 3 * M : 5 * M] = -1000.0
    out[4, :, 3 * M : 6 * M] = [[-100.0] * 6 + [50.0, -50.0, 0.0]]
    out[5, :, 3 * M : 5 * M] = 100.0
    points[:, 0, :2] += 1e3
    points[:, 1, :2] = out[:, 1, M : 3 * M : M]  # on a mean, where 0 times ∞ lurks
    out, points = to(kind, (out.astype(dtype), points.astype(dtype)))
    with np.errstate(all="raise", under="ignore"):
        loss = mixtures.mixture_nll(out, points)
        grad = mixtures.mixture_nll_grad(out, points)
    assert all(bool(abs(x).max() < math.inf) for x in (loss, grad))
    if kind != "numpy":
        tol = 1e-4 if dtype == "float32" else 1e-10
        mixtures.mixture_nll(out.requires_grad_(), points).backward()
        assert_close(grad, out.grad, tol=tol)


def test_a_component_out_of_bounds_does_not_disturb_the_others():
    out, points = OUT.astype("float32"), POINTS.astype("float32")
    out[..., 2 * M - 1] += 1e3  # the last component is far away
    want = mixtures.mixture_nll_grad(out, points)
    out[..., 6 * M - 1] = 50.0
    assert_close(mixtures.mixture_nll_grad(out, points), want, tol=1e-6)


def test_a_correlation_that_rounds_to_one_keeps_its_density():
    """On the diagonal x = y = d the density has a closed form."""
    r, d = 25.0, 0.5
    out = np.array([[[0.0, 0, 0, 0, 0, r, 0]]])
    points = np.array([[[d, d, 0.0]]])
    log_1_minus_rho2 = math.log(4) - 2 * r  # 1 - tanh² r = 4 e⁻²ʳ (1 + e⁻²ʳ)⁻²
    want = math.log(2 * math.pi) + log_1_minus_rho2 / 2 + d**2 / 2 + math.log(2)
    assert mixtures.mixture_nll(out, points) == pytest.approx(want, rel=1e-12)


def test_a_density_can_be_above_one():
    out = np.array([[[0.0, 0, 0, -5, -5, 0, -9]]])
    assert mixtures.mixture_nll(out, np.zeros((1, 1, 3))) < -7


def test_what_lies_on_padding_does_not_matter():
    mask = draw_mask("ragged")
    other = np.where(mask == 1, OUT, 5.0)
    for f in (mixtures.mixture_nll, mixtures.mixture_nll_grad):
        assert_close(f(other, POINTS, mask), f(OUT, POINTS, mask))


def test_split_reads_the_blocks():
    m = mixtures.split(np.arange(13.0)[None])
    assert_close(np.exp(m.log_pi).sum(), np.ones(()))
    assert_close(m.mu, np.array([[[2.0, 3.0], [4.0, 5.0]]]))
    assert_close(m.log_sigma, np.array([[[6.0, 7.0], [8.0, 9.0]]]))
    assert_close((m.r, m.rho), (np.array([[10.0, 11.0]]), np.tanh([[10.0, 11.0]])))
    assert_close(m.pen, np.array([12.0]))


def test_float32_stays_float32():
    out, points = OUT.astype("float32"), POINTS.astype("float32")
    mask = draw_mask("holes").astype("float32")
    for m in (None, mask):
        assert mixtures.mixture_nll(out, points, m).dtype == np.float32
        assert mixtures.mixture_nll_grad(out, points, m).dtype == np.float32


@pytest.mark.parametrize("f", [mixtures.mixture_nll, mixtures.mixture_nll_grad])
@pytest.mark.parametrize(
    ("out", "points", "mask", "message"),
    [
        (
            (T, B, 18),
            (T, B, 3),
            None,
            "out: expected (..., 6M + 1), M ≥ 1, got (6, 4, 18)",
        ),
        (
            (T, B, 1),
            (T, B, 3),
            None,
            "out: expected (..., 6M + 1), M ≥ 1, got (6, 4, 1)",
        ),
        ((B, 19), (T, B, 3), None, "out: expected (T, B, 6M + 1), got (4, 19)"),
        (
            (T, B, 19),
            (T, B, 2),
            None,
            "points: expected (T, B, 3) = (6, 4, 3), got (6, 4, 2)",
        ),
        (
            (T, B, 19),
            (T, B, 3),
            (T, B),
            "mask: expected (T, B, 1) = (6, 4, 1), got (6, 4)",
        ),
    ],
)
def test_what_does_not_fit_is_named(f, out, points, mask, message):
    with complains(message):
        f(np.zeros(out), np.zeros(points), None if mask is None else np.ones(mask))


def test_parts_that_do_not_fit_are_named():
    with complains("out: expected (..., 6M + 1), M ≥ 1, got (5, 12)"):
        mixtures.split(np.zeros((5, 12)))
    with complains("out: expected floating-point numbers, got int64"):
        mixtures.split(np.zeros((5, 13), int))
    with complains("xy: expected (..., 2), got (6, 4, 3)"):
        mixtures.log_densities(mixtures.split(OUT), POINTS)
    for f in (mixtures.mixture_nll, mixtures.mixture_nll_grad):
        with complains("mask: expected at least one true position, got none"):
            f(OUT, POINTS, np.zeros((T, B, 1)))
