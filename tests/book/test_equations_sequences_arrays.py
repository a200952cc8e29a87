"""The equations of book/sequences.md about arrays and vectors, before an oracle."""

import itertools
import math

import numpy as np
import pytest
import torch
from equations import equation

from course_pkg import datasets
from course_pkg.arrays import one_hot
from course_pkg.batches import padded
from course_pkg.datasets.vectors import near
from course_pkg.losses import cross_entropy

V = 3


def rng():
    return np.random.default_rng(5)


@equation(
    "eq-sequences-plain", r"h = \max(0,\,W_1 x + b_1), \qquad \hat y = W_2\,h + b_2"
)
def test_plain():
    torch.manual_seed(1)
    net = torch.nn.Sequential(
        torch.nn.Linear(5, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3)
    ).double()
    W_1, b_1, W_2, b_2 = (p.detach().numpy() for p in net.parameters())
    x = rng().normal(size=5)
    h = np.maximum(0, W_1 @ x + b_1)
    assert 0 < (h > 0).sum() < 4
    assert W_2 @ h + b_2 == pytest.approx(net(torch.tensor(x)).detach().numpy())
    # McGill's form, with W stored the other way round and one output
    w, W, c, b = W_2[0], W_1.T, b_1, b_2[0]
    assert w @ np.maximum(0, W.T @ x + c) + b == pytest.approx((W_2 @ h + b_2)[0])
    assert (1 / (1 + np.exp(-np.zeros(10)))).sum() == 5


@equation("eq-sequences-lookup", r"E^\top\,\mathrm{onehot}(v) = e_v")
def test_lookup():
    E = rng().normal(size=(V, 5))
    for v in range(V):
        assert (E.T @ one_hot(np.array(v), V, E) == E[v]).all()


@equation(
    "eq-sequences-distance",
    r"""
    \lVert\mathrm{onehot}(u)-\mathrm{onehot}(v)\rVert = \sqrt 2 \quad\text{for all }
    u\ne v
    """,
)
def test_distance():
    codes = one_hot(np.arange(V), V, np.zeros(1))
    for u, v in itertools.permutations(range(V), 2):
        assert np.linalg.norm(codes[u] - codes[v]) == pytest.approx(math.sqrt(2))


@equation(
    "eq-sequences-mean",
    r"""
    L = \frac{\sum_{t,b} m_{tb}\,\ell_{tb}}{\sum_{t,b} m_{tb}} = \sum_{b}
    \frac{T_b}{\sum_c T_c}\,L_b
    """,
)
def test_mean():
    draw, lengths = rng(), [5, 1, 3]
    logits, n, mask = padded([draw.normal(size=(t, V)) for t in lengths], pad=9.0)
    y = draw.integers(0, V, logits.shape[:2])
    logp = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    ell = -np.take_along_axis(logp, y[..., None], -1)
    L = (mask * ell).sum() / mask.sum()
    each = [ell[:t, b].mean() for b, t in enumerate(lengths)]
    weighted = sum(t / n.sum() * l_b for t, l_b in zip(lengths, each, strict=True))
    assert weighted == pytest.approx(L) == pytest.approx(cross_entropy(logits, y, mask))
    assert abs(np.mean(each) - L) > 0.01


@equation(
    "eq-sequences-sinusoid",
    r"""
    \sin(\omega(t+1)+\varphi) = 2\cos\omega\,\sin(\omega t+\varphi) -
    \sin(\omega(t-1)+\varphi)
    """,
)
def test_sinusoid():
    t, w, phi = np.arange(1.0, 9), 0.7, 0.3
    now, before = np.sin(w * t + phi), np.sin(w * (t - 1) + phi)
    after = 2 * np.cos(w) * now - before
    assert after == pytest.approx(np.sin(w * (t + 1) + phi))


@equation(
    "eq-sequences-one-weight",
    r"""
    \min_w \frac{\sum_t (x_{t+1} - w\,x_t)^2}{\sum_t x_{t+1}^2} = 1 - \cos^2\omega =
    \sin^2\omega
    """,
)
def test_one_weight():
    period = 24
    for turns in (1, 5, 7):  # whole periods, so that sums over t are means
        omega = 2 * np.pi * turns / period
        x = np.sin(omega * np.arange(period + 1) + 0.4)
        w = (x[1:] @ x[:-1]) / (x[:-1] @ x[:-1])
        assert w == pytest.approx(np.cos(omega))
        best, *_ = np.linalg.lstsq(x[:-1, None], x[1:], rcond=None)
        assert best[0] == pytest.approx(w)
        left = ((x[1:] - w * x[:-1]) ** 2).sum() / (x[1:] ** 2).sum()
        assert left == pytest.approx(1 - np.cos(omega) ** 2)
        assert left == pytest.approx(np.sin(omega) ** 2)


@equation(
    "eq-sequences-count",
    r"""
    N_{\mathrm{window}} = H\,(k\,I + 1), \qquad N_{\mathrm{recurrent}} = H\,(I + H + 1)
    """,
)
def test_count():
    for H, I, k in (100, 100, 100), (7, 5, 3):  # noqa: E741
        window = torch.nn.Linear(k * I, H, device="meta")
        loop = torch.nn.RNN(I, H, device="meta")
        count = [sum(p.numel() for p in net.parameters()) for net in (window, loop)]
        assert count == [H * (k * I + 1), H * (I + H + 1) + H]  # torch's second bias


