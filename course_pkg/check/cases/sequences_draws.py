"""Random inputs for the checks of the word `sequences`. All sizes of a draw differ.

What hides a mistake is drawn on purpose: true zeros in the data, a text that no batch
divides, contexts never seen, rows of any length.
"""

from typing import Any

import numpy as np

from course_pkg.check.case import Inputs

Rng = np.random.Generator
WORDS = ("ash", "birch", "cedar", "elm", "fir", "hazel", "lime", "maple", "oak", "pine")
STRANGE = ["walnut", "yew"]


def symbols(rng: Rng, unknown: bool = False) -> Inputs:
    """Draw a training text and a sequence; the latter lacks some of its words."""
    known = [str(w) for w in rng.permutation(WORDS)[:9]]
    train = known + [str(w) for w in rng.choice(known, 6)] + known[:1]
    some = sorted(known)[2:]  # not the first two, whose absence would shift the rest
    seq = [str(w) for w in rng.choice(some, 5)]
    return {"train": train, "seq": [*STRANGE[:1], *seq, *STRANGE] if unknown else seq}


def codes(rng: Rng, special: bool = False) -> Inputs:
    """Draw a training text and ids; special: unknown ones, and padding behind."""
    train = symbols(rng)["train"]
    ids = rng.integers(2, 2 + len(set(train)), 6)
    ids[:2] = 2, 1 + len(set(train))  # the first and the last
    return {"train": train, "ids": np.array([1, *ids, 1, 0, 0]) if special else ids}


def ragged(rng: Rng, width: int | None = None) -> Inputs:
    """Draw five sequences of ids (T_b,) or of vectors (T_b, width), T = 7.

    In each a true value is 0: the first in one of them, in the others the last.
    """
    lengths = [*rng.permutation([2, 5, int(rng.integers(3, 5))]).tolist(), 7, 1]
    seqs: list[Any] = []
    for n in lengths:
        ids, vectors = rng.integers(1, 9, n), rng.normal(size=(n, width or 1))
        seq = ids if width is None else vectors
        seq[0 if n == 5 else -1] = 0
        seqs.append(seq)
    return {"seqs": seqs}


def text(rng: Rng, rest: bool = False) -> Inputs:
    """Draw ids of a text that fills three windows; rest: the third only in part.

    Then some symbols at the end are left over, too.
    """
    T, B = (int(n) for n in rng.permutation([4, 5, 6])[:2])
    n = 3 * T - int(rng.integers(1, T)) * rest
    more = int(rng.integers(1, B)) * rest
    return {"ids": rng.integers(0, 50, n * B + 1 + more), "T": T, "B": B}


def counting(rng: Rng, k: int = 1, add: float | None = None) -> Inputs:
    """Draw a training and a test text of V - 1 symbols; the last one never occurs.

    For k = 1 the test has no context that the training text lacks, else it has some.
    """
    V = int(rng.integers(5, 8))
    start = rng.permutation(V - 1)
    train = np.concatenate([start, rng.integers(0, V - 1, 30), start[:1]])
    test = rng.integers(0, V - 1, 20)
    found: Inputs = {"train": train, "test": test, "k": k, "V": V}
    return found if add is None else found | {"add": add}


def directions(rng: Rng, k: int = 1, exclude: bool = False) -> Inputs:
    """Draw vectors in which no easy way out gives the right rows: see `_telling`."""
    while True:
        E = rng.normal(size=(11, 4)) * np.exp(rng.normal(size=(11, 1)))
        v = rng.normal(size=4)
        cos = E @ v / np.linalg.norm(E, axis=1)
        order = np.argsort(-cos)
        out = sorted(order[[0, 7]].tolist()) if exclude else []
        if _telling(E, v, order, out, k):
            return {"E": E, "v": v, "exclude": out, "k": k}


def _telling(
    E: np.ndarray, v: np.ndarray, order: np.ndarray, out: list, k: int
) -> bool:
    """Tell whether product, distance, and shifted row numbers give other rows."""

    def best(score: np.ndarray) -> list[int]:
        return [int(n) for n in np.argsort(-score) if n not in out][:k]

    right = [int(n) for n in order if n not in out][:k]
    left = [n for n in range(len(E)) if n not in out]
    shifted = [left.index(n) for n in right]
    others = [best(E @ v), best(-np.linalg.norm(E - v, axis=1)), *[shifted] * bool(out)]
    return right not in others
