"""How far a gradient gets in a fresh network, of any cell and any first weights."""

import numpy as np

from course_pkg import bptt, gradients, initialisers
from course_pkg.arrays import Array
from course_pkg.cells import elman, gru, lstm, relu

KINDS = {  # cell, blocks of its weights, what is special about these
    "tanh": (elman, 1, ""),
    "tanh, orthogonal": (elman, 1, "orthogonal"),
    "tanh, gain 1.5": (elman, 1, "gain"),
    "ReLU, identity": (relu, 1, "identity"),
    "LSTM": (lstm, 4, ""),
    "LSTM, forget bias 3": (lstm, 4, "forget"),
    "GRU": (gru, 3, ""),
    "GRU, keep bias 3": (gru, 3, "keep"),
}


def fresh(
    rng: np.random.Generator,
    G: int,
    H: int,
    I: int,  # noqa: E741
    special: str = "",
) -> dict[str, Array]:
    """Draw weights as torch does, uniform between ±1/√H, but for what is special.

    G: blocks of the cell's weights; special: of `KINDS`, "" for nothing.
    """
    shapes = {"weight_ih": (G * H, I), "weight_hh": (G * H, H)}
    p = {n: rng.uniform(-1, 1, shape) / H**0.5 for n, shape in shapes.items()}
    p |= {n: rng.uniform(-1, 1, G * H) / H**0.5 for n in ("bias_ih", "bias_hh")}
    if special == "forget":
        return initialisers.forget_bias(p, 3.0)
    if special == "keep":
        return initialisers.keep_bias(p, 3.0)
    if special == "gain":
        p["weight_hh"] = 1.5 * rng.normal(size=(H, H)) / H**0.5
    elif special == "orthogonal":
        p["weight_hh"] = initialisers.orthogonal(p["weight_hh"], rng)
    elif special == "identity":
        p |= {n: 0 * p[n] for n in ("bias_ih", "bias_hh")}
        p["weight_hh"] = initialisers.identity(p["weight_hh"])
    return p


def flow(kind: str, seed: int, T: int = 100, H: int = 64) -> Array:
    """Send a random gradient back from the last state of a fresh net of a kind.

    Inputs are 8 standard normal numbers a step. Returns the norm of what arrives at
    the state of k steps before, relative to k = 0: (T,).
    """
    rng, (cell, G, special) = np.random.default_rng(seed), KINDS[kind]
    p, first = fresh(rng, G, H, 8, special), np.zeros((1, H))
    x = rng.normal(size=(T, 1, 8))
    hs, last, tape = bptt.forward(cell, p, x, (first, first) if G == 4 else first)
    dhs, zero = 0 * hs, bptt.each(np.zeros_like, last)
    dhs[-1] = rng.normal(size=(1, H))
    dh = bptt.scan_grad(cell, dhs, zero, tape, p["weight_hh"])[3]
    norms = gradients.signal_norms(dh)[::-1]
    return norms / norms[0]
