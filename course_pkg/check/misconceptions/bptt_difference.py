"""Misconceptions of finite_difference(f, x, eps)."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.gradients import finite_difference

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "finite_difference"


def each_entry(x, slope):
    """Return slope(d) for every unit step d, shaped like x."""
    grad = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        d = np.zeros_like(x)
        d[i] = 1
        grad[i] = slope(d)
    return grad


@wrong(
    TASK,
    1.5,
    "a one-sided difference",
    "Its error is of the order of eps. Steps to both sides cancel that term and leave "
    "eps².",
)
def one_sided(f, x, eps=1e-5):
    return each_entry(x, lambda d: (f(x + eps * d) - f(x)) / eps)


@wrong(
    TASK,
    0,
    "divided by eps, not by 2 eps",
    "The two points are 2 eps apart.",
)
def by_eps(f, x, eps=1e-5):
    return 2 * finite_difference(f, x, eps)


@wrong(
    TASK,
    0,
    "a step to one side divided by 2 eps",
    "f(x) and f(x + eps) are eps apart. Perhaps x was put back before the second call "
    "instead of going on to x - eps.",
)
def half(f, x, eps=1e-5):
    return each_entry(x, lambda d: (f(x + eps * d) - f(x)) / (2 * eps))


@wrong(
    TASK,
    0,
    "the difference is not divided",
    "A derivative is the change of f for each unit of change of x: divide by 2 eps.",
)
def undivided(f, x, eps=1e-5):
    return 2 * eps * finite_difference(f, x, eps)


@wrong(
    TASK,
    0,
    "the wrong sign",
    "f(x + eps) - f(x - eps), in this order: positive where f rises.",
)
def downhill(f, x, eps=1e-5):
    return -finite_difference(f, x, eps)


@wrong(
    TASK,
    0,
    "all entries of x moved at once",
    "That is the sum of all derivatives. Move one entry, keep the others still.",
)
def all_at_once(f, x, eps=1e-5):
    return np.full_like(x, (f(x + eps) - f(x - eps)) / (2 * eps))


@wrong(
    TASK,
    1.0,
    "whole rows of x moved at once",
    "A matrix has an entry for every pair of indices: np.ndindex(x.shape) runs through "
    "all of them.",
)
def whole_rows(f, x, eps=1e-5):
    grad = np.zeros_like(x)
    for i in range(len(x)):
        d = np.zeros_like(x)
        d[i] = eps
        grad[i] = (f(x + d) - f(x - d)) / (2 * eps)
    return grad


@wrong(
    TASK,
    1.0,
    "x is not put back",
    "Each entry stays where the last step left it, so later derivatives are taken "
    "elsewhere and the caller's array has changed. Work on a copy or put it back.",
)
def not_put_back(f, x, eps=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        x[i] += eps
        up = f(x)
        x[i] -= 2 * eps
        grad[i] = (up - f(x)) / (2 * eps)
    return grad


FLOAT32 = (
    "computed in float32",
    "float32 has seven digits, and a step of 1e-5 uses up five of them: what is left "
    "is rounding. Leave x in float64.",
)


@wrong(TASK, 0, *FLOAT32)
def in_float32(f, x, eps=1e-5):
    return finite_difference(lambda z: np.float32(f(z)), x, eps)


@wrong(TASK, 0, *FLOAT32)
def x_in_float32(f, x, eps=1e-5):
    return finite_difference(f, x.astype(np.float32), eps)


@wrong(
    TASK,
    0,
    "a step of 1e-15",
    "Smaller is not better: two values of f that agree in all digits but one leave "
    "only rounding. Use eps as given.",
)
def tiny_step(f, x, eps=1e-5):
    return finite_difference(f, x, 1e-15)


@wrong(
    TASK,
    0,
    "a step of 0.1",
    "So far away the function is another one. Use eps as given.",
)
def huge_step(f, x, eps=1e-5):
    return finite_difference(f, x, 0.1)
