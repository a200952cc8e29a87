"""Metrics: how good a model is, in numbers that can be compared.

Losses are natural logarithms; an average over several texts is one over all positions,
taken before `perplexity` and never of perplexities.
"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from course_pkg.arrays import Array, expect, expect_shape, to_numpy


class F1(NamedTuple):
    """Precision, recall and their harmonic mean, each in [0, 1], 0 where 0/0."""

    precision: float
    recall: float
    f1: float


def bits(nats: float) -> float:
    """Turn nats per symbol into bits per symbol, or nats per character into bits."""
    return nats / math.log(2)


def perplexity(nats: float) -> float:
    """Return e^nats ≥ 1: among how many equal choices a model is as unsure, per symbol.

    nats ≥ 0: the mean loss per symbol, over all positions; ValueError for NaN. Infinite
    beyond e^709.
    """
    expect(nats >= 0, "nats", "a mean loss ≥ 0", nats)
    return math.exp(nats) if nats < 709 else math.inf


def accuracy(logits: Array, y: Array, mask: Array | None = None) -> float:
    """Return the share of true positions at which the largest logit is the right one.

    logits (T, B, V); y (T, B) integers; mask (T, B, 1) of 0 and 1. In [0, 1].
    Raises ValueError for other shapes and where no position is true.
    """
    expect_shape("y", y, "T B", *logits.shape[:2])
    scores = to_numpy(logits)
    expect(not np.isnan(scores).any(), "logits", "numbers", "NaN")
    right = scores.argmax(-1) == to_numpy(y)
    if mask is None:
        expect(right.size > 0, "y", "at least one position", "none")
        return float(right.mean())
    expect_shape("mask", mask, "T B 1", *logits.shape[:2], 1)
    true = to_numpy(mask)[..., 0] > 0
    expect(bool(true.any()), "mask", "at least one true position", "none")
    return float(right[true].mean())


def confusion(y: Array, y_hat: Array, C: int) -> np.ndarray:
    """Count cases of class y that were called ŷ at [y, ŷ]: y, y_hat (N,) -> (C, C).

    Raises ValueError for ids outside 0..C-1 and for different shapes.
    """
    y, y_hat = to_numpy(y).reshape(-1), to_numpy(y_hat).reshape(-1)
    expect_shape("y_hat", y_hat, "N", *y.shape)
    for name, ids in (("y", y), ("y_hat", y_hat)):
        fits = len(ids) == 0 or (ids.min() >= 0 and ids.max() < C)
        expect(bool(fits), name, f"classes in 0..{C - 1}", sorted({*ids.tolist()}))
    return np.bincount(y * C + y_hat, minlength=C * C).reshape(C, C)


def mean_recall(counts: np.ndarray) -> float:
    """Return the mean over classes of the share found: counts of `confusion` (C, C).

    Classes that do not occur are left out of the mean. Raises ValueError if none does.
    """
    there = counts.sum(1) > 0
    expect(bool(there.any()), "counts", "at least one case", "none")
    return float((counts.diagonal()[there] / counts.sum(1)[there]).mean())


def spans(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """Return the spans (type, start, end), end excluded, of a sequence of BIO tags.

    "B-x" starts a span, "I-x" goes on with one of its type. An "I-x" that has none to
    go on with starts one, as in the CoNLL-2000 evaluation. "O" is outside.
    """
    found, kind, start = set(), "", 0
    for i, tag in enumerate([*tags, "O"]):
        prefix, _, name = tag.partition("-")
        known = tag == "O" or (prefix in ("B", "I") and name)
        expect(bool(known), f"tags[{i}]", "O, B-type or I-type", repr(tag))
        goes_on = prefix == "I" and name == kind
        if kind and not goes_on:
            found.add((kind, start, i))
        if not goes_on:
            kind, start = name, i
    return found


def span_f1(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> F1:
    """Score whole spans, type and both ends right, over all sentences together.

    gold, predicted: BIO tags, sentence by sentence. Raises ValueError where the numbers
    of sentences, or of tags in one, differ. Source: Tjong Kim Sang, De Meulder 2003.
    """
    sizes = [len(s) for s in gold], [len(s) for s in predicted]
    expect(sizes[0] == sizes[1], "predicted", f"sentences of {sizes[0]} tags", sizes[1])
    right = found = true = 0
    for g, p in zip(map(spans, gold), map(spans, predicted), strict=True):
        right, found, true = right + len(g & p), found + len(p), true + len(g)
    precision, recall = right / max(found, 1), right / max(true, 1)
    return F1(precision, recall, 2 * right / max(found + true, 1))


def novelty(sample: Sequence[Hashable], train: Sequence[Hashable], n: int) -> float:
    """Return the share of a sample's n-grams that do not occur in the training text.

    sample without its prime. Raises ValueError for n < 1 and a sample shorter than n.
    """
    expect(n >= 1, "n", "at least 1", n)
    expect(len(sample) >= n, "sample", f"at least n = {n} symbols", len(sample))
    known = _grams(train, n)
    grams = _grams(sample, n)
    new = sum(count for gram, count in grams.items() if gram not in known)
    return new / sum(grams.values())


def bleu(
    references: Sequence[Sequence[Hashable]],
    hypothesis: Sequence[Hashable],
    order: int = 4,
    smooth: float = 0.0,
) -> float:
    """Return BLEU in [0, 1] of one sentence against one reference or more.

    references: a list of them; each of them and hypothesis a list of tokens. One
    sentence shorter than order has 0 where smooth = 0. See `corpus_bleu`.
    """
    return corpus_bleu([references], [hypothesis], order, smooth)


def corpus_bleu(
    references: Sequence[Sequence[Sequence[Hashable]]],
    hypotheses: Sequence[Sequence[Hashable]],
    order: int = 4,
    smooth: float = 0.0,
) -> float:
    """Return BLEU in [0, 1], of counts summed over N sentences: no mean of scores.

    references: N lists of references. Tokens are taken as they are; the reference
    closest in length counts, the shorter of two; smooth is added to the counts of all
    orders but the first, right and total. Raises ValueError for numbers that do not
    fit. Needs sacrebleu. Source: Papineni et al. 2002; Lin, Och 2004; Post 2018.
    """
    from sacrebleu.metrics import BLEU

    _expect_bleu(references, hypotheses, order, smooth)
    numbers: dict[Hashable, str] = {}

    def line(tokens: Sequence[Hashable]) -> str:
        # sacrebleu splits at white space: a number for each token comes back whole.
        return " ".join(numbers.setdefault(x, str(len(numbers))) for x in tokens)

    plain: Any = {"tokenize": "none", "force": True, "smooth_method": "add-k"}
    judge = BLEU(**plain, smooth_value=smooth, max_ngram_order=order)
    columns = zip_longest(*([line(r) for r in refs] for refs in references))
    score = judge.corpus_score([line(h) for h in hypotheses], [*map(list, columns)])
    return min(score.score / 100, 1.0)


def _expect_bleu(references: Any, hypotheses: Any, order: int, smooth: float) -> None:
    expect(order >= 1, "order", "at least 1", order)
    expect(smooth >= 0, "smooth", "a number ≥ 0", smooth)
    expect(len(hypotheses) > 0, "hypotheses", "at least one", "none")
    n = len(hypotheses)
    expect(len(references) == n, "references", f"N = {n} lists", len(references))
    for refs, hypothesis in zip(references, hypotheses, strict=True):
        expect(len(refs) > 0, "references", "one or more for each hypothesis", "none")
        # A single reference in the place of a list of them would be read by letters.
        word = next((r for r in refs if isinstance(r, str)), None)
        fits = word is None or isinstance(hypothesis, str)
        expect(fits, "references", "lists of tokens, as the hypothesis", repr(word))


def edit_distance(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Return how few symbols must be inserted, deleted or replaced to get b from a.

    a, b: strings, or lists of ids or words. Needs rapidfuzz. Source: Levenshtein 1966.
    """
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(a, b)


def _grams(x: Sequence[Hashable], n: int) -> Counter:
    return Counter(tuple(x[i : i + n]) for i in range(len(x) - n + 1))