def layer(x, W, b, skip=1):
    """Return h_t of every step, W (w, H, I), with zeros before the first step."""
    h = np.zeros((len(x), W.shape[1]))
    for t in range(len(x)):
        seen = (W[j] @ x[t - j * skip] for j in range(len(W)) if t - j * skip >= 0)
        h[t] = np.tanh(b + sum(seen))
    return h


@equation(
    "eq-sequences-convolution",
    r"""
    h_t = \tanh\Bigl(b + \sum_{j=0}^{w-1} W_j\,x_{t-j}\Bigr)
    """,
)
def test_convolution():
    draw, w = rng(), 3
    x, W, b = (draw.normal(size=size) for size in ((9, 2), (w, 4, 2), 4))
    # torch's kernel has the oldest step first, and channels before time
    kernel, rows = torch.tensor(W[::-1].copy()).permute(1, 2, 0), torch.tensor(x.T)
    past = torch.nn.functional.pad(rows, (w - 1, 0))
    theirs = torch.nn.functional.conv1d(past[None], kernel, torch.tensor(b)).tanh()[0].T
    assert layer(x, W, b) == pytest.approx(theirs.numpy())
    later = layer(np.concatenate([np.zeros((2, 2)), x]), W, b)[2:]
    assert later == pytest.approx(layer(x, W, b)), "shifted input, shifted output"


@equation(
    "eq-sequences-receptive",
    r"""
    R = 1 + (w-1)\sum_{i=1}^{L} d_i = 1 + (w-1)\,(2^L - 1)
    """,
)
def test_receptive():
    for w, L in (2, 3), (3, 2):
        draw, x = rng(), rng().normal(size=(20, 1))
        Ws = [draw.normal(size=(w, 1, 1)) for _ in range(L)]

        def run(x, Ws=Ws):
            for i, W in enumerate(Ws, 1):
                x = layer(x, W, 0.0, skip=2 ** (i - 1))
            return x[-1]

        nudge = 0.1 * np.eye(20)[..., None]
        seen = [bool(run(x + d) != run(x)) for d in nudge]
        R = 1 + (w - 1) * sum(2 ** (i - 1) for i in range(1, L + 1))
        assert 1 + (w - 1) * (2**L - 1) == R
        assert seen == [False] * (20 - R) + [True] * R
    assert 1 + (2 - 1) * (2**10 - 1) == 1024


COMPANY = [list(text) for text in ("abcab", "dcba", "aacd", "bd", "ccab")]


@equation(
    "eq-sequences-pmi",
    r"""
    M_{uv} = \max\Bigl(0,\,\log\frac{P(u,v)}{P(u)\,P(v)}\Bigr), \qquad M \approx U_r S_r
    V_r^\top, \qquad E = U_r\sqrt{S_r}
    """,
)
def test_pmi():
    pairs, r = near(COMPANY, "abcd", 3), 2
    P = pairs / pairs.sum()
    M = np.zeros((4, 4))
    for u, v in np.ndindex(4, 4):
        if P[u, v]:
            M[u, v] = max(0, math.log(P[u, v] / (P[u].sum() * P[v].sum())))
    U, S, Vt = np.linalg.svd(M)
    E = datasets.word_vectors(COMPANY, "abcd", size=r)
    assert abs(E) == pytest.approx(abs(U[:, :r] * np.sqrt(S[:r])))
    cut = U[:, :r] * S[:r] @ Vt[:r]
    assert np.linalg.norm(M - cut) == pytest.approx(np.linalg.norm(S[r:]))
    assert np.linalg.norm(S[r:]) > 0.01


@equation(
    "eq-sequences-cosine",
    r"\cos(u,v) = \frac{u^\top v}{\lVert u\rVert\,\lVert v\rVert}",
)
def test_cosine():
    E, v = rng().normal(size=(6, 3)), rng().normal(size=3)[::-1]
    cos = [u @ v / (math.sqrt(u @ u) * math.sqrt(v @ v)) for u in E]
    theirs = torch.cosine_similarity(torch.tensor(E), torch.tensor(v.copy())[None])
    assert cos == pytest.approx(theirs.numpy())
    assert datasets.nearest(E, v, k=6) == np.argsort(cos)[::-1].tolist()


@equation(
    "eq-sequences-analogy",
    r"""
    d^{*} = \operatorname*{arg\,max}_{d\,\notin\,\{a,b,c\}}\ \cos(e_d,\ e_b - e_a + e_c)
    """,
)
def test_analogy():
    # Toy vectors: royal, male, female. Without the exclusion king answers itself.
    words = ["man", "woman", "king", "queen", "apple"]
    e = np.array([[0, 1, 0], [0, 0, 1], [3, 1, 0], [3, 0, 0.6], [0.1, -1, -1]])
    a, b, c = 0, 1, 2
    v = e[b] - e[a] + e[c]
    cos = e @ v / np.linalg.norm(e, axis=1)
    cos[[a, b, c]] = -np.inf
    assert [int(cos.argmax())] == datasets.nearest(e, v, {a, b, c})
    assert words[cos.argmax()] == "queen"
