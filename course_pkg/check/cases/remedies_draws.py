"""Random inputs for the checks of the word `remedies`: all sizes are different."""

import numpy as np

from course_pkg.check.case import Inputs
from course_pkg.check.cases.draws import Rng, ragged, sizes


def gradients(rng: Rng) -> dict[str, np.ndarray]:
    """Draw gradients of an Elman layer, whose norms are all of about one size."""
    _, _, H, I = sizes(rng, 4)  # noqa: E741
    shapes = {"weight_ih": (H, I), "weight_hh": (H, H), "bias_ih": (H,)}
    drawn = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    return {k: 3 * rng.uniform(1, 1.5) * g / _size(g) for k, g in drawn.items()}


def clipping(rng: Rng, share: float) -> Inputs:
    """Draw gradients and a limit, a share of the norm of all of them."""
    grads = gradients(rng)
    norm = sum(_size(g) ** 2 for g in grads.values()) ** 0.5
    return {"grads": grads, "limit": share * norm}


def nothing(rng: Rng) -> Inputs:
    """Draw gradients that are all zero."""
    grads = {k: np.zeros_like(g) for k, g in gradients(rng).items()}
    return {"grads": grads, "limit": 0.5}


def entries(rng: Rng) -> Inputs:
    """Draw gradients, some entries of which lie outside the limit on both sides."""
    return {"grads": gradients(rng), "limit": 0.4}


def pair(rng: Rng, zero: bool = False) -> Inputs:
    """Draw two gradients at an obtuse angle; or the second one zero."""
    a = gradients(rng)
    noise = {k: rng.standard_normal(g.shape) for k, g in a.items()}
    b = {k: 0 * g if zero else noise[k] / 3 - 0.4 * g for k, g in a.items()}
    return {"a": a, "b": b}


def weight(rng: Rng, many: bool = False) -> Inputs:
    """Draw a weight of one block, for which gain is left out; or of several."""
    H, G = int(rng.integers(6, 9)), int(rng.integers(3, 5)) if many else 1
    W, seed = rng.standard_normal((G * H, H)), int(rng.integers(10**6))
    found = {"weight": W, "seed": seed}
    return found | {"gain": float(rng.uniform(1.2, 1.6))} if many else found


def stream(rng: Rng, size: int, mask: str = "full") -> Inputs:
    """Draw a net on 8 steps, its targets, the share of each, and a size of chunks."""
    T = 8
    _, B, H, I = sizes(rng, 4)  # noqa: E741
    params = {
        "weight_ih": rng.standard_normal((H, I)) / I**0.5,
        "weight_hh": 1.3 * rng.standard_normal((H, H)) / H**0.5,
        "bias_ih": rng.standard_normal(H) / 3,
        "bias_hh": rng.standard_normal(H) / 3,
    }
    m = ragged(rng, T, B) if mask == "ragged" else np.ones((T, B, 1))
    found = {
        "cell": (float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.6, 0.8))),
        "params": params,
        "x": rng.standard_normal((T, B, I)),
        "state": rng.standard_normal((B, H)),
        "target": rng.standard_normal((T, B, H)),
        "share": m / m.sum(),
        "size": size,
    }
    return found | {"mask": m} if mask == "ragged" else found


def _wires(rng: Rng, H: int, k: int) -> Inputs:
    W_hh, W_skip = rng.standard_normal((2, H, H)) / H**0.5
    return {"W_hh": W_hh, "W_skip": W_skip, "k": k}


def skipping(rng: Rng, k: int | None = None) -> Inputs:
    """Draw what a net with a skip runs on; without k, a delay of 2 or 3 steps."""
    T, B, H = sizes(rng, 3)
    k = int(rng.integers(2, 4)) if k is None else k
    gi, state = rng.standard_normal((T, B, H)), rng.standard_normal((B, H))
    return {"gi": gi, "state": state} | _wires(rng, H, k)


def skipping_back(rng: Rng, k: int | None = None) -> Inputs:
    """Draw states of a net with a skip, and what losses tell them."""
    T, B, H = sizes(rng, 3)
    k = int(rng.integers(2, 4)) if k is None else k
    hs, dhs = np.tanh(rng.standard_normal((T, B, H))), rng.standard_normal((T, B, H))
    return {"dhs": dhs, "hs": hs} | _wires(rng, H, k)


def _size(g: np.ndarray) -> float:
    return float((g**2).sum() ** 0.5)
