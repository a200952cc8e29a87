"""Attention against torch's own, gradients against autograd."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracle import KINDS, assert_close, complains, draw, to
from torch.nn import functional as F

from course_pkg import attention
from course_pkg.arrays import to_numpy

S, B, Q, K, A = 6, 4, 3, 5, 7
QUERY, KEYS, VALUES = draw(0, B, K), draw(1, S, B, K), draw(2, S, B, 2)
MASK = (draw(3, S, B) > 0).astype(float)
MASK[:, 1], MASK[:, 2] = 0, 1  # one sequence without any key, one with all
ADDITIVE = draw(4, B, Q), KEYS, draw(5, A, Q), draw(6, A, K), draw(7, A)
DOTS = {attention.dot: 1.0, attention.scaled_dot: None}


def autograd(f, args, d):
    """Return f's value, and the gradients of all its arguments, by autograd."""
    args = tuple(a.requires_grad_() for a in to("torch", args))
    value = f(*args)
    return value.detach(), torch.autograd.grad(value, args, torch.tensor(d))


@pytest.mark.parametrize("score", DOTS)
@pytest.mark.parametrize("mask", [None, np.where(MASK.sum(0) > 0, MASK, 1)])
@pytest.mark.parametrize("kind", KINDS)
def test_dot_attention_is_torchs(kind, mask, score):
    query, keys, values, m = to(kind, (QUERY, KEYS, VALUES, mask))
    weights = attention.masked_softmax(score(query, keys), m)
    q, k, v = (torch.tensor(a).movedim(-2, 0) for a in (QUERY[None], KEYS, VALUES))
    own = None if mask is None else torch.tensor(mask.T[:, None] > 0)
    want = F.scaled_dot_product_attention(q, k, v, own, scale=DOTS[score])[:, 0]
    assert_close(attention.context(weights, values), want)
    assert_close(weights.sum(0), np.ones(B))


@pytest.mark.parametrize("score", DOTS)
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_the_dot_scores(kind, score):
    d = draw(8, S, B)
    got = getattr(attention, score.__name__ + "_grad")(*to(kind, (d, QUERY, KEYS)))
    assert_close(got, autograd(score, (QUERY, KEYS), d)[1])


@pytest.mark.parametrize("kind", KINDS)
def test_additive_scores_and_gradients(kind):
    d, args = draw(8, S, B), to(kind, ADDITIVE)
    query, keys, W_q, W_k, v = ADDITIVE
    want = [
        [v @ np.tanh(W_q @ query[b] + W_k @ keys[s, b]) for b in range(B)]
        for s in range(S)
    ]
    assert_close(attention.additive(*args), np.array(want))
    got = attention.additive_grad(to(kind, d), *args)
    assert_close(got, autograd(attention.additive, ADDITIVE, d)[1])
    ahead = to(kind, (query @ W_q.T, keys @ W_k.T, v))
    assert_close(attention.additive_projected(*ahead), np.array(want))


@pytest.mark.parametrize("kind", KINDS)
def test_a_masked_key_has_no_weight_and_an_empty_row_no_weight_at_all(kind):
    scores = np.where(MASK > 0, draw(0, S, B), np.inf)
    with np.errstate(all="raise", under="ignore"):
        weights = attention.masked_softmax(*to(kind, (scores, MASK)))
    for b in range(B):
        there = MASK[:, b] > 0
        want = np.zeros(S)
        want[there] = torch.softmax(torch.tensor(scores[there, b]), 0)
        assert_close(weights[:, b], want)
    assert MASK[:, 1].sum() == 0


@pytest.mark.parametrize("size", [1e3, 1e300])
def test_scores_of_any_size_stay_finite(size):
    scores = size * draw(0, S, B)
    with np.errstate(all="raise", under="ignore"):
        weights = attention.masked_softmax(scores, MASK)
    assert np.isfinite(weights).all()
    assert_close(weights.sum(0), (MASK.sum(0) > 0).astype(float))


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_of_the_masked_softmax(kind):
    d, scores = draw(8, S, B), draw(9, S, B)
    weights = attention.masked_softmax(*to(kind, (scores, MASK)))
    got = attention.masked_softmax_grad(to(kind, d), weights)
    f = lambda s: attention.masked_softmax(s, torch.tensor(MASK))  # noqa: E731
    want = autograd(f, (scores,), d)[1][0]
    assert_close(got, want)
    assert abs(want[MASK == 0]).max() == 0


