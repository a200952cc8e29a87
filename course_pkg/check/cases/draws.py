"""Sizes and masks of the random inputs of every word.

Wrong transposes pass on squares, wrong first states on zeros and wrong masks on full
batches: so no two of T, B, I, H and V are equal, no state is zero, and a ragged batch
has a full sequence, one of a single step, and others between.
"""

import numpy as np

Rng = np.random.Generator


def sizes(rng: Rng, n: int) -> list[int]:
    """Return n different sizes; the first two, T and B, are at least 4 and 3."""
    T, B, *rest = (int(k) for k in rng.permutation(np.arange(3, 8)))
    return ([T, B] if T > B else [B, T])[:n] + rest[: n - 2]


def ragged(rng: Rng, T: int, B: int) -> np.ndarray:
    """Return a mask (T, B, 1) of sequences of different lengths, 1 to T."""
    lengths = np.array([T, 1, *rng.integers(2, T, B - 2)])
    steps = np.arange(T)[:, None, None]
    return (steps < rng.permutation(lengths)[:, None]).astype(float)
