"""Decoding: from a model's next-symbol scores to sequences of symbols.

A model is a function ``step(ids, state) -> (logits, state)``: ids (B,) integers of
NumPy, state None at the beginning or what the last call returned, logits (B, V) of any
kind. A step must not change the state that it is given: a beam goes on from it twice.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from course_pkg.arrays import Array, expect, log_softmax
from course_pkg.choices import (
    choose,
    filter_top_k,
    filter_top_p,
    numbers_of,
    possible,
)

__all__ = [
    "Hypothesis",
    "beam",
    "choose",
    "filter_top_k",
    "filter_top_p",
    "greedy",
    "read",
    "sample",
    "score",
]

Step = Callable[[np.ndarray, Any], tuple[Array, Any]]


class Hypothesis(NamedTuple):
    """A decoded sequence: its ids without start and end, log p in nats, and its end.

    finished: whether the end symbol came, whose probability is then a part of logp.
    """

    ids: tuple[int, ...]
    logp: float
    finished: bool


def read(step: Step, ids: Sequence[int], state: Any = None) -> tuple[Array, Any]:
    """Feed ids, a sequence of one symbol or more; return logits (1, V) and state.

    This is priming: the model has read ids and says what may follow.
    """
    expect(len(ids) > 0, "ids", "at least one symbol to read", "none")
    for i in ids:
        logits, state = step(np.array([i]), state)
    return logits, state


def sample(
    step: Step,
    rng: np.random.Generator,
    length: int,
    *,
    prime: Sequence[int],
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    state: Any = None,
) -> list[int]:
    """Draw length symbols that follow the prime, a start symbol or a real beginning.

    Returns the new ids only. state: before the prime, any shape or None. See `choose`
    for the temperature and the cuts, and for what raises. Source: Graves 2013.
    """
    how: dict[str, Any] = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    expect(length >= 0, "length", "at least 0", length)
    logits, state = read(step, prime, state)
    ids: list[int] = []
    while len(ids) < length:
        if ids:
            logits, state = step(np.array(ids[-1:]), state)
        ids.append(int(choose(rng, logits, **how)[0]))
    return ids


def greedy(
    step: Step, start: Array, end: int, limit: int, *, state: Any = None
) -> list[list[int]]:
    """Take the most probable symbol, again and again, for each sequence of a batch.

    start (B,): first ids; end: the symbol at which a sequence stops, while others go
    on; limit: symbols at most. Returns B lists without start, end and what follows it.
    """
    ids = np.asarray(start)
    expect(ids.ndim == 1, "start", "(B,)", ids.shape)
    expect(limit >= 0, "limit", "at least 0", limit)
    found: list[list[int]] = [[] for _ in ids]
    going = np.ones(len(ids), bool)
    for _ in range(limit):
        logits, state = step(ids, state)
        ids = possible(logits, going).argmax(-1)
        going &= ids != end
        if not going.any():
            break
        for b in np.flatnonzero(going):
            found[b].append(int(ids[b]))
    return found


def score(hypothesis: Hypothesis, alpha: float = 0.0) -> float:
    """Return log p over ((5 + n) / 6)^alpha, n symbols counted with the end.

    alpha = 0: log p itself, which favours short sequences. Source: Wu et al. 2016.
    """
    n = len(hypothesis.ids) + hypothesis.finished
    return hypothesis.logp / ((5 + n) / 6) ** alpha


def beam(
    step: Step,
    start: int,
    end: int,
    width: int,
    limit: int,
    alpha: float = 0.0,
    *,
    state: Any = None,
) -> list[Hypothesis]:
    """Keep the width most probable beginnings at each length; return the best found.

    At most limit symbols; finished hypotheses are set aside and are never lost. The
    result holds up to width of them, the best `score` first; one that reached the limit
    is not finished. Width 1 is greedy; a width that holds all is exhaustive search.
    Raises ValueError where -∞ bars the way to all of them.
    """
    expect(width >= 1, "width", "at least 1", width)
    expect(limit >= 1, "limit", "at least 1", limit)
    expect(alpha >= 0, "alpha", "a number ≥ 0", alpha)
    live, done = [(Hypothesis((), 0.0, False), start, state)], []
    for _ in range(limit):
        grown = _extend(step, live, end, width)
        done += [h for h, _, _ in grown if h.finished]
        live = [g for g in grown if not g[0].finished]
        done = sorted(done, key=lambda h: -score(h, alpha))[:width]
        hope = max((h.logp for h, _, _ in live), default=-np.inf)
        if len(done) == width and score(done[-1], alpha) >= hope / _most(limit, alpha):
            break
    found = done + [h for h, _, _ in live]
    want = "a symbol above -∞ for some hypothesis"
    expect(len(found) > 0, "logits", want, "none")
    return sorted(found, key=lambda h: -score(h, alpha))[:width]


def _extend(step: Step, live: list, end: int, width: int) -> list:
    """Return the width most probable extensions by one symbol of all that are live."""
    grown = []
    for (ids, logp, _), last, state in live:
        logits, new = step(np.array([last]), state)
        (row,) = numbers_of(logits)
        if row.max() == -np.inf:
            continue  # a dead end
        logps = logp + log_softmax(row)
        for i in np.argsort(-logps, kind="stable")[:width]:
            longer = ids if i == end else (*ids, int(i))
            grown.append((Hypothesis(longer, float(logps[i]), bool(i == end)), i, new))
    possible = [g for g in grown if g[0].logp > -np.inf]
    return sorted(possible, key=lambda g: -g[0].logp)[:width]


def _most(limit: int, alpha: float) -> float:
    """Return the largest divisor of `score`, which helps a live one the most."""
    return ((5 + limit) / 6) ** alpha
