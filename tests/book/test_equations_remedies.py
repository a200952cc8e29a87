"""What book/remedies.md says about clipping, cliffs and truncation, in float64."""

import numpy as np
import pytest
import torch
from equations import equation
from small_net import H, Net, T, close

from course_pkg import clipping, truncation
from course_pkg.cells import elman
from course_pkg.runs import cliff

RNG = np.random.default_rng(5)
NET = Net()
GRADS = {"a": RNG.normal(size=(3, 4)), "b": 5 * RNG.normal(size=7)}


def flat(grads):
    return np.concatenate([g.ravel() for g in grads.values()])


@equation(
    "eq-remedies-clip",
    r"""
    \tilde g = g\cdot\min\Bigl(1,\ \frac{c}{\lVert g\rVert+\epsilon}\Bigr), \qquad
    \lVert g\rVert^2 = \sum_\theta \Bigl\lVert\pd{L}{\theta}\Bigr\rVert^2
    """,
)
def test_clip():
    norm = sum(np.linalg.norm(g) ** 2 for g in GRADS.values()) ** 0.5
    for c in (0.1, norm / 2, norm, 2 * norm):
        got, seen = clipping.clip_norm(GRADS, c)
        close(flat(got), flat(GRADS) * min(1, c / (norm + clipping.EPS)))
        close(seen, norm)
        theirs = {k: torch.nn.Parameter(torch.tensor(g)) for k, g in GRADS.items()}
        for p in theirs.values():
            p.grad = p.detach().clone()
        torch.nn.utils.clip_grad_norm_(theirs.values(), c)
        for name, p in theirs.items():
            close(got[name], p.grad)


@equation(
    "eq-remedies-direction",
    r"""
    \cos(\tilde g, g) = 1, \qquad \lVert\tilde g\rVert < c\,, \qquad \tilde g = g \
    \text{ if } \lVert g\rVert + \epsilon \le c
    """,
)
def test_direction():
    norm = np.linalg.norm(flat(GRADS))
    for c in (1e-3, 0.1, 1.0, norm, 2 * norm):
        got, _ = clipping.clip_norm(GRADS, c)
        assert clipping.cosine(got, GRADS) == pytest.approx(1, abs=1e-12)
        assert np.linalg.norm(flat(got)) < c
        assert (norm + clipping.EPS <= c) == np.array_equal(flat(got), flat(GRADS))


@equation("eq-remedies-value", r"\tilde g_i = \max\bigl(-c,\ \min(c,\ g_i)\bigr)")
def test_value():
    for c in (0.3, 2.0):
        got, g = flat(clipping.clip_value(GRADS, c)), flat(GRADS)
        close(got, [max(-c, min(c, entry)) for entry in g])
        assert got @ g > 0
        assert (np.abs(got) <= c).all()


@equation(
    "eq-remedies-lost",
    r"""
    \cos(\tilde g, g) = \frac{M+n-1}{\sqrt n\,\sqrt{M^2+n-1}} \ \longrightarrow\
    \frac1{\sqrt n} \quad (M\to\infty)
    """,
)
def test_lost():
    for n in (2, 5, 1000):
        for M in (1.0, 10.0, 1e9):
            g = {"w": np.ones(n)}
            g["w"][0] = M
            cosine = clipping.cosine(clipping.clip_value(g, 1.0), g)
            close(cosine, (M + n - 1) / (n**0.5 * (M**2 + n - 1) ** 0.5))
        assert cosine == pytest.approx(n**-0.5, rel=1e-5)


@equation(
    "eq-remedies-cliff",
    r"""
    h_t = \tanh(w\,h_{t-1} + b), \qquad L(w, b) = (h_{30} - 0.6)^2, \qquad h_0 = 0.5
    """,
)
def test_cliff():
    for w, b in RNG.normal(size=(5, 2)):
        h = 0.5
        for _ in range(30):
            h = np.tanh(w * h + b)
        close(cliff.cliff(w, b)[0], (h - 0.6) ** 2)