def self_attention(x, mask=None):
    """Let each of T vectors x (T, K) ask all of them; the queries are the batch."""
    keys = x[:, None].repeat(len(x), 1)
    scores = attention.scaled_dot(x, keys)
    return attention.context(attention.masked_softmax(scores, mask), keys)


@pytest.mark.parametrize("kind", KINDS)
def test_a_causal_mask_is_torchs(kind):
    """A query sees itself and what came before, and the last one sees all."""
    x = draw(0, S, K)
    mask = attention.causal_mask(S, to(kind, x))
    assert_close(mask, np.triu(np.ones((S, S))))
    want = F.scaled_dot_product_attention(*3 * [torch.tensor(x)[None]], is_causal=True)
    assert_close(self_attention(x, to_numpy(mask)), want[0])


def test_what_comes_later_is_not_seen():
    x, other = draw(0, S, K), draw(1, S, K)
    other[:4] = x[:4]
    mask = attention.causal_mask(S, x)
    one, two = self_attention(x, mask), self_attention(other, mask)
    assert_close(one[:4], two[:4])
    assert abs(one[4:] - two[4:]).min() > 1e-3
    assert_close(one[0], x[0])


@pytest.mark.parametrize("seed", range(3))
def test_self_attention_knows_no_order_until_positions_say_it(seed):
    x, order = draw(seed, S, K + 1), np.random.default_rng(seed).permutation(S)
    assert_close(self_attention(x[order]), self_attention(x)[order])
    p = attention.positions(S, K + 1, x)
    moved = self_attention(x[order] + p) - self_attention(x + p)[order]
    assert abs(moved).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_positions_by_the_paper(kind):
    got = attention.positions(40, 8, to(kind, draw(0, 1)))
    want = np.zeros((40, 8))
    for t in range(40):
        for i in range(4):
            angle = t / 10000 ** (2 * i / 8)
            want[t, 2 * i : 2 * i + 2] = math.sin(angle), math.cos(angle)
    assert_close(got, want)


@given(st.integers(0, 60), st.integers(0, 40), st.integers(1, 8))
def test_a_shift_turns_every_pair_by_the_same_angle_wherever_it_is(t, shift, pairs):
    """So the product of two positions depends on their distance alone."""
    p = attention.positions(101, 2 * pairs, np.zeros(()))
    assert p[t] @ p[t + shift] == pytest.approx(p[0] @ p[shift], abs=1e-10)
    assert p[t] @ p[t] == pytest.approx(pairs)


@pytest.mark.parametrize("kind", KINDS)
def test_masks_and_positions_are_of_the_kind_asked_for(kind):
    for dtype in ("float32", "float64"):
        like = to(kind, draw(0, 2).astype(dtype))
        for got in (attention.causal_mask(3, like), attention.positions(3, 4, like)):
            assert type(got) is type(like)
            assert got.dtype == like.dtype
            assert getattr(got, "device", None) == getattr(like, "device", None)


@given(st.integers(1, 7), st.integers(1, 4), st.randoms(use_true_random=False))
def test_weights_are_shares_of_the_keys_that_are_there(size, batch, random):
    """Padding keys away or cutting them off is the same, and their order is free."""
    rng = np.random.default_rng(random.randrange(1000))
    scores = rng.normal(size=(size, batch)) * 10
    lengths = rng.integers(0, size + 1, batch)
    mask = (np.arange(size)[:, None] < lengths).astype(float)
    weights = attention.masked_softmax(scores, mask)
    order = rng.permutation(size)
    assert_close(attention.masked_softmax(scores[order], mask[order]), weights[order])
    assert_close(attention.masked_softmax(scores + 100, mask), weights)
    for b, n in enumerate(lengths):
        assert (weights[n:, b] == 0).all()
        if n:
            alone = attention.masked_softmax(scores[:n, b : b + 1])[:, 0]
            assert_close(weights[:n, b], alone)
            assert alone.sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_of_the_context(kind):
    d, weights = draw(8, B, 2), draw(9, S, B)
    got = attention.context_grad(*to(kind, (d, weights, VALUES)))
    assert_close(got, autograd(attention.context, (weights, VALUES), d)[1])


