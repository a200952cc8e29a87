"""Misconceptions of dependencies(f, x)."""

import numpy as np

from course_pkg.check.cases.elman import dependencies
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "dependencies"


def moved(f, x, change, look=lambda y: y, tol=0.0):
    """Return the map where change(other, s) changes a copy of x."""
    columns = []
    for s in range(len(x)):
        other = x.copy()
        change(other, s)
        columns.append((abs(look(f(other) - f(x))) > tol).any(1))
    return np.stack(columns, 1)


def whole(other, s):
    other[s] += 0.5


@wrong(
    TASK,
    0,
    "the map is transposed",
    "Row t is the output, column s the input that was changed.",
)
def transposed(f, x):
    return dependencies(f, x).T


@wrong(
    TASK,
    2.5,
    "a tolerance that hides small changes",
    "1e-6 is large where outputs are tiny. What does not depend moves by exactly 0.",
)
def tolerant(f, x):
    return moved(f, x, whole, tol=1e-6)


@wrong(
    TASK,
    0.5,
    "changes are not taken back",
    "Start every column from a fresh copy: x differs in x[s] alone.",
)
def piling_up(f, x):
    def up_to(other, s):
        other[: s + 1] += 0.5

    return moved(f, x, up_to)


@wrong(
    TASK,
    0,
    "all of x is changed at once",
    "Then everything moves. Change x[s] and nothing else.",
)
def everything(f, x):
    def all_(other, s):
        other += 0.5

    return moved(f, x, all_)


@wrong(
    TASK,
    0,
    "only the first number of x[s] is changed",
    "An output may see the others only: change all numbers of x[s].",
)
def first_number(f, x):
    def one(other, s):
        other[s, 0] += 0.5

    return moved(f, x, one)


@wrong(
    TASK,
    0,
    "only the first number of an output is looked at",
    "An output has moved if any of its numbers has.",
)
def first_output(f, x):
    return moved(f, x, whole, look=lambda y: y[:, :1])


@wrong(
    TASK,
    1,
    "a lower triangle for every f",
    "That is what an Elman net gives. Ask f: run it on changed inputs.",
)
def triangle(f, x):
    return np.tri(len(x))


@wrong(
    TASK,
    2.5,
    "x is changed and not put back",
    "x belongs to who calls you: change a copy.",
)
def in_place(f, x):
    found = dependencies(f, x)
    x += 0.5
    return found