@equation(
    "eq-remedies-cliff-gradient",
    r"""
    \pd{h_t}{w} = (1-h_t^2)\Bigl(h_{t-1} + w\,\pd{h_{t-1}}{w}\Bigr), \qquad \pd{h_t}{b}
    = (1-h_t^2)\Bigl(1 + w\,\pd{h_{t-1}}{b}\Bigr)
    """,
)
def test_cliff_gradient():
    for at in RNG.normal(size=(5, 2)):
        w, b = (torch.tensor(v, requires_grad=True) for v in at)
        h, dw, db = torch.tensor(0.5), 0.0, 0.0
        for _ in range(30):
            new = torch.tanh(w * h + b)
            slope = (1 - new**2).item()
            dw = slope * (h.item() + w.item() * dw)
            db = slope * (1 + w.item() * db)
            h = new
        true = torch.autograd.grad(h, (w, b), retain_graph=True)
        close([dw, db], [g.item() for g in true])
        true = torch.autograd.grad((h - 0.6) ** 2, (w, b))
        close(cliff.cliff(*at)[1:], [g.item() for g in true])


@equation(
    "eq-remedies-sum",
    r"""
    \nabla\sum_{t=1}^{T}\ell_t = T\,\nabla\,\frac1T\sum_{t=1}^{T}\ell_t, \qquad
    \mathrm{clip}_{Tc}(T\,g) = T\,\mathrm{clip}_c(g)
    """,
)
def test_sum(monkeypatch):
    theta = torch.tensor(RNG.normal(size=4), requires_grad=True)
    x = torch.tensor(RNG.normal(size=(T, 4)))
    (of_sum,) = torch.autograd.grad(torch.tanh(x @ theta).sum(), theta)
    (of_mean,) = torch.autograd.grad(torch.tanh(x @ theta).mean(), theta)
    close(of_sum, T * of_mean)
    monkeypatch.setattr(clipping, "EPS", 0.0)
    times = {name: T * g for name, g in GRADS.items()}
    for c in (0.2, 1e3):
        left = flat(clipping.clip_norm(times, T * c)[0])
        close(left, T * flat(clipping.clip_norm(GRADS, c)[0]))


@equation(
    "eq-remedies-truncated",
    r"""
    \pd{L}{\Whh} = \sum_{k=1}^{T}\ \sum_{t=1}^{k} G_{k,t}, \qquad
    \widetilde{\pd{L}{\Whh}} = \sum_{k=1}^{T}\ \sum_{t=s(k)}^{k} G_{k,t}
    """,
)
def test_truncated():
    def G(k, t):
        v = NET.J_product(k, t + 1).T @ NET.delta(k)
        return np.outer((1 - NET.h[t] ** 2) * v, NET.h[t - 1])

    whole = sum(G(k, t) for k in range(1, T + 1) for t in range(1, k + 1))
    close(whole, NET.true["W_hh"])
    dhs = lambda hs, steps: (0.0, NET.dhs[steps])  # noqa: E731
    for C in (1, 2, 4, T):
        s = lambda k, C=C: (k - 1) // C * C + 1  # noqa: E731
        short = sum(G(k, t) for k in range(1, T + 1) for t in range(s(k), k + 1))
        first = NET.p["h0"][None]
        _, grads, _ = truncation.truncated(elman, NET.params, NET.x, first, dhs, C)
        close(grads["weight_hh"], short)
        assert np.allclose(short, whole) == (C == T)


@equation(
    "eq-remedies-share",
    r"""
    \text{share}(l) = \max\Bigl(0, \frac{C-l}{C}\Bigr), \qquad \text{in general }
    \frac{\min\bigl(\max(k_2-l,\,0),\ k_1\bigr)}{k_1}
    """,
)
def test_share():
    for k1, k2 in ((1, 1), (5, 5), (4, 6), (3, 9)):
        plan = truncation.windows(20 * k1, k1, k2)[10:]
        for lag in range(12):
            met = [k - lag >= w.start for w in plan for k in range(w.new, w.stop)]
            share = min(max(k2 - lag, 0), k1) / k1
            close(np.mean(met), share)
            close(truncation.reach_share(lag, k1, k2), share)
            if k1 == k2:
                close(share, max(0, (k1 - lag) / k1))
    assert H > 1
