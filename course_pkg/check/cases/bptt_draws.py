"""Random inputs for the checks of the word `bptt`."""

from typing import Any

import numpy as np

from course_pkg.bptt import scan
from course_pkg.cells import elman
from course_pkg.check.case import Inputs
from course_pkg.check.cases.draws import Rng, ragged, sizes
from course_pkg.check.probes.bptt import Leaky

PLAIN = (0.0, 1.0)  # of probes.bptt.Leaky: keep and gain
DIRECT = (0.4, 0.5)


def logits(rng: Rng, mask: str = "full", large: bool = False) -> Inputs:
    """Draw logits (T, B, V), ids y and a mask; large ones are of the order of 1000."""
    T, B, V = sizes(rng, 3)
    x = 2 * rng.standard_normal((T, B, V))
    y = rng.integers(0, V, (T, B))
    if large:
        # Whole rows far from 0, up and down, and rows with a large spread.
        x[0::2] += np.where(rng.permutation(B) % 2, 1000, -1000)[:, None]
        x[1::2] *= 500
    m = ragged(rng, T, B) if mask == "ragged" else np.ones((T, B, 1))
    return {"logits": x, "y": y, "mask": m}


def one_step(rng: Rng) -> Inputs:
    """Draw one step of the Elman cell and a gradient of its new state."""
    _, B, H = sizes(rng, 3)
    h_prev = np.tanh(rng.standard_normal((B, H)))
    a = rng.standard_normal((B, H))
    h, _ = elman.step(a, 0 * a, h_prev)
    return {"d_state": rng.standard_normal((B, H)), "h": h, "h_prev": h_prev}


def sequence(
    rng: Rng,
    cell: tuple[float, float] = PLAIN,
    mask: str = "full",
    last: bool = True,
) -> Inputs:
    """Draw a run of a leaky cell and gradients for it; last=False: none from beyond.

    The mask is left out of the inputs where it is "full": then the answer gets none.
    """
    T, B, H = sizes(rng, 3)
    W_hh = rng.standard_normal((H, H)) * 1.2 / H**0.5
    state = rng.standard_normal((B, H))
    m = ragged(rng, T, B) if mask == "ragged" else None
    gi = rng.standard_normal((T, B, H))
    _, _, tape = scan(Leaky(*cell), gi, state, W_hh, None, m)
    found: Inputs = {"cell": cell, "h": tape.h, "h_prev": tape.h_prev, "W_hh": W_hh}
    found["dhs"] = rng.standard_normal((T, B, H))
    found["d_state"] = rng.standard_normal((B, H)) * last
    return found if m is None else found | {"mask": m}


def signals(rng: Rng, halves: str = "equal", biases: bool = True) -> Inputs:
    """Draw a run of the Elman cell and gradients dgi, dgh of its pre-activations."""
    T, B, H, I = sizes(rng, 4)  # noqa: E741
    params: dict[str, Any] = {
        "weight_ih": rng.standard_normal((H, I)),
        "weight_hh": rng.standard_normal((H, H)) / H**0.5,
    }
    if biases:
        params |= {name: rng.standard_normal(H) for name in ("bias_ih", "bias_hh")}
    x, state = rng.standard_normal((T, B, I)), np.tanh(rng.standard_normal((B, H)))
    mask = ragged(rng, T, B)
    gi = x @ params["weight_ih"].T
    _, _, tape = scan(elman, gi, state, params["weight_hh"], None, mask)
    dgi = mask * rng.standard_normal((T, B, H))
    dgh = dgi.copy() if halves == "equal" else mask * rng.standard_normal((T, B, H))
    found = {"params": params, "x": x, "h": tape.h, "h_prev": tape.h_prev}
    return found | {"dgi": dgi, "dgh": dgh}


def function(
    rng: Rng, name: str = "bowl", axes: int = 1, eps: float | None = None
) -> Inputs:
    """Draw a point x (n,) or (n, k) and the constants of one of probes.FUNCTIONS."""
    shape = tuple(sizes(rng, 4)[2 : 2 + axes])
    x, w = rng.standard_normal(shape), 1 + rng.random(shape)
    found: Inputs = {"f": name, "x": x, "w": w}
    return found if eps is None else found | {"eps": eps}
