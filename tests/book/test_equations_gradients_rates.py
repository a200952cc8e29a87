"""What book/gradients.md says about powers, random nets, and what gets lost."""

import numpy as np
import pytest
import torch
from equations import equation
from numpy.testing import assert_allclose
from small_net import close

from course_pkg import bptt, datasets, gradients
from course_pkg.cells import elman

Z = np.linspace(-8, 8, 8001)
WEIGHT = np.exp(-(Z**2) / 2) / np.exp(-(Z**2) / 2).sum()


def norm(A):
    return np.linalg.norm(A, 2)


def power(A, n):
    return np.linalg.matrix_power(A, n)


@equation(
    "eq-gradients-jordan",
    r"""
    \begin{pmatrix}\lambda&c\\0&\lambda\end{pmatrix}^{\!n} =
    \begin{pmatrix}\lambda^n&n\,c\,\lambda^{n-1}\\0&\lambda^n\end{pmatrix}
    """,
)
def test_jordan():
    lam, c = 0.9, 10.0
    A = np.array([[lam, c], [0, lam]])
    for n in (1, 2, 9, 50):
        want = [[lam**n, n * c * lam ** (n - 1)], [0, lam**n]]
        close(power(A, n), want)
    corner = [power(A, n)[0, 1] for n in range(1, 40)]
    assert np.argmax(corner) + 1 in (9, 10)
    assert corner[8] == pytest.approx(corner[9]) == pytest.approx(38.74, abs=0.01)


@equation("eq-gradients-gelfand", r"\lim_{n\to\infty}\lVert A^n\rVert^{1/n} = \rho(A)")
def test_gelfand():
    A = np.array([[0.9, 10.0], [0.0, 0.9]])
    rates = [norm(power(A, n)) ** (1 / n) for n in (1, 10, 100, 1000, 4000)]
    assert sorted(rates, reverse=True) == rates
    assert rates[0] > 10
    assert rates[-1] == pytest.approx(0.9, rel=0.005)
    for B in np.random.default_rng(0).normal(size=(5, 4, 4)):
        rate = norm(power(B, 300)) ** (1 / 300)
        assert rate == pytest.approx(gradients.spectrum(B).radius, rel=0.02)


@equation(
    "eq-gradients-transient",
    r"""
    \rho(A)^n \le \lVert A^n\rVert \le \kappa\,(\rho(A)+\varepsilon)^n, \qquad
    \kappa = \lVert D\rVert\,\lVert D^{-1}\rVert
    """,
)
def test_transient():
    rng = np.random.default_rng(1)
    for eps in (0.05, 0.5):
        upper = np.triu(rng.normal(size=(4, 4)))
        Q = np.linalg.qr(rng.normal(size=(4, 4)))[0]
        A, rho = Q @ upper @ Q.T, np.abs(np.diag(upper)).max()
        s = 1.0
        while norm(scaled(upper, s)) > rho + eps:
            s /= 2
        D = np.diag(s ** np.arange(4))
        kappa = norm(D) * norm(np.linalg.inv(D))
        for n in (1, 5, 20):
            size = norm(power(A, n))
            assert rho**n * (1 - 1e-9) <= size <= kappa * (rho + eps) ** n
        above = [norm(power(A, n)) > (rho + 0.01) ** n for n in (1, 2)]
        assert all(above)  # without κ it would be wrong
    S = A + A.T
    close(norm(power(S, 7)), gradients.spectrum(S).radius ** 7)


def scaled(upper, s):
    """Return D⁻¹ T D: the entry (i, j) times s^(j-i)."""
    D = np.diag(s ** np.arange(len(upper)))
    found = np.linalg.inv(D) @ upper @ D
    i, j = np.indices(upper.shape)
    assert_allclose(found, upper * s ** (j - i), atol=1e-12)
    return found


@equation(
    "eq-gradients-switched",
    r"""
    W = \begin{pmatrix}-2&3.99\\-1&2\end{pmatrix},\ \rho(W) = 0.1; \qquad
    \diag(0,1)\,W = \begin{pmatrix}0&0\\-1&2\end{pmatrix},\ \rho = 2
    """,
)
def test_switched():
    W = np.array([[-2, 3.99], [-1, 2]])
    assert gradients.spectrum(W).radius == pytest.approx(0.1, rel=1e-9)
    off = np.diag([0, 1]) @ W
    close(off, [[0, 0], [-1, 2]])
    assert gradients.spectrum(off).radius == pytest.approx(2)
    assert norm(power(off, 50)) > 2**50
    assert norm(power(W, 50)) < 1e-45


@equation(
    "eq-gradients-one-step",
    r"\mathrm E\,\lVert \Whh^\top D\,v\rVert^2 = g^2\sum_i d_i^2\,v_i^2",
)
def test_one_step():
    rng, gain, H = np.random.default_rng(2), 1.7, 6
    d, v = rng.uniform(0, 1, H), rng.normal(size=H)
    W = gain * rng.normal(size=(40000, H, H)) / H**0.5
    u = np.einsum("nij,i->nj", W, d * v)
    mean = (u**2).sum(-1).mean()
    assert mean == pytest.approx(gain**2 * (d**2 * v**2).sum(), rel=0.01)


