"""Misconceptions of nearest(E, v, exclude, k)."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "nearest"


def cosine(E, v):
    """Return the cosine of each row with v."""
    return E @ v / (np.linalg.norm(E, axis=1) * np.linalg.norm(v))


def best(score, exclude, k):
    """Return the rows with the largest scores."""
    return [int(n) for n in np.argsort(-score) if n not in exclude][:k]


@wrong(
    TASK,
    0,
    "the product without the lengths",
    "Long rows win then. Divide each product by the length of its row.",
)
def product(E, v, exclude, k):
    return best(E @ v, exclude, k)


@wrong(
    TASK,
    0,
    "the distance in place of the cosine",
    "A vector twice as long points the same way, and lies far off. Compare angles.",
)
def distance(E, v, exclude, k):
    return best(-np.linalg.norm(E - v, axis=1), exclude, k)


@wrong(
    TASK,
    0,
    "the smallest cosine",
    "A cosine of 1 is the same direction. Sort from the largest down.",
)
def smallest(E, v, exclude, k):
    return best(-cosine(E, v), exclude, k)


@wrong(
    TASK,
    0.75,
    "the best row last",
    "argsort goes up. The nearest row comes first in the result.",
)
def worst_first(E, v, exclude, k):
    return best(cosine(E, v), exclude, k)[::-1]


@wrong(
    TASK,
    1.5,
    "the excluded rows are in the result",
    "The words of the question are as a rule the nearest of all. Leave them out.",
)
def excluded_too(E, v, exclude, k):
    return best(cosine(E, v), [], k)


@wrong(
    TASK,
    1.5,
    "excluded after the k best were taken",
    "Then fewer than k are left. Leave them out first.",
)
def too_few(E, v, exclude, k):
    return [n for n in best(cosine(E, v), [], k) if n not in exclude]


PLACES = (
    "places in the result taken for numbers of rows",
    "exclude has numbers of rows of E. Which places they have in the order of the "
    "result is not known before.",
)


@wrong(TASK, 1.5, *PLACES)
def first_dropped(E, v, exclude, k):
    return best(cosine(E, v), [], len(E))[len(exclude) :][:k]


@wrong(TASK, 1.5, *PLACES)
def places_dropped(E, v, exclude, k):
    order = best(cosine(E, v), [], len(E))
    return [n for place, n in enumerate(order) if place not in exclude][:k]


@wrong(
    TASK,
    1.5,
    "rows numbered anew after the excluded are gone",
    "Without some rows of E the others have other numbers. Put them back, or give the "
    "excluded a cosine of minus infinity.",
)
def renumbered(E, v, exclude, k):
    return (
        best(cosine(np.delete(E, exclude, 0), v), [], k)
        if exclude
        else best(cosine(E, v), [], k)
    )