def test_scaled_scores_keep_their_variance():
    query, keys = draw(0, 40, 256), draw(1, 40, 40, 256)
    assert attention.scaled_dot(query, keys).var() == pytest.approx(1, abs=0.1)
    assert attention.dot(query, keys).var() == pytest.approx(256, rel=0.1)


def test_float32_stays_float32():
    args = [a.astype("float32") for a in (QUERY, KEYS, MASK, VALUES)]
    weights = attention.masked_softmax(attention.scaled_dot(*args[:2]), args[2])
    assert weights.dtype == attention.context(weights, args[3]).dtype == np.float32


BATCH_FIRST = draw(0, B, K)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        *(
            (lambda f=f: f(QUERY, BATCH_FIRST), "keys: expected (S, B, K), got (4, 5)")
            for f in (attention.dot, attention.scaled_dot)
        ),
        (
            lambda: attention.additive(ADDITIVE[0], BATCH_FIRST, *ADDITIVE[2:]),
            "keys: expected (S, B, K), got (4, 5)",
        ),
        *(
            (
                lambda f=f: f(draw(0, B, S), QUERY, KEYS),
                "d: expected (S, B) = (6, 4), got (4, 6)",
            )
            for f in (attention.dot_grad, attention.scaled_dot_grad)
        ),
        (
            lambda: attention.additive_grad(draw(0, B, S), *ADDITIVE),
            "d: expected (S, B) = (6, 4), got (4, 6)",
        ),
        (
            lambda: attention.additive_grad(draw(0, S, B), QUERY, *ADDITIVE[1:]),
            "query: expected (B, Q) = (4, 3), got (4, 5)",
        ),
        (
            lambda: attention.additive_projected(QUERY, draw(0, S, B, A), draw(0, A)),
            "query: expected (B, A) = (4, 7), got (4, 5)",
        ),
        (
            lambda: attention.additive_projected(QUERY, KEYS[:0], draw(0, K)),
            "keys: expected (S, B, K), got (0, 4, 5)",
        ),
        (
            lambda: attention.additive_projected(QUERY, KEYS, draw(0, A)),
            "v: expected (A) = (5,), got (7,)",
        ),
        (
            lambda: attention.context_grad(draw(0, S, B), MASK, VALUES),
            "d: expected (B, K) = (4, 2), got (6, 4)",
        ),
        (
            lambda: attention.dot(draw(0, B, Q), KEYS),
            "query: expected (B, K) = (4, 5), got (4, 3)",
        ),
        (
            lambda: attention.scaled_dot(draw(0, S, B), draw(0, B, K)),
            "keys: expected (S, B, K), got (4, 5)",
        ),
        (
            lambda: attention.additive(QUERY, *ADDITIVE[1:]),
            "query: expected (B, Q) = (4, 3), got (4, 5)",
        ),
        (
            lambda: attention.additive(*ADDITIVE[:2], draw(0, K, Q), *ADDITIVE[3:]),
            "W_q: expected (A, Q) = (7, 3), got (5, 3)",
        ),
        (
            lambda: attention.additive(*ADDITIVE[:3], draw(0, K, A), ADDITIVE[4]),
            "W_k: expected (A, K) = (7, 5), got (5, 7)",
        ),
        (
            lambda: attention.masked_softmax(KEYS),
            "scores: expected (S, B), got (6, 4, 5)",
        ),
        (
            lambda: attention.masked_softmax(draw(0, S, B), MASK.T),
            "mask: expected (S, B) = (6, 4), got (4, 6)",
        ),
        (
            lambda: attention.masked_softmax_grad(draw(0, S, 1), MASK),
            "d: expected (S, B) = (6, 4), got (6, 1)",
        ),
        (lambda: attention.causal_mask(0, KEYS), "T: expected a number ≥ 1, got 0"),
        (lambda: attention.positions(0, 4, KEYS), "T: expected a number ≥ 1, got 0"),
        (
            lambda: attention.positions(3, 5, KEYS),
            "D: expected an even number ≥ 2, got 5",
        ),
        (
            lambda: attention.positions(3, 0, KEYS),
            "D: expected an even number ≥ 2, got 0",
        ),
        (
            lambda: attention.context(MASK.T, VALUES),
            "weights: expected (S, B) = (6, 4), got (4, 6)",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()
