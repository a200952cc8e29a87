"""Misconceptions of counterexamples(), which are judged by what is true of them."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "counterexamples"


def pair(b, c):
    """Return two 2 × 2 matrices with one entry each, B at (0, 1), C anywhere."""
    return np.array([[0.0, b], [0.0, 0.0]]), c * np.array([[1.0, 0.0], [0.0, 0.0]])


GOOD_A = np.array([[0.5, 1000.0], [0.0, 0.5]])
GOOD = pair(2.0, 2.0)


@wrong(
    TASK,
    1.5,
    "A grows because an eigenvalue is above 1",
    "That refutes nothing. Keep all eigenvalues below 1, and let an entry beside the "
    "diagonal be large.",
)
def large_eigenvalue():
    return 1.5 * np.eye(2), *GOOD


@wrong(
    TASK,
    1.5,
    "A only shrinks",
    "A symmetric matrix is as long as its largest eigenvalue says. Take a triangular "
    "one, with a large entry beside the diagonal.",
)
def symmetric():
    return np.array([[0.5, 0.3], [0.3, 0.5]]), *GOOD


@wrong(
    TASK,
    1.5,
    "A is not finite",
    "Infinity is no large number: every entry has to be finite.",
)
def infinite():
    return np.array([[0.5, np.inf], [0.0, 0.5]]), *GOOD


@wrong(
    TASK,
    1.5,
    "one of the two is nearly zero",
    "Anything times zero is zero. Both have to make some vector twice as long.",
)
def one_is_zero():
    return GOOD_A, GOOD[0], 0 * GOOD[1]


BELOW = (
    "the norm of one of the two is below 2",
    "The norm is the largest singular value. The sum of the entries, or the Frobenius "
    "norm, may be 2 without it.",
)


@wrong(TASK, 1.5, *BELOW)
def frobenius_is_two():
    B = np.array([[0.0, 2**0.5], [0.0, 2**0.5]]) / 2**0.5
    return GOOD_A, B, GOOD[1]


@wrong(TASK, 1.5, *BELOW)
def second_is_small():
    return GOOD_A, GOOD[0], 0.5 * GOOD[1]


@wrong(
    TASK,
    1.5,
    "both norms are below 2",
    "Scale them: the product stays zero, and the norms grow.",
)
def too_small():
    return GOOD_A, *pair(1.0, 1.0)


@wrong(
    TASK,
    1.5,
    "the product is not small",
    "C acts first. What it puts out has to be what B sends to zero; in the other order "
    "it may be so already.",
)
def other_order():
    B, C = GOOD
    return GOOD_A, C, B
