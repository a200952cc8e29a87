"""A net of one unit whose loss has a cliff, and descents on it, clipped or not."""

import numpy as np

from course_pkg.arrays import Array
from course_pkg.clipping import clip_norm

T, FIRST, GOAL = 30, 0.5, 0.6  # steps, h_0, and where h_T should be


def cliff(w: Array, b: Array) -> tuple[Array, Array, Array]:
    """Return the loss (h_T − y)² of h_t = tanh(w h_{t-1} + b), and ∂/∂w and ∂/∂b.

    w, b: numbers or arrays of one shape. Source: eq-remedies-cliff; the picture is
    that of Pascanu, Mikolov, Bengio 2013.
    """
    h, dw, db = FIRST + 0 * w, 0 * w, 0 * b
    for _ in range(T):
        new = np.tanh(w * h + b)
        slope = 1 - new**2
        dw, db, h = slope * (h + w * dw), slope * (1 + w * db), new
    return (h - GOAL) ** 2, 2 * (h - GOAL) * dw, 2 * (h - GOAL) * db


def descend(
    w: float, b: float, rate: float, limit: float = np.inf, steps: int = 100
) -> tuple[Array, Array]:
    """Walk down from (w, b); return all places (steps+1, 2) and norms (steps,)."""
    at, norms = [np.array([w, b])], []
    for _ in range(steps):
        g, norm = clip_norm({"wb": np.array(cliff(*at[-1])[1:])}, limit)
        at.append(at[-1] - rate * g["wb"])
        norms.append(norm)
    return np.array(at), np.array(norms)
