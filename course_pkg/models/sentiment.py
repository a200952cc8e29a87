"""Sentiment: one label for a whole sequence, from many states or from none.

Every pooling is a weighted sum of states, with weights that are 0 on padding and sum
to 1 over each sequence; `shares` are the weights.
"""

import torch
from torch import Tensor, nn

from course_pkg.arrays import (
    Array,
    expect,
    expect_choice,
    expect_shape,
    namespace,
)
from course_pkg.attention import masked_softmax, masked_softmax_grad
from course_pkg.layers import CELLS
from course_pkg.models.ragged import evaluating, mask_of

POOLINGS = dict.fromkeys(("last", "mean", "max", "attention"))


def shares(hs: Array, lengths: Array, kind: str, scores: Array | None = None) -> Array:
    """Return what share each step has in the pooled state, 0 on padding.

    hs (T, B, H), lengths (B,) in 1..T; kind: "last", "mean", "max", or "attention"
    with scores (T, B). The result is (T, B, 1), for "max" (T, B, H): equal maxima
    share. Raises ValueError for another kind or shape. Source: Collobert et al. 2011
    for the maximum, Yang et al. 2016 for the weighted mean.
    """
    _expect_states(hs, lengths, kind, scores)
    xp, one = namespace(hs), namespace(hs).ones_like(hs)
    steps = xp.cumsum(xp.ones_like(hs[..., :1], dtype=xp.int64), 0)  # 1 … T
    true = steps <= lengths[:, None]
    if kind == "attention":
        return masked_softmax(scores, true[..., 0])[..., None]
    if kind == "max":
        # A padded 0 would win over negative states: it must not take part at all.
        seen = xp.where(true, hs, -float("inf"))
        weights = xp.where(seen == xp.amax(seen, 0), one, 0.0)
    else:
        chosen = true if kind == "mean" else steps == lengths[:, None]
        weights = xp.where(chosen, one[..., :1], 0.0)
    return weights / weights.sum(0)


def pool(hs: Array, lengths: Array, kind: str, scores: Array | None = None) -> Array:
    """Return one state (B, H) for each sequence: its last, mean, max or weighted mean.

    hs (T, B, H), whatever is on padding. Arguments and errors as in `shares`.
    Sources as there.
    """
    weights = shares(hs, lengths, kind, scores)
    return (weights * namespace(hs).where(weights > 0, hs, 0.0)).sum(0)


def pool_grad(
    d: Array, hs: Array, lengths: Array, kind: str, scores: Array | None = None
) -> tuple[Array, Array | None]:
    """Return the gradients of hs (T, B, H) and of scores (T, B) from d (B, H).

    "last" gives all of d to one step, "mean" d/ℓ to each, "max" each unit's to the step
    of its maximum, "attention" α_t d; other scores than its have None. Arguments and
    errors as in `shares`.
    """
    weights = shares(hs, lengths, kind, scores)
    if kind != "attention":
        return weights * d, None
    along = namespace(hs).where(weights > 0, hs * d, 0.0).sum(-1)
    return weights * d, masked_softmax_grad(along, weights[..., 0])


class Labeller(nn.Module):
    """Share what models have in common that give a whole sequence one of C classes."""

    def loss(self, x: Tensor, lengths: Tensor, y: Tensor) -> Tensor:
        """Return the mean of −log p(y), in nats: x (T, B), lengths (B,), y (B,)."""
        return nn.functional.cross_entropy(self(x, lengths), y)

    def predict(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the probability of each class (B, C): x (T, B), lengths (B,)."""
        with evaluating(self):
            return self(x, lengths).softmax(-1)


class BagOfWords(Labeller):
    """Tell C classes from how often each of V symbols occurs, whatever the order.

    The baseline: C numbers for each symbol, added up. Training starts from zeros.
    """

    def __init__(self, V: int, C: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(V, C))
        self.bias = nn.Parameter(torch.zeros(C))

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the score of each class (B, C): x (T, B), ids; lengths (B,)."""
        return self.evidence(x, lengths).sum(0) + self.bias

    def evidence(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return what each step adds to each class's score (T, B, C), 0 on padding.

        x (T, B), lengths (B,). Its sum over time, plus the bias, is the score.
        """
        _expect_ids(x, lengths)
        return mask_of(lengths, len(x), self.weight.dtype) * self.weight[x]


class Classifier(Labeller):
    """Read V symbols with one recurrent layer, pool its states, and tell C classes.

    H: width of the states and of the symbols' vectors; cell: "rnn", "gru" or "lstm";
    pool: see `shares`. The layer reads forward only: padding behind cannot reach a true
    state. Source: Yang et al. 2016 for attention.
    """

    def __init__(
        self, V: int, C: int, H: int, cell: str = "lstm", pool: str = "mean"
    ) -> None:
        super().__init__()
        expect_choice("cell", cell, CELLS)
        expect_choice("pool", pool, POOLINGS)
        self.pool = pool
        self.embed = nn.Embedding(V, H)
        self.recurrent = CELLS[cell](H, H)
        self.score = nn.Linear(H, 1, bias=False) if pool == "attention" else None
        self.out = nn.Linear(H, C)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return the score of each class (B, C): x (T, B), ids; lengths (B,)."""
        hs, scores = self._states(x, lengths)
        return self.out(pool(hs, lengths, self.pool, scores))

    def evidence(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Return what each step adds to each class's score (T, B, C), 0 on padding.

        x (T, B), lengths (B,). Its sum over time, plus the bias of ``out``, is the
        score; a state has read all before it, so the words before have a part in it.
        """
        hs, scores = self._states(x, lengths)
        return (shares(hs, lengths, self.pool, scores) * hs) @ self.out.weight.T

    def _states(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor | None]:
        _expect_ids(x, lengths)
        hs, _ = self.recurrent(self.embed(x))
        return hs, None if self.score is None else self.score(hs)[..., 0]


def _expect_ids(x: Tensor, lengths: Tensor) -> None:
    expect(x.ndim == 2 and x.numel() > 0, "x", "ids (T, B)", tuple(x.shape))
    expect_shape("lengths", lengths, "B", x.shape[1])
    mask_of(lengths, len(x), torch.float32)


def _expect_states(hs: Array, lengths: Array, kind: str, scores: Array | None) -> None:
    expect_choice("kind", kind, POOLINGS)
    fits = hs.ndim == 3 and len(hs) > 0
    expect(fits, "hs", "(T, B, H)", tuple(hs.shape))
    T, B = hs.shape[:2]
    expect_shape("lengths", lengths, "B", B)
    inside = bool(((lengths >= 1) & (lengths <= T)).all())
    expect(inside, "lengths", f"numbers in 1..T = 1..{T}", lengths.tolist())
    if kind == "attention":
        expect(scores is not None, "scores", '(T, B) for "attention"', scores)
        expect_shape("scores", scores, "T B", T, B)
