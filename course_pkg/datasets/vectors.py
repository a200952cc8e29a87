"""Vectors of words from what stands near them, by counting; and who is near whom."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from course_pkg.arrays import Array, expect


def word_vectors(
    sentences: Sequence[Sequence[str]],
    words: Sequence[str],
    width: int = 3,
    size: int = 100,
) -> Array:
    """Return a vector for each word, (V, size), float64: similar company, similar row.

    sentences: lists of words; width: how far to either side a neighbour counts. The
    positive part of ln p(v, w) / (p(v) p(w)) is cut down to size dimensions by singular
    values, each row scaled by their roots. Words not in the list are passed over but
    keep their place. Raises ValueError for width or size below 1, size above V.
    Source: Levy and Goldberg 2014.
    """
    V = len(words)
    expect(width >= 1, "width", "a number ≥ 1", width)
    expect(1 <= size <= V, "size", f"a number in 1..V = 1..{V}", size)
    pairs = near(sentences, words, width)
    share = pairs / max(pairs.sum(), 1)
    alone = share.sum(1)
    expected = np.outer(alone, alone)
    seen = share > 0
    gain = np.log(share, where=seen, out=np.zeros_like(share))
    gain -= np.log(expected, where=seen, out=np.zeros_like(share))
    U, S, _ = np.linalg.svd(np.maximum(gain, 0))
    return U[:, :size] * np.sqrt(S[:size])


def near(sentences: Sequence[Sequence[str]], words: Sequence[str], width: int) -> Array:
    """Count how often two words stand at most width places apart: (V, V), symmetric."""
    ids = {word: n for n, word in enumerate(words)}
    counts: Counter[tuple[int, int]] = Counter()
    for sentence in sentences:
        row = [ids.get(word, -1) for word in sentence]
        for k in range(1, width + 1):
            counts.update(zip(row, row[k:], strict=False))
    pairs = np.zeros((len(words), len(words)))
    for (v, w), count in counts.items():
        if v >= 0 and w >= 0:
            pairs[v, w] += count
            pairs[w, v] += count
    return pairs


def nearest(E: Array, v: Array, exclude: Collection[int] = (), k: int = 1) -> list[int]:
    """Return the k rows of E (V, size) with the largest cosine with v, best first.

    exclude: numbers of rows that are not asked for, as a rule the words of the
    question. Rows of zeros have no direction and come last. Raises ValueError for a
    vector of another size, or where fewer than k rows are left.
    Source: eq-sequences-cosine.
    """
    expect(v.shape == E.shape[1:], "v", f"(size,) = {E.shape[1:]}", v.shape)
    left = [n for n in range(len(E)) if n not in exclude]
    expect(1 <= k <= len(left), "k", f"a number in 1..{len(left)}, the rows left", k)
    lengths = np.linalg.norm(E, axis=1)
    cosine = np.divide(E @ v, lengths, where=lengths > 0, out=np.full(len(E), -np.inf))
    return sorted(left, key=lambda n: -float(cosine[n]))[:k]
