"""The equations of book/sequences.md about texts, executed by enumeration."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from equations import equation

from course_pkg.ngrams import NGram

V, T = 3, 4
TEXTS = list(itertools.product(range(V), repeat=T))


def rng():
    return np.random.default_rng(5)


@pytest.fixture
def joint():
    """Return any distribution over texts of T symbols, (V,) * T."""
    p = rng().random((V,) * T)
    return p / p.sum()


def conditional(joint, text):
    """Return P(the last symbol of text | those before it), from sums of the joint."""
    n = len(text)
    start = joint.sum(axis=tuple(range(n, joint.ndim)))
    return start[text] / start[text[:-1]].sum()


@equation(
    "eq-sequences-chain",
    r"P(x_1,\dots,x_T) = \prod_{t=1}^{T} P(x_t\mid x_1,\dots,x_{t-1})",
)
def test_chain(joint):
    for text in TEXTS:
        steps = [conditional(joint, text[:t]) for t in range(1, T + 1)]
        assert math.prod(steps) == pytest.approx(joint[text])


@equation(
    "eq-sequences-lengths",
    r"""
    \sum_{x_1,\dots,x_n}\ \prod_{t=1}^{n} P(x_t\mid x_1,\dots,x_{t-1}) = 1
    \quad\text{for every } n
    """,
)
def test_lengths(joint):
    for n in range(1, T + 1):
        total = 0.0
        for text in itertools.product(range(V), repeat=n):
            total += math.prod(conditional(joint, text[:t]) for t in range(1, n + 1))
        assert total == pytest.approx(1)


@equation(
    "eq-sequences-end",
    r"""
    \sum_{n=0}^{N}\ \sum_{x_1,\dots,x_n} P(x_1,\dots,x_n,\mathrm{end}) = 1 - P(\text{no
    end among the first } N+1)
    """,
)
def test_end():
    draw, N = rng(), 3
    rows = {
        text: draw.dirichlet(np.ones(V + 1))  # the last entry is the end
        for n in range(N + 1)
        for text in itertools.product(range(V), repeat=n)
    }

    def start(text):
        return math.prod(rows[text[:t]][x] for t, x in enumerate(text))

    ended = sum(start(text) * rows[text][V] for text in rows)
    going_on = sum(start(t) * rows[t][:V].sum() for t in rows if len(t) == N)
    assert ended == pytest.approx(1 - going_on)
    assert 0.05 < going_on < 0.95


def markov_joint(k):
    """Return the joint of T symbols in which each sees the k before it."""
    draw, p = rng(), np.ones((V,) * T)
    rows = {
        c: draw.dirichlet(np.ones(V)) for c in itertools.product(range(V), repeat=k)
    }
    first = draw.dirichlet(np.ones(V**k)).reshape((V,) * k)
    for text in TEXTS:
        after = (rows[text[t - k : t]][text[t]] for t in range(k, T))
        p[text] = first[text[:k]] * math.prod(after)
    return p


@equation(
    "eq-sequences-markov",
    r"""
    P(x_t\mid x_1,\dots,x_{t-1}) = P(x_t\mid x_{t-k},\dots,x_{t-1})
    """,
)
def test_markov():
    k, p = 2, markov_joint(2)
    last = p.sum(axis=tuple(range(T - 1 - k)))  # of the last k + 1 symbols
    shorter = last.sum(0)
    apart = 0.0
    for text in TEXTS:
        c, x = text[-1 - k : -1], text[-1]
        given_k = last[(*c, x)] / last[c].sum()
        assert conditional(p, text) == pytest.approx(given_k)
        apart = max(apart, abs(given_k - shorter[c[1], x] / shorter[c[1]].sum()))
    assert apart > 0.1, "an order of 1 would do"


@equation("eq-sequences-dependence", r"\mathrm{E}[x_t\,x_{t+n}] = (2p-1)^n")
def test_dependence():
    for p in (0.95, 0.3):
        step, signs = np.array([[p, 1 - p], [1 - p, p]]), np.array([1, -1])
        for n in range(12):
            both = np.linalg.matrix_power(step, n) / 2  # of x_t and x_{t+n}
            assert signs @ both @ signs == pytest.approx((2 * p - 1) ** n)
    assert round(0.9**10, 2) == 0.35


@equation(
    "eq-sequences-ngram",
    r"""
    P(v\mid c) = \frac{n(c,v) + a}{\sum_{u} n(c,u) + a\,V}
    """,
)
def test_ngram():
    ids, a, k = rng().integers(0, V, 60), 0.3, 2
    model = NGram(k + 1, V + 1, a).fit(ids)  # one symbol never occurs
    n = Counter(zip(ids, ids[1:], ids[2:], strict=False))
    for c in itertools.product(range(V + 1), repeat=k):
        row = np.array([n[*c, v] for v in range(V + 1)])
        want = (row + a) / (row.sum() + a * (V + 1))
        assert model.probabilities(c) == pytest.approx(want)
        assert want.sum() == pytest.approx(1)


@equation(
    "eq-sequences-nats",
    r"""
    \ell = -\frac{1}{N-k}\sum_{t=k+1}^{N}\log P(x_t\mid x_{t-k},\dots,x_{t-1})
    """,
)
def test_nats():
    train, x, k = rng().integers(0, V, 60), rng().integers(0, V, 25)[::-1], 2
    model, N = NGram(k + 1, V).fit(train), len(x)
    total = 0.0
    for t in range(k + 1, N + 1):  # x_t is x[t - 1]
        total += math.log(model.probabilities(x[t - 1 - k : t - 1])[x[t - 1]])
    assert model.nats(x) == pytest.approx(-total / (N - k))
    know_nothing = NGram(k + 1, V).fit([0] * (k + 1))
    assert know_nothing.nats([1, 2, 1, 2]) == pytest.approx(math.log(V))
