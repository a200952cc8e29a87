"""Attention: a query scores S keys, and a weighted mean of S values answers it.

Time first, as everywhere: keys and values are (S, B, K), one query (B, Q) per sequence,
scores and weights (S, B). Each function has its gradient below it.
"""

from course_pkg.arrays import (
    Array,
    expect,
    expect_shape,
    eye,
    linear,
    namespace,
    steps,
)


def additive(query: Array, keys: Array, W_q: Array, W_k: Array, v: Array) -> Array:
    """Return the scores (S, B) vᵀ tanh(W_q query + W_k key).

    query (B, Q), in a decoder the state before this step; keys (S, B, K); W_q (A, Q),
    W_k (A, K), v (A,). Source: Bahdanau, Cho, Bengio 2015, appendix A.
    """
    _expect_additive(query, keys, W_q, W_k, v)
    return additive_projected(linear(query, W_q), linear(keys, W_k), v)


def additive_projected(query: Array, keys: Array, v: Array) -> Array:
    """Return the scores (S, B) of `additive` from W_q query (B, A), W_k keys (S, B, A).

    v (A,). The keys are the same for every query: project them once, outside the loop.
    """
    _expect_keys(keys)
    expect_shape("query", query, "B A", *keys.shape[1:])
    expect_shape("v", v, "A", keys.shape[-1])
    return namespace(keys).tanh(query + keys) @ v


def additive_grad(
    d: Array, query: Array, keys: Array, W_q: Array, W_k: Array, v: Array
) -> tuple[Array, ...]:
    """Return the gradients of query, keys, W_q, W_k and v from d (S, B) of the scores.

    Arguments and errors as in `additive`.
    """
    _expect_additive(query, keys, W_q, W_k, v)
    expect_shape("d", d, "S B", *keys.shape[:2])
    outer = namespace(keys).einsum
    a = namespace(keys).tanh(linear(query, W_q) + linear(keys, W_k))
    da = d[..., None] * v * (1 - a**2)
    dW_q, dW_k = outer("ba,bq->aq", da.sum(0), query), outer("sba,sbk->ak", da, keys)
    return da.sum(0) @ W_q, da @ W_k, dW_q, dW_k, outer("sb,sba->a", d, a)


def dot(query: Array, keys: Array) -> Array:
    """Return the scores (S, B) queryᵀ key: query (B, K), keys (S, B, K).

    Source: Luong, Pham, Manning 2015.
    """
    _expect_keys(keys)
    expect_shape("query", query, "B K", *keys.shape[1:])
    return (query * keys).sum(-1)


def dot_grad(d: Array, query: Array, keys: Array) -> tuple[Array, Array]:
    """Return the gradients of query (B, K) and keys from d (S, B) of the scores."""
    expect_shape("d", d, "S B", *keys.shape[:2])
    return (d[..., None] * keys).sum(0), d[..., None] * query


def scaled_dot(query: Array, keys: Array) -> Array:
    """Return the scores (S, B) queryᵀ key / √K: query (B, K), keys (S, B, K).

    For independent entries of variance 1 the sum has variance K; the root takes it back
    to 1, so the softmax does not start out sharp. Source: Vaswani et al. 2017.
    """
    return dot(query, keys) / keys.shape[-1] ** 0.5


def scaled_dot_grad(d: Array, query: Array, keys: Array) -> tuple[Array, Array]:
    """Return the gradients of query (B, K) and keys from d (S, B) of the scores."""
    return dot_grad(d / keys.shape[-1] ** 0.5, query, keys)


def masked_softmax(scores: Array, mask: Array | None = None) -> Array:
    """Return weights (S, B), each column in [0, 1] with sum 1, zero where mask is 0.

    scores (S, B); mask (S, B) of 0 and 1. A masked score counts as -∞, whatever it is;
    a column without any key has weights 0. Raises ValueError for other shapes.
    """
    expect(scores.ndim == 2, "scores", "(S, B)", tuple(scores.shape))
    xp = namespace(scores)
    if mask is not None:
        expect_shape("mask", mask, "S B", *scores.shape)
        scores = xp.where(mask > 0, scores, -float("inf"))
    top = xp.amax(scores, 0)
    e = xp.exp(scores - xp.where(top > -float("inf"), top, xp.zeros_like(top)))
    total = e.sum(0)
    return e / xp.where(total > 0, total, xp.ones_like(total))


def masked_softmax_grad(d: Array, weights: Array) -> Array:
    """Return the gradient (S, B) of the scores: α ⊙ (d - αᵀd), zero at masked keys.

    d (S, B): ∂L/∂weights; weights (S, B): what `masked_softmax` returned.
    """
    expect_shape("d", d, "S B", *weights.shape)
    return weights * (d - (weights * d).sum(0))


def causal_mask(T: int, like: Array) -> Array:
    """Return the mask (T, T) whose column t lets query t see the keys 0..t only.

    1 where key ≤ query, so on the diagonal too, and 0 where the key comes later: a mask
    for `masked_softmax`, of the kind and dtype of like. Raises ValueError for T < 1.
    """
    expect(T >= 1, "T", "a number ≥ 1", T)
    return eye(T, like).cumsum(1)


def positions(T: int, D: int, like: Array) -> Array:
    """Return vectors (T, D) that tell the steps apart: sines and cosines side by side.

    Entry 2i of step t is sin(t / 10000^(2i/D)), entry 2i + 1 the cosine: in [-1, 1],
    of the kind and dtype of like. Raises ValueError for T < 1 and for D not even.
    Source: Vaswani et al. 2017, section 3.5.
    """
    expect(T >= 1, "T", "a number ≥ 1", T)
    expect(D >= 2 and D % 2 == 0, "D", "an even number ≥ 2", D)
    angles = steps(T, like)[:, None] / 10000 ** (2 * steps(D // 2, like) / D)
    xp = namespace(like)
    return xp.stack((xp.sin(angles), xp.cos(angles)), -1).reshape(T, D)


def context(weights: Array, values: Array) -> Array:
    """Return the weighted mean (B, K) of values (S, B, K) with weights (S, B).

    Every value is one step away from the result, however far back it was.
    """
    expect_shape("weights", weights, "S B", *values.shape[:2])
    return (weights[..., None] * values).sum(0)


def context_grad(d: Array, weights: Array, values: Array) -> tuple[Array, Array]:
    """Return the gradients of weights (S, B) and values (S, B, K) from d (B, K)."""
    expect_shape("d", d, "B K", *values.shape[1:])
    return (d * values).sum(-1), weights[..., None] * d


def _expect_keys(keys: Array) -> None:
    expect(keys.ndim == 3 and len(keys) > 0, "keys", "(S, B, K)", tuple(keys.shape))


def _expect_additive(
    query: Array, keys: Array, W_q: Array, W_k: Array, v: Array
) -> None:
    _expect_keys(keys)
    A, B = len(v), keys.shape[1]
    expect_shape("W_k", W_k, "A K", A, keys.shape[2])
    expect_shape("query", query, "B Q", B, W_q.shape[-1])
    expect_shape("W_q", W_q, "A Q", A, query.shape[1])