def random_net(gain, s, H=400, T=60, seed=0):
    """Run a net of this gain and input; return its states and its gradient's rate."""
    rng = np.random.default_rng(seed)
    W = gain * rng.normal(size=(H, H)) / H**0.5
    gi, start = s * rng.normal(size=(T, 1, H)), rng.normal(size=(1, H))
    hs, _, tape = bptt.scan(elman, gi, start, W)
    d = rng.normal(size=(1, H))
    n = gradients.signal_norms(bptt.scan_grad(elman, 0 * hs, d, tape, W)[3])
    return hs[20:], (n[20] / n[-1]) ** (1 / (T - 21))


@equation(
    "eq-gradients-rate",
    r"""
    \frac{\lVert\bar h_{t-1}\rVert}{\lVert\bar h_t\rVert} \approx
    g\,\sqrt{\mathrm E\bigl[(1-h^2)^2\bigr]}
    """,
)
@pytest.mark.parametrize(
    ("gain", "s"), [(0.5, 0.1), (1.2, 0.5), (2.0, 0.5), (2.0, 2.0)]
)
def test_rate(gain, s):
    hs, rate = random_net(gain, s)
    assert rate == pytest.approx(gain * np.mean((1 - hs**2) ** 2) ** 0.5, rel=0.04)
    assert gradients.growth_rate(gain, hs) == pytest.approx(rate, rel=0.04)


@equation(
    "eq-gradients-saturation",
    r"""
    q = \mathrm E\bigl[\tanh^2\bigl(\sqrt{g^2q+s^2}\;z\bigr)\bigr]
    """,
)
@pytest.mark.parametrize(("gain", "s"), [(0.9, 0.5), (2.0, 0.5), (3.0, 2.0)])
def test_saturation(gain, s):
    q = 0.5
    for _ in range(200):
        q = WEIGHT @ np.tanh((gain**2 * q + s**2) ** 0.5 * Z) ** 2
    hs, _ = random_net(gain, s)
    assert q == pytest.approx((hs**2).mean(), rel=0.03)


@equation(
    "eq-gradients-saturated",
    r"""
    h^* = \tanh(1.5\,h^* + 0.5), \qquad \lVert J^{\,n}\rVert =
    \bigl[1.5\,(1-h^{*2})\bigr]^n
    """,
)
def test_saturated():
    h, H, n = 0.0, 3, 12
    for _ in range(200):
        h = np.tanh(1.5 * h + 0.5)
    close(h, np.tanh(1.5 * h + 0.5))
    gi, start = np.full((n, 1, H), 0.5), np.full((1, H), h)
    _, last, tape = bptt.scan(elman, gi, start, 1.5 * np.eye(H))
    Js = gradients.jacobians(elman, last, tape, 1.5 * np.eye(H))[:, 0]
    close(norm(gradients.product(Js)), (1.5 * (1 - h**2)) ** n)


@equation(
    "eq-gradients-overflow",
    r"n^* = \Bigl\lfloor\frac{\ln M}{\ln r}\Bigr\rfloor + 1",
)
def test_overflow():
    found = {}
    for name in ("float16", "bfloat16", "float32", "float64"):
        largest = torch.finfo(getattr(torch, name)).max
        found[name] = int(np.log(largest) / np.log(1.5)) + 1
        assert np.longdouble(1.5) ** found[name] > largest
        assert np.longdouble(1.5) ** (found[name] - 1) <= largest
    assert list(found.values()) == [28, 219, 219, 1751]


@equation(
    "eq-gradients-signal",
    r"""
    s_k = \frac1B\sum_{b=1}^{B}\Bigl\lVert\pd{L}{h_{T-k,\,b}}\Bigr\rVert
    """,
)
def test_signal():
    rng, T, B, H = np.random.default_rng(3), 6, 3, 4
    W, x = rng.normal(size=(H, H)) / 2, torch.tensor(rng.normal(size=(T, B, H)))
    h, states = torch.tensor(rng.normal(size=(B, H))), []
    first = h.numpy()
    for t in range(T):
        h = torch.tanh(x[t] + h @ torch.tensor(W).T).requires_grad_()
        h.retain_grad()
        states.append(h)
    d = rng.normal(size=(B, H))
    (h * torch.tensor(d)).sum().backward()
    want = [states[T - 1 - k].grad.norm(dim=-1).mean().item() for k in range(T)]
    _, _, tape = bptt.scan(elman, x.numpy(), first, W)
    dh = bptt.scan_grad(elman, np.zeros((T, B, H)), d, tape, W)[3]
    close(gradients.signal_norms(dh)[::-1], want)


@equation(
    "eq-gradients-adder",
    r"""
    \begin{aligned} v_t &= \tanh\bigl(\varepsilon\,x_t + K(m_t-1)\bigr)\\ s_t &=
    \tanh\bigl(s_{t-1} + \delta\,(v_{t-1}+1)\bigr)\\ \hat y &= \frac{s_T +
    \delta\,(v_T+1)}{\delta\,\varepsilon} - \frac2\varepsilon \end{aligned}
    """,
)
def test_adder():
    eps, delta, K, T = 0.01, 1e-4, 20.0, 60
    x, y = datasets.adding(np.random.default_rng(5), T, 100)
    v, s = np.full(100, -1.0), np.zeros(100)
    for number, mark in x.transpose(0, 2, 1):
        v, s = (
            np.tanh(eps * number + K * (mark - 1)),
            np.tanh(s + delta * (v + 1)),
        )
    assert_allclose((s + delta * (v + 1)) / (delta * eps) - 2 / eps, y, atol=1e-3)
