"""Training on one long stream in chunks: which of them learn a lag they do not span."""

from typing import Any

import numpy as np

from course_pkg import clipping, losses, optim, truncation
from course_pkg.arrays import Array, linear
from course_pkg.cells import elman
from course_pkg.runs.gradients import accuracy, symbol
from course_pkg.runs.plain import CELL, READOUT, Arrays, of_cell, start

H, B = 32, 32
LAG, SIZES = 6, (1, 2, 4, 6, 7, 8, 10, 12)


def in_chunks(
    w: Arrays, x: Array, y: Array, state: Array, size: int
) -> tuple[Arrays, Array]:
    """Return the gradients of all weights in chunks of size, and the last state.

    x (T, B, I), y (T, B); the loss is a mean over T, whatever the size.
    """
    readout = {name: 0 * w[name] for name in READOUT}

    def loss_grad(hs: Array, steps: slice) -> tuple[Array, Array]:
        share = len(hs) / len(x)
        logits = linear(hs, w["W_hy"], w["b_y"])
        d = share * losses.cross_entropy_grad(logits, y[steps])
        readout["W_hy"] += np.einsum("tbo,tbh->oh", d, hs)
        readout["b_y"] += d.sum((0, 1))
        return share * losses.cross_entropy(logits, y[steps]), d @ w["W_hy"]

    _, grads, state = truncation.truncated(elman, of_cell(w), x, state, loss_grad, size)
    return grads | readout, state


def stream(seed: int, size: int, updates: int, learn: tuple[str, ...]) -> float:
    """Train on one long stream, an update after each chunk; return the accuracy."""
    rng = np.random.default_rng(seed)
    w, state = start(rng, 4, H, 4), np.zeros((B, H))
    w["weight_hh"] = 0.9 * rng.normal(size=(H, H)) / H**0.5
    ids = rng.integers(0, 4, (LAG + size * updates, B))
    memory: dict[str, Any] = {}
    for t in range(LAG, len(ids), size):
        x, y = np.eye(4)[ids[t : t + size]], ids[t - LAG : t - LAG + size]
        grads, state = in_chunks(w, x, y, state, size)
        grads = {k: g if k in learn else 0 * g for k, g in grads.items()}
        grads, _ = clipping.clip_norm(grads, 1.0)
        w, memory = optim.adam(w, grads, memory, 3e-3)
    return accuracy(w, symbol(LAG, 100, 60)(np.random.default_rng(999)))


def truncated(seeds: int, steps: int) -> dict[str, Any]:
    """Train in chunks: accuracies for each size, with equal updates or equal text."""
    found: dict[str, Any] = {"sizes": list(SIZES)}
    longest, everything = SIZES[-1], (*CELL, *READOUT)
    plans = {
        "equal updates": (lambda size: steps, everything),
        "equal text": (lambda size: steps * longest // size, everything),
        "equal text, readout only": (lambda size: steps * longest // size, READOUT),
    }
    for name, (updates, learn) in plans.items():
        sizes = SIZES if learn == everything else SIZES[:1]
        found[name] = [
            [stream(seed, size, updates(size), learn) for size in sizes]
            for seed in range(seeds)
        ]
    return found
