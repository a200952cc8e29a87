"""Plain descent on running sums: a tanh net that explodes, or does not."""

import numpy as np

from course_pkg import losses, optim
from course_pkg.arrays import Array
from course_pkg.clipping import clip_norm
from course_pkg.runs.plain import Arrays, Batch, gradient, run, start

LOST = 1e12  # a loss at which a run counts as lost


def running_sum(rng: np.random.Generator, T: int = 40, B: int = 16) -> Batch:
    """Draw numbers x (T, B, 1), their running sums, scaled to about one, and a mask."""
    x = rng.normal(size=(T, B, 1))
    return x, np.cumsum(x, 0) / T**0.5, np.ones((T, B, 1))


def net(rng: np.random.Generator, gain: float) -> Arrays:
    """Draw 32 units with one input and output, and normal recurrent weights."""
    w = start(rng, 1, 32, 1)
    return w | {"weight_hh": gain * rng.normal(size=(32, 32)) / 32**0.5}


def training(
    seed: int, gain: float, limit: float, rate: float = 0.2, steps: int = 60
) -> Array:
    """Return losses (steps,) of plain descent; from `LOST` on, that number."""
    rng, seen = np.random.default_rng(seed), np.full(steps, LOST)
    w = net(rng, gain)
    for n in range(steps):
        batch = x, y, mask = running_sum(rng)
        loss = losses.squared_error(run(w, x)[2], y, mask)
        if not loss < LOST:
            break
        g, _ = clip_norm(gradient(w, batch, losses.squared_error_grad), limit)
        seen[n], w = loss, optim.sgd(w, g, rate)
    return seen
