"""Misconceptions of cosine(a, b), of two gradients."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.clipping import global_norm

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "cosine"


def dot(a, b):
    """Return the product of two gradients, and their norms."""
    return sum((a[k] * b[k]).sum() for k in a), global_norm(a), global_norm(b)


@wrong(
    TASK,
    0.75,
    "0 / 0 for a gradient of zeros",
    "Ask for zero norms before you divide; the answer is 0 there.",
)
def not_a_number(a, b):
    product, first, second = dot(a, b)
    return product / (first * second)


@wrong(
    TASK,
    0.25,
    "not divided by the norms",
    "The cosine does not depend on lengths: divide by both norms.",
)
def undivided(a, b):
    return dot(a, b)[0]


@wrong(
    TASK,
    0.25,
    "divided by squares of norms",
    "A cosine divides by the two norms themselves, so the roots have to be taken.",
)
def by_squares(a, b):
    product, first, second = dot(a, b)
    return product / (first * second) ** 2 if first * second else 0.0


@wrong(
    TASK,
    0.25,
    "a mean over the arrays",
    "All arrays together are one vector, with one angle.",
)
def mean_of_cosines(a, b):
    found = [dot({k: a[k]}, {k: b[k]}) for k in a]
    return np.mean([p / (n * m) if n * m else 0.0 for p, n, m in found])


@wrong(
    TASK,
    0.25,
    "the sign is lost",
    "A gradient that points backwards has a cosine below zero.",
)
def unsigned(a, b):
    product, first, second = dot(a, b)
    return abs(product) / (first * second) if first * second else 0.0


@wrong(
    TASK,
    0.25,
    "the angle, not its cosine",
    "Leave the arccos out.",
)
def angle(a, b):
    product, first, second = dot(a, b)
    return np.arccos(product / (first * second)) if first * second else 0.0
