"""What must be true of answers to `remedies` where many answers are right."""

from typing import Any

import numpy as np

from course_pkg.check.case import Inputs

NEAR, LARGE = 1e-4, 1e30  # float32 is accepted


def real(value: Any, like: np.ndarray) -> bool:
    """Tell whether value holds real numbers of moderate size, in the shape of like."""
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return False
    moderate = np.abs(value.astype(float)) < LARGE
    return value.shape == like.shape and bool(moderate.all())


def blocks_orthogonal(inputs: Inputs, value: Any) -> dict[str, bool]:
    """State what the blocks of an orthogonal weight have to be."""
    weight, gain = inputs["weight"], inputs.get("gain", 1.0)
    H, fits = weight.shape[1], real(value, weight)
    # LAPACK takes neither half nor long double numbers.
    blocks = (value if fits else 0 * weight).reshape(-1, H, H).astype(float)
    sizes = np.linalg.norm(blocks, axis=1)
    unit = blocks / np.maximum(sizes, 1e-12)[:, None]
    cosines = np.swapaxes(unit, 1, 2) @ unit - np.eye(H)
    apart = [np.abs(a - b).max() for i, a in enumerate(blocks) for b in blocks[:i]]
    return {
        "the result has the weight's shape, and finite real numbers": fits,
        "every column of a block is as long as gain": _all(abs(sizes / gain - 1)),
        "no direction is lost": fits and np.linalg.svd(blocks)[1].min() > 1e-6,
        "the columns of a block are at right angles": fits and _all(abs(cosines)),
        "every block is a draw of its own": fits and min(apart, default=1) > NEAR,
    }


def drawn_with_rng(inputs: Inputs, value: Any) -> dict[str, bool]:
    """State how a draw depends on its generator, and on nothing else."""
    whole = isinstance(value, (tuple, list)) and len(value) == 4
    parts: Any = value if whole else [None] * 4
    first, again, other, after = parts
    weight = inputs["weight"]
    fits = all(real(W, weight) for W in (first, again, other))
    equal, another = "equal generators give equal weights", "another gives others"
    return {
        "the result has the weight's shape, and finite real numbers": fits,
        equal: fits and _all(abs(first - again)),
        another: fits and not _all(abs(first - other)),
        "the argument is as it was": np.array_equal(after, weight),
    }


def _all(errors: np.ndarray) -> bool:
    return bool((errors < NEAR).all())
