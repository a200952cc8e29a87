"""Cases of the word `sequences`: a counting model, and the nearest of many vectors."""

from functools import partial as p
from typing import Any

import numpy as np

from course_pkg import datasets
from course_pkg.check.case import Case, Inputs
from course_pkg.check.cases import sequences_draws as draws
from course_pkg.check.cases.shared import MANNERS, TIDY_ALONE, by_probe, thrice
from course_pkg.check.probes import sequences as probes
from course_pkg.ngrams import NGram


def ngram_nats(train: Any, test: Any, k: int, V: int, add: float = 0.1) -> float:
    """Return the nats of test under counts of train, with a window of k symbols."""
    return NGram(k + 1, V, add).fit(train).nats(test)


def counting_cases() -> list[Case]:
    """Return the cases of ngram_nats: 4 points."""
    once, many = probes.ngram_nats, probes.ngram_nats_thrice
    right, all_right = by_probe(once, ngram_nats), by_probe(many, ngram_nats)
    draw = draws.counting
    one, none, three = p(draw, k=1), p(draw, k=0), p(draw, k=3)
    other, tidy = p(draw, k=2, add=0.7), p(draw, k=2)
    mean = "The mean of -ln p over the test symbols that have k symbols before them."
    alone = "With k = 0 the context is empty: the share of each symbol by itself."
    new = "A context that train lacks has all counts 0: p is add / (add V) = 1 / V."
    add = "p = (n(c, v) + add) / (sum of n(c, ·) + add V), with add as it is given."
    form = thrice("")
    return [
        Case("k = 1", 1.0, one, once, right, "", mean),
        Case("k = 0", 0.5, none, once, right, "", alone),
        Case("k = 3, with new contexts", 1.0, three, once, right, "", new),
        Case("another first count", 0.75, other, once, right, "", add),
        Case(TIDY_ALONE, 0.75, tidy, many, all_right, form, MANNERS, tidy=True),
    ]


def nearest_cases() -> list[Case]:
    """Return the cases of nearest: 3 points."""
    once, many = probes.nearest, probes.nearest_thrice

    def rows(inputs: Inputs) -> np.ndarray:
        found = datasets.nearest(**inputs)
        return np.array(found, dtype=float)

    draw = draws.directions
    few, out = p(draw, k=4), p(draw, k=3, exclude=True)
    angle = "By cosine: the product with v, divided by the length of the row."
    order = "The nearest first, then the next."
    left = "exclude has the numbers of the rows that must not be in the result."
    return [
        Case("the nearest row", 0.75, draw, once, rows, "K", angle),
        Case("four rows, best first", 0.75, few, once, rows, "K", order),
        Case("without the excluded", 0.75, out, once, rows, "K", left),
        Case(
            TIDY_ALONE,
            0.75,
            out,
            many,
            lambda inputs: [rows(inputs)] * 3,
            thrice("K"),
            MANNERS,
            tidy=True,
        ),
    ]
