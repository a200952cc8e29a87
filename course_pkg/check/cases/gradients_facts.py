"""What must be true of answers to `gradients` where many answers are right."""

from typing import Any, TypeGuard

import numpy as np

from course_pkg import gradients
from course_pkg.check.case import Inputs

POWERS, LARGE, SMALL = 1000, 100, 1e-6  # of the counterexamples


def matrix(x: Any) -> np.ndarray | None:
    """Return x as a square matrix of at most 64 rows, or None."""
    try:
        A = np.asarray(x)
    except ValueError:
        return None
    if A.ndim != 2 or A.shape[0] != A.shape[1] or not 0 < len(A) <= 64:
        return None
    return A.astype(float) if A.dtype.kind in "fiu" else None


def moderate(A: np.ndarray | None) -> TypeGuard[np.ndarray]:
    """Tell whether a matrix has finite numbers, of a size that can be multiplied."""
    return A is not None and bool((np.abs(A) < 1e100).all())


def three(value: Any) -> list[np.ndarray | None]:
    """Return A, B and C out of what came back, None for what is no matrix."""
    whole = isinstance(value, (tuple, list)) and len(value) == 3
    return [matrix(x) for x in value] if whole else [None] * 3


def grows_first(inputs: Inputs, value: Any) -> dict[str, bool]:
    """State what A has to be."""
    A = three(value)[0]
    facts = {"three results, the first a square matrix of real numbers": A is not None}
    finite = moderate(A)
    facts["every number of A is finite, and below 1e100"] = finite
    small = finite and gradients.spectrum(A).radius < 1
    facts["the spectral radius of A is below 1"] = bool(small)
    facts[f"some power of A has a norm above {LARGE}"] = moderate(A) and peak(A) > LARGE
    return facts


def peak(A: np.ndarray) -> float:
    """Return the largest norm of A, A², … up to a power of 1000, or the first above."""
    P, largest = A, 0.0
    for _ in range(POWERS):
        largest = max(largest, float(np.linalg.norm(P, 2)))
        if not LARGE >= largest > 0:
            break
        P = A @ P
    return largest


def cancel(inputs: Inputs, value: Any) -> dict[str, bool]:
    """State what B and C have to be."""
    _, B, C = three(value)
    fits = moderate(B) and moderate(C) and np.shape(B) == np.shape(C)
    facts = {"B and C are square matrices of one size, of finite numbers": fits}
    for name, M in (("B", B), ("C", C)):
        size = float(np.linalg.norm(M, 2)) if moderate(M) else 0.0
        facts[f"{name} is not nearly zero"] = size > 1e-3
        facts[f"the norm of {name} is at least 2"] = size >= 2 - 1e-9
    small = fits and float(np.linalg.norm(B @ C, 2)) < SMALL  # type: ignore[operator]
    facts["the norm of B C is below 1e-6"] = small
    return facts


def named_right(least: int, inputs: Inputs, value: Any) -> dict[str, bool]:
    """State of each curve that was named wrong what it shows, if there are too many."""
    kinds, words = inputs["kinds"], value if isinstance(value, list) else []
    words = [w if type(w) is str and w in kinds else "another word" for w in words]
    words += ["nothing"] * (len(kinds) - len(words))
    pairs = list(enumerate(zip(kinds, words, strict=False), 1))
    wrong = {i: pair for i, pair in pairs if pair[0] != pair[1]}
    if len(kinds) - len(wrong) >= least:
        return {f"at least {least} of {len(kinds)} names are right": True}
    told = "curve {} of {} shows {!r}, and not {!r}"
    return {told.format(i, len(kinds), k, w): False for i, (k, w) in wrong.items()}
