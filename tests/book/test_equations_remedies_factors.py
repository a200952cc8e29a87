"""What book/remedies.md says about rectifiers, rotations, wires and masks."""

from functools import cache

import numpy as np
import torch
from equations import equation
from small_net import H, Net, T, close

from course_pkg import bptt, gradients, initialisers
from course_pkg.cells import elman, relu
from course_pkg.skips import Skip, with_past

RNG = np.random.default_rng(6)
NET = Net()
norm = np.linalg.norm


def rotation(seed=0, size=H):
    rng = np.random.default_rng(seed)
    return initialisers.orthogonal(np.zeros((size, size)), rng)


@equation(
    "eq-remedies-relu",
    r"""
    J_t = \diag\bigl([a_t > 0]\bigr)\,W, \qquad W = I \ \text{and all}\ a_{t} > 0 \
    \Longrightarrow\ J_k\cdots J_{t+1} = I
    """,
)
def test_relu():
    W, a = RNG.normal(size=(H, H)), RNG.normal(size=H)
    h = torch.zeros(H, dtype=float)
    step = lambda h: torch.relu(torch.tensor(a) + torch.tensor(W) @ h)  # noqa: E731
    true = torch.autograd.functional.jacobian(step, h)
    close(np.diag((a > 0) * 1.0) @ W, true)
    gi = np.abs(RNG.normal(size=(T, 1, H)))
    _, last, tape = bptt.scan(relu, gi, np.zeros((1, H)), np.eye(H))
    Js = gradients.jacobians(relu, last, tape, np.eye(H))[:, 0]
    close(gradients.product(Js), np.eye(H))


@equation(
    "eq-remedies-half",
    r"""
    \mathrm E\,\lVert \diag(m)\,Q\,v\rVert^2 = p\,\lVert v\rVert^2 \qquad (m_i \in \{0,
    1\}\ \text{with}\ \mathrm E\,m_i = p)
    """,
)
def test_half():
    Q, v = rotation(), RNG.normal(size=H)
    masks = np.array(list(np.ndindex(*(2,) * H)))
    for p in (0.5, 0.2):
        chance = np.prod(np.where(masks == 1, p, 1 - p), 1)
        mean = chance @ ((masks * (Q @ v)) ** 2).sum(1)
        close(mean, p * norm(v) ** 2)


@equation(
    "eq-remedies-orthogonal",
    r"\lVert Q_1 Q_2\cdots Q_n\,v\rVert = \lVert v\rVert",
)
def test_orthogonal():
    v = RNG.normal(size=H)
    Qs = np.stack([rotation(seed) for seed in range(20)])
    for n in (1, 7, 20):
        close(norm(gradients.product(Qs[:n]) @ v), norm(v))


@equation(
    "eq-remedies-tanh",
    r"""
    \prod_{i=t+1}^{k}\min_j\,(1-h_{i,j}^2)\ \le\ \frac{\lVert J_k\cdots
    J_{t+1}\,v\rVert}{\lVert v\rVert}\ \le\ \prod_{i=t+1}^{k}\max_j\,(1-h_{i,j}^2)\ \le\
    1
    """,
)
def test_tanh():
    for size in (0.1, 1.0):
        Q, gi = rotation(), size * RNG.normal(size=(T, 1, H))
        hs, last, tape = bptt.scan(elman, gi, np.zeros((1, H)), Q)
        Js = gradients.jacobians(elman, last, tape, Q)[:, 0]
        slopes = 1 - hs[1:, 0] ** 2
        for v in RNG.normal(size=(50, H)):
            left = norm(gradients.product(Js[1:]) @ v) / norm(v)
            assert slopes.min(1).prod() <= left <= slopes.max(1).prod() <= 1
    Q = np.eye(H)  # equal slopes: both bounds are reached
    hs, last, tape = bptt.scan(elman, np.full((T, 1, H), 0.3), np.zeros((1, H)), Q)
    J = gradients.product(gradients.jacobians(elman, last, tape, Q)[1:, 0])
    close(norm(J @ v) / norm(v), (1 - hs[1:, 0] ** 2).min(1).prod())


@equation(
    "eq-remedies-nearest",
    r"""
    \operatorname*{arg\,min}_{Q^\top Q = I}\lVert W - Q\rVert_F = U\,V^\top
    """,
)
def test_nearest():
    W = RNG.normal(size=(H, H))
    U, s, Vh = np.linalg.svd(W)
    best = initialisers.project_orthogonal(W)
    close(best, U @ Vh)
    close(norm(W - best) ** 2, ((s - 1) ** 2).sum())
    skew = RNG.normal(size=(H, H))
    for eps in (1e-3, 0.1, 1.0):  # rotations near it and far from it
        turn = torch.matrix_exp(torch.tensor(eps * (skew - skew.T))).numpy()
        assert norm(W - best @ turn) > norm(W - best)
    for seed in range(100):
        assert norm(W - rotation(seed)) > norm(W - best)


@equation(
    "eq-remedies-skip",
    r"""
    h_t = \tanh\bigl(\Wih x_t + b + \Whh h_{t-1} + W_{\mathrm{skip}}\,h_{t-d}\bigr)
    """,
)
def test_skip():
    d, wire = 3, RNG.normal(size=(H, H))
    h, b = [NET.p["h0"]], NET.p["b_ih"] + NET.p["b_hh"]
    for t in range(1, T + 1):
        old = h[t - d] if t - d >= 0 else np.zeros(H)
        a = NET.p["W_ih"] @ NET.p["x"][t - 1] + b + NET.p["W_hh"] @ h[-1]
        h.append(np.tanh(a + wire @ old))
    cell, params = Skip(elman, (d,)), NET.params | {f"weight_skip{d}": wire}
    first = with_past(NET.p["h0"][None], cell.older)
    close(bptt.forward(cell, params, NET.x, first)[0][:, 0], h[1:])


@equation(
    "eq-remedies-shortest",
    r"""
    \Bigl\lfloor\frac nd\Bigr\rfloor + (n \bmod d), \qquad N(n) = N(n-1) + N(n-d)
    """,
)
def test_shortest():
    def paths(n, d):
        """List the paths over n steps, each as the lengths of its hops."""
        if n == 0:
            return [()]
        hops = [hop for hop in (1, d) if hop <= n]
        return [(hop, *rest) for hop in hops for rest in paths(n - hop, d)]

    @cache
    def N(n, d):
        return 1 if n == 0 else 0 if n < 0 else N(n - 1, d) + N(n - d, d)

    for d in (2, 3, 5):
        for n in range(1, 15):
            found = paths(n, d)
            assert min(map(len, found)) == n // d + n % d
            assert len(set(found)) == len(found) == N(n, d)


@equation(
    "eq-remedies-dropout",
    r"""
    \mathrm E\Bigl[\Bigl(\frac{m_i}{1-p}\Bigr)^{2}\Bigr] = \frac1{1-p} > 1
    """,
)
def test_dropout():
    for p in (0.2, 0.5):
        values = np.array([0, 1 / (1 - p)])
        chances = np.array([p, 1 - p])
        close(chances @ values, 1)
        close(chances @ values**2, 1 / (1 - p))
        drawn = torch.nn.functional.dropout(torch.ones(10, dtype=float), p)
        assert set(drawn.tolist()) <= {0.0, 1 / (1 - p)}
        assert 1 / (1 - p) > 1
