"""Attention against torch's own, gradients against autograd."""

import numpy as np
import pytest
import torch
from oracle import KINDS, assert_close, complains, draw, to
from torch.nn import functional as F

from course_pkg import attention

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


@pytest.mark.parametrize(
    ("call", "message"),
    [
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
        (
            lambda: attention.context(MASK.T, VALUES),
            "weights: expected (S, B) = (6, 4), got (4, 6)",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()
