"""A pen's next move: mixtures of bivariate Gaussians with a Bernoulli pen bit.

A net puts out 6M + 1 numbers per step, in blocks of M: weights π̂, means of x and of y,
log scales of x and of y, correlations ρ̂; the last number is the logit of the pen bit.
"""

import math
from typing import NamedTuple

from course_pkg.arrays import (
    Array,
    blocks,
    expect,
    expect_shape,
    is_float,
    log_softmax,
    log_sum_exp,
    namespace,
)
from course_pkg.losses import binary_cross_entropy, binary_cross_entropy_grad


class Mixture(NamedTuple):
    """The parameters that 6M + 1 outputs stand for.

    log_pi (..., M): log weights; mu, log_sigma (..., 2, M): for x, then y; rho
    and r (..., M): correlation in (-1, 1) and its artanh; pen (...,): logit of bit 1.
    """

    log_pi: Array
    mu: Array
    log_sigma: Array
    rho: Array
    r: Array
    pen: Array


def split(out: Array) -> Mixture:
    """Read the parameters of the mixture off a net's outputs (..., 6M + 1).

    r and log σ stay within ±u and above -u, u a sixth of the largest exponent: 14.8 in
    float32, 118 in float64. Beyond, no densities would be finite. Raises ValueError
    where the last size is not 6M + 1. Source: Bishop 1994; Graves 2013, equations
    18-22, whose pen logit has the other sign.
    """
    expect(is_float(out), "out", "floating-point numbers", out.dtype)
    M, rest = divmod(out.shape[-1] - 1, 6)
    expect(M > 0 and rest == 0, "out", "(..., 6M + 1), M ≥ 1", tuple(out.shape))
    pi, r, pen = out[..., :M], out[..., 5 * M : 6 * M], out[..., 6 * M]
    mu, log_sigma = (
        out[..., a : a + 2 * M].reshape(*out.shape[:-1], 2, M) for a in (M, 3 * M)
    )
    xp = namespace(out)
    u = math.log(float(xp.finfo(out.dtype).max)) / 6
    r, log_sigma = xp.clip(r, -u, u), xp.clip(log_sigma, -u, None)
    return Mixture(log_softmax(pi), mu, log_sigma, xp.tanh(r), r, pen)


def log_densities(mixture: Mixture, xy: Array) -> Array:
    """Return log N_j(x, y) for all components: xy (..., 2) -> (..., M).

    With a, b the distances from the mean in scales, (a² + b² - 2ρab) / (1 - ρ²) is
    ¼ ((a-b)² (1+e²ʳ) + (a+b)² (1+e⁻²ʳ)) and log(1 - ρ²) = -2 log cosh r: both keep
    their digits where ρ = tanh r rounds to ±1. Source: Graves 2013, equations 24-25.
    """
    expect(xy.shape[-1] == 2, "xy", "(..., 2)", tuple(xy.shape))
    xp, (_, _, log_sigma, _, r, _) = namespace(xy), mixture
    a, b, P, Q = _distances(mixture, xy)
    log_cosh = abs(r) + xp.log1p(xp.exp(-2 * abs(r))) - math.log(2)
    log_scale = log_sigma.sum(-2) - log_cosh + math.log(2 * math.pi)
    return -((a - b) * P + (a + b) * Q) / 2 - log_scale


def mixture_nll(out: Array, points: Array, mask: Array | None = None) -> Array:
    """Return the mean of -log p(x, y) - log p(pen), in nats; a density: may be < 0.

    out (T, B, 6M + 1): see `split`; points (T, B, 3): x, y and the pen bit, 0 or 1;
    mask (T, B, 1). The mean is over true positions. Raises ValueError for other shapes.
    Source: Graves 2013, equation 26.
    """
    mixture = _expect_points(out, points)
    joint = mixture.log_pi + log_densities(mixture, points[..., :2])
    pen_loss = binary_cross_entropy(out[..., -1:], points[..., 2:], mask)
    return pen_loss - (_mean(out, mask) * log_sum_exp(joint)).sum()


def mixture_nll_grad(out: Array, points: Array, mask: Array | None = None) -> Array:
    """Return ∂L/∂out (T, B, 6M + 1) of `mixture_nll`, by responsibilities γ_j.

    γ_j (T, B, M) is the share of component j in the density of the point; what `split`
    holds at a bound gets 0. Arguments and errors as in `mixture_nll`.
    Source: Graves 2013, equations 27-37.
    """
    mixture = _expect_points(out, points)
    xp, xy, M = namespace(out), points[..., :2], mixture.r.shape[-1]
    a, b, P, Q = _distances(mixture, xy)
    joint = mixture.log_pi + log_densities(mixture, xy)
    gamma = xp.exp(joint - log_sum_exp(joint))
    sx, sy = (xp.exp(-mixture.log_sigma[..., k, :]) for k in (0, 1))
    far, near = xp.exp(2 * mixture.r), xp.exp(-2 * mixture.r)
    slope = ((a - b) ** 2 * far - (a + b) ** 2 * near) / 4
    free = [mixture.log_sigma[..., 0, :], mixture.log_sigma[..., 1, :], mixture.r]
    free_x, free_y, free_r = blocks(xp.concat(free, -1) == out[..., 3 * M : 6 * M], 3)
    parts = [
        xp.exp(mixture.log_pi) - gamma,
        -gamma * (P + Q) * sx,
        -gamma * (Q - P) * sy,
        -gamma * (a * (P + Q) - 1) * free_x,
        -gamma * (b * (Q - P) - 1) * free_y,
        -gamma * (mixture.rho - slope) * free_r,
    ]
    pen = binary_cross_entropy_grad(out[..., -1:], points[..., 2:], mask)
    return xp.concat([_mean(out, mask) * xp.concat(parts, -1), pen], -1)


def _distances(mixture: Mixture, xy: Array) -> tuple[Array, ...]:
    """Return a, b, and P = ¼ (a-b)(1+e²ʳ), Q = ¼ (a+b)(1+e⁻²ʳ), each (..., M)."""
    xp, r = namespace(xy), mixture.r
    scaled = (xy[..., None] - mixture.mu) * xp.exp(-mixture.log_sigma)
    a, b = scaled[..., 0, :], scaled[..., 1, :]
    P, Q = (a - b) * (1 + xp.exp(2 * r)) / 4, (a + b) * (1 + xp.exp(-2 * r)) / 4
    return a, b, P, Q


def _mean(out: Array, mask: Array | None) -> Array:
    """Return each position's weight in the mean, (T, B, 1) or one for all."""
    return 1 / (out.shape[0] * out.shape[1]) if mask is None else mask / mask.sum()


def _expect_points(out: Array, points: Array) -> Mixture:
    expect(out.ndim == 3, "out", "(T, B, 6M + 1)", tuple(out.shape))
    expect_shape("points", points, "T B 3", *out.shape[:2], 3)
    return split(out)
