"""What book/bptt.md says about finite differences, executed in float64."""

import numpy as np
import pytest
from equations import equation
from numpy.testing import assert_allclose
from small_net import close

from course_pkg import gradients

X = np.random.default_rng(1).normal(size=5)


@equation(
    "eq-bptt-central-difference",
    r"""
    \pd{f}{x_i} \approx \frac{f(x + \varepsilon e_i) - f(x - \varepsilon
    e_i)}{2\varepsilon}
    """,
)
def test_central_difference():
    x, eps = np.array([0.3, -1.2]), 1e-5

    def f(x):
        return np.sin(x[0]) * np.exp(x[1])

    true = [np.cos(x[0]) * np.exp(x[1]), np.sin(x[0]) * np.exp(x[1])]
    slope = [(f(x + eps * e) - f(x - eps * e)) / (2 * eps) for e in np.eye(2)]
    assert_allclose(slope, true, atol=1e-10)
    close(gradients.finite_difference(f, x, eps), slope)


@equation(
    "eq-bptt-step-width",
    r"""
    \text{error}(\varepsilon) \approx \frac{\varepsilon^2}{6}\,\lvert f'''\rvert +
    \frac{u\,\lvert f\rvert}{\varepsilon}
    """,
)
def test_step_width():
    # f = exp at 0: f = f' = f''' = 1. Truncation alone, where rounding is far below it:
    x = np.zeros(1)
    for eps in (1e-1, 1e-2):
        error = gradients.finite_difference(lambda x: np.exp(x[0]), x, eps)[0] - 1
        assert error == pytest.approx(eps**2 / 6, rel=0.01)
    # Rounding alone: random values of the function's last digit, over many points.
    u, points = np.finfo(float).eps, np.random.default_rng(0).normal(size=(400, 1)) / 9
    for eps in (1e-8, 1e-9):
        fs = [
            gradients.finite_difference(lambda x: np.exp(x[0]), p, eps) for p in points
        ]
        errors = np.abs(np.concatenate(fs) / np.exp(points[:, 0]) - 1)
        assert 0.1 < np.mean(errors) / (u / eps) < 1


@equation(
    "eq-bptt-check",
    r"""
    \mathrm{err}(g) = \frac{\lVert g - g_{\mathrm{fd}}\rVert}{\lVert g\rVert +
    \lVert g_{\mathrm{fd}}\rVert}
    """,
)
def test_check():
    x, norm = X, np.linalg.norm

    def f(x):
        return (x**3).sum()

    fd = gradients.finite_difference(f, x)
    for g in (3 * x**2, 3 * x, -3 * x**2):
        err = norm(g - fd) / (norm(g) + norm(fd))
        assert gradients.gradient_check(f, x, g) == pytest.approx(err, rel=1e-12)
    assert gradients.gradient_check(f, x, 3 * x**2) < 1e-7
    assert gradients.gradient_check(f, x, 0.9 * 3 * x**2) > 0.05
