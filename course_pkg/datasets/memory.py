"""Tasks about holding on: the answer was seen long before it is asked for.

Everything is drawn from the generator rng. Ids are int64, masks float32.
"""

import numpy as np

from course_pkg.arrays import Array
from course_pkg.datasets.totals import Rng, expect_sizes

COUNTRIES = (
    ("France", "French"),
    ("Poland", "Polish"),
    ("Greece", "Greek"),
    ("Japan", "Japanese"),
    ("Iceland", "Icelandic"),
    ("Finland", "Finnish"),
    ("Hungary", "Hungarian"),
    ("Vietnam", "Vietnamese"),
)
FILLERS = ("we", "walked", "often", "by", "the", "old", "sea", "and", "sang", "there")
COUNTRY_WORDS = (*(land for land, _ in COUNTRIES), *FILLERS, "so-I-speak")


def recall(
    rng: Rng, T: int, B: int, lag: int, K: int = 4
) -> tuple[Array, Array, Array]:
    """Ask at every step for the symbol of ``lag`` steps before.

    Returns x (T, B), ids in 0..K-1; y (T, B) with y_t = x_{t-lag}, 0 before there is
    one; mask (T, B, 1), 0 there. 0 ≤ lag < T, K ≥ 2.
    """
    expect_sizes(rng, {"lag": 0, "K": 2, "T": lag + 1}, lag=lag, K=K, T=T, B=B)
    x = rng.integers(0, K, (T, B))
    y, mask = np.zeros_like(x), np.zeros((T, B, 1), dtype=np.float32)
    y[lag:], mask[lag:] = x[: T - lag], 1
    return x, y, mask


def parity_ahead(rng: Rng, T: int, B: int, ahead: int) -> tuple[Array, Array, Array]:
    """Ask at every step whether the digit ``ahead`` steps later is odd.

    Returns x (T, B), ids in 0..9; y (T, B), 1 for odd, 0 where there is none; mask
    (T, B, 1), 0 there. No net that reads forward only can know. 0 ≤ ahead < T.
    """
    expect_sizes(rng, {"ahead": 0, "T": ahead + 1}, ahead=ahead, T=T, B=B)
    x = rng.integers(0, 10, (T, B))
    y, mask = np.zeros_like(x), np.zeros((T, B, 1), dtype=np.float32)
    y[: T - ahead], mask[: T - ahead] = x[ahead:] % 2, 1
    return x, y, mask


def copy_memory(
    rng: Rng, gap: int, B: int, length: int = 10, K: int = 8
) -> tuple[Array, Array]:
    """Show some symbols, wait, and ask for all of them in order.

    Returns x and y (gap + 2 length, B): symbols in 0..K-1, then the blank K; the last
    of ``gap`` blanks is the signal K + 1. y is blank until after it, then the symbols.
    Guessing them costs length · ln K / (gap + 2 length) nats for each position.
    Source: Hochreiter and Schmidhuber 1997; in this form Arjovsky et al. 2016.
    """
    expect_sizes(rng, {"K": 2}, gap=gap, B=B, length=length, K=K)
    symbols = rng.integers(0, K, (length, B))
    x = np.full((gap + 2 * length, B), K, dtype=np.int64)
    y = x.copy()
    x[:length], x[length + gap - 1] = symbols, K + 1
    y[length + gap :] = symbols
    return x, y


def temporal_order(rng: Rng, T: int, B: int) -> tuple[Array, Array]:
    """Hide two signals among distractors; their order is the answer.

    Returns x (T, B), ids: distractors 0..3, signals 4 and 5, the first in the second
    tenth of the steps, the second in the sixth; y (B,) in 0..3, two bits for which
    signal came first and which second: 44, 45, 54, 55. T ≥ 10.
    Source: Hochreiter and Schmidhuber 1997, experiment 6a.
    """
    expect_sizes(rng, {"T": 10}, T=T, B=B)
    x, bits = rng.integers(0, 4, (T, B)), rng.integers(0, 2, (2, B))
    for bit, tenth in zip(bits, (1, 5), strict=True):
        at = rng.integers(tenth * T // 10, (tenth + 1) * T // 10, B)
        x[at, np.arange(B)] = 4 + bit
    return x, 2 * bits[0] + bits[1]


def country(rng: Rng, gap: int, B: int) -> tuple[Array, Array]:
    """Name a country, walk on for ``gap`` words, and ask for its language.

    Returns x (gap + 2, B), ids of `COUNTRY_WORDS`: a country in 0..7, fillers, the
    question; y (B,) in 0..7, the language as numbered in `COUNTRIES`. gap ≥ 0.
    """
    expect_sizes(rng, {"gap": 0}, gap=gap, B=B)
    K, V = len(COUNTRIES), len(COUNTRY_WORDS)
    y = rng.integers(0, K, B)
    fillers = rng.integers(K, V - 1, (gap, B))
    return np.concatenate([y[None], fillers, np.full((1, B), V - 1)]), y
