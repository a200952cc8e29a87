"""What fifty steps of a network that nobody has trained make of a vector."""

import numpy as np

from course_pkg import bptt, gradients, initialisers
from course_pkg.arrays import Array
from course_pkg.bptt import Cell


def kept(
    W: Array, cell: Cell, size: float, seed: int, T: int = 50
) -> tuple[float, float]:
    """Return how long T Jacobians leave vectors, for normal inputs of this size.

    W (H, H). Root mean square over all directions, and the middle singular value.
    """
    rng, H = np.random.default_rng(seed), len(W)
    gi = size * rng.normal(size=(T, 1, H))
    _, last, tape = bptt.scan(cell, gi, np.zeros((1, H)), W)
    P = gradients.product(gradients.jacobians(cell, last, tape, W)[:, 0])
    s = gradients.spectrum(P).singular_values
    return float((s**2).mean() ** 0.5), float(np.median(s))


def dropped(kind: str, p: float, seed: int, H: int = 64, T: int = 50) -> float:
    """Return the root mean square of what T steps with dropout leave of vectors.

    An orthogonal tanh net of H units; kind: "new" masks at each step, or one "kept".
    """
    rng, h, P = np.random.default_rng(seed), np.zeros(H), np.eye(H)
    Q, same = initialisers.orthogonal(np.zeros((H, H)), rng), rng.random(H) >= p
    for _ in range(T):
        m = (same if kind == "kept" else rng.random(H) >= p) / (1 - p)
        h = np.tanh(Q @ (m * h) + 0.1 * rng.normal(size=H))
        P = (1 - h**2)[:, None] * Q * m @ P
    return float((P**2).sum() / H) ** 0.5
