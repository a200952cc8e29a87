"""Misconceptions of windows(ids, T, B)."""

import numpy as np

from course_pkg import batches
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "windows"
ROLLED = (
    "the targets rolled round",
    "np.roll brings the first symbol to the end, and there it is no target. Take the "
    "targets from the text, one symbol on.",
)
FIRST = (
    "first is the same for all windows",
    "The state is carried from window to window; only the first begins anew: True, "
    "then False.",
)


def cut(x, y, T):
    """Yield windows of x and y, (n, B) each."""
    for i in range(0, len(x), T):
        yield x[i : i + T], y[i : i + T], i == 0


def columns(ids, B):
    """Return x (n, B) and y (n, B), whole."""
    n = (len(ids) - 1) // B
    return ids[: n * B].reshape(B, n).T, ids[1 : n * B + 1].reshape(B, n).T


@wrong(
    TASK,
    0.5,
    "reshape(n, B): the text dealt out like cards",
    "Neighbours in the text land in different columns. Each column is one piece of the "
    "text: reshape(B, n).T.",
)
def dealt(ids, T, B):
    n = (len(ids) - 1) // B
    return cut(ids[: n * B].reshape(n, B), ids[1 : n * B + 1].reshape(n, B), T)


@wrong(
    TASK,
    1.5,
    "the targets are not shifted",
    "The network would learn to repeat what it reads. The target is the next symbol.",
)
def unshifted(ids, T, B):
    x, _ = columns(ids, B)
    return cut(x, x, T)


@wrong(TASK, 1.5, *ROLLED)
def rolled_columns(ids, T, B):
    x, _ = columns(ids, B)
    return cut(x, np.roll(x, -1, 0), T)


@wrong(TASK, 1.5, *ROLLED)
def rolled_windows(ids, T, B):
    for x, _, first in batches.windows(ids, T, B):
        yield x, np.roll(x, -1, 0), first


@wrong(
    TASK,
    1.5,
    "the targets are the symbols before",
    "y is what comes after x in the text, ids[1:], not ids[:-1].",
)
def before(ids, T, B):
    x, _ = columns(ids, B)
    return cut(x, np.roll(ids, 1)[: x.size].reshape(B, -1).T, T)


@wrong(
    TASK,
    0,
    "overlapping windows",
    "Each symbol is read once: the next window starts T rows further on.",
)
def overlapping(ids, T, B):
    x, y = columns(ids, B)
    for i in range(len(x) - T + 1):
        yield x[i : i + T], y[i : i + T], i == 0


@wrong(TASK, 2.0, *FIRST)
def always_first(ids, T, B):
    for x, y, _ in batches.windows(ids, T, B):
        yield x, y, True


@wrong(TASK, 2.0, *FIRST)
def never_first(ids, T, B):
    for x, y, _ in batches.windows(ids, T, B):
        yield x, y, False


@wrong(
    TASK,
    2.0,
    "first says whether the window is the last",
    "It says that no state is carried in: the window at the start of the pieces.",
)
def last_for_first(ids, T, B):
    found = list(batches.windows(ids, T, B))
    return [(x, y, i == len(found) - 1) for i, (x, y, _) in enumerate(found)]


@wrong(
    TASK,
    0.5,
    "(B, T) in place of (T, B)",
    "Time comes first: x[t] is step t of all columns.",
)
def batch_first(ids, T, B):
    for x, y, first in batches.windows(ids, T, B):
        yield x.T, y.T, first


@wrong(
    TASK,
    2.5,
    "a short last window is dropped",
    "Its symbols can be read like the others. Only what does not fill a row is lost.",
)
def without_the_rest(ids, T, B):
    for x, y, first in batches.windows(ids, T, B):
        if len(x) == T:
            yield x, y, first
