"""Opinions: sentences whose words do not tell what they mean until they are in order.

Everything is drawn from the generator rng.
"""

import numpy as np

from course_pkg.arrays import Array
from course_pkg.datasets.totals import Rng, expect_sizes

GOOD = ("good", "great", "fine", "lovely")
BAD = ("bad", "poor", "dull", "awful")
NEUTRAL = ("the", "film", "is", "a", "really", "with", "some", "and", "music", "story")
NEGATION_WORDS = ("<pad>", "not", *GOOD, *BAD, *NEUTRAL)


def negation(rng: Rng, T: int, B: int) -> tuple[Array, Array]:
    """Say one opinion, and "not" once: just before it, or where it turns nothing round.

    Returns x (T, B), ids of `NEGATION_WORDS` without the padding 0; y (B,), 1 for a
    good opinion. Either place of "not" is as likely, so the words without their order
    tell nothing about y. T ≥ 3.
    """
    expect_sizes(rng, {"T": 3}, T=T, B=B)
    first, column = 2 + len(GOOD + BAD), np.arange(B)
    x = rng.integers(first, len(NEGATION_WORDS), (T, B))
    at, word = rng.integers(1, T, B), rng.integers(2, first, B)
    turned = rng.integers(0, 2, B)
    # Elsewhere is one of the T - 2 places that are neither the opinion's nor before it.
    elsewhere = rng.integers(0, T - 2, B)
    elsewhere += 2 * (elsewhere >= at - 1)
    x[at, column] = word
    x[np.where(turned == 1, at - 1, elsewhere), column] = 1
    good = word < 2 + len(GOOD)
    return x, good.astype(np.int64) ^ turned
