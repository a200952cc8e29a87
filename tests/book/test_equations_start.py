"""Every displayed equation of book/start.md, executed in float64."""

import numpy as np
from equations import equation
from numpy.testing import assert_allclose

from course_pkg import losses
from course_pkg.bptt import scan
from course_pkg.cells import elman
from course_pkg.check.cases.start import running_total, true_mean

T, B, WIDTH = 5, 4, 3


def drawn():
    """Draw x (T, B, I), h_0 (B, I) and a ragged mask (T, B, 1)."""
    rng = np.random.default_rng(4)
    lengths = np.array([5, 1, 3, 4])
    mask = (np.arange(T)[:, None] < lengths)[..., None].astype(float)
    return rng.normal(size=(T, B, WIDTH)), rng.normal(size=(B, WIDTH)), mask


class Adding:
    """The page's rule as a cell: the new state is the old one plus the input."""

    @staticmethod
    def step(gi, gh, state):
        return gi + gh, elman.Tape(gi + gh, state)


@equation("eq-start-total", r"h_t = h_{t-1} + x_t")
def test_total():
    x, h_0, _ = drawn()
    hs = [h_0]
    for x_t in x:
        hs.append(hs[-1] + x_t)
    assert_allclose(running_total(x, h_0, np.ones((T, B, 1))), hs[1:], rtol=1e-15)
    assert_allclose(hs[-1], h_0 + x.sum(0), rtol=1e-14)


@equation("eq-start-held", r"h_t = m_t\,(h_{t-1} + x_t) + (1 - m_t)\,h_{t-1}")
def test_held():
    x, h_0, mask = drawn()
    h, hs = h_0, []
    for x_t, m_t in zip(x, mask, strict=True):
        h = m_t * (h + x_t) + (1 - m_t) * h
        hs.append(h)
    assert_allclose(running_total(x, h_0, mask), hs, rtol=1e-15)
    found, _, _ = scan(Adding, x, h_0, np.eye(WIDTH), mask=mask)
    assert_allclose(found, hs, rtol=1e-15)


@equation(
    "eq-start-mean", r"\bar v = \frac{\sum_{t,b} m_{tb}\,v_{tb}}{\sum_{t,b} m_{tb}}"
)
def test_mean():
    rng = np.random.default_rng(5)
    _, _, mask = drawn()
    logits, y = rng.normal(size=(T, B, 2)), rng.integers(0, 2, (T, B))
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    v = -np.log(np.take_along_axis(p, y[..., None], -1))
    total = sum(mask[t, b, 0] * v[t, b, 0] for t in range(T) for b in range(B))
    assert_allclose(true_mean(v, mask), total / mask.sum(), rtol=1e-13)
    assert_allclose(
        losses.cross_entropy(logits, y, mask), total / mask.sum(), rtol=1e-13
    )
