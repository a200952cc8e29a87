"""Random inputs for the checks of the word `gradients`: all sizes are different."""

import numpy as np

from course_pkg.bptt import scan
from course_pkg.cells import elman
from course_pkg.check.case import Inputs
from course_pkg.check.cases.draws import Rng, ragged, sizes

KINDS = ("exploding", "healthy", "nothing there", "vanishing")


def one_step(rng: Rng, alone: bool = False) -> Inputs:
    """Draw an Elman layer with biases that count, a state and an input."""
    _, B, H, I = sizes(rng, 4)  # noqa: E741
    B = 1 if alone else B
    params = {
        "weight_ih": rng.standard_normal((H, I)) / I**0.5,
        "weight_hh": rng.standard_normal((H, H)),
        "bias_ih": rng.standard_normal(H) / 2,
        "bias_hh": rng.standard_normal(H) / 2,
    }
    h_prev, x = np.tanh(rng.standard_normal((B, H))), rng.standard_normal((B, I))
    return {"params": params, "h_prev": h_prev, "x": x}


def matrices(rng: Rng, T: int | None = None) -> Inputs:
    """Draw T matrices (T, H, H) that do not commute."""
    drawn, H = sizes(rng, 2)
    T = drawn if T is None else T
    return {"Js": rng.standard_normal((T, H, H)) / H**0.5 * 1.2}


def sequence(rng: Rng, losses: str = "every", mask: str = "full") -> Inputs:
    """Draw a run of an Elman net and what its losses tell the states directly.

    losses: at "every" step, or at the "last" one only.
    """
    T, B, H = sizes(rng, 3)
    W_hh = 1.2 * rng.standard_normal((H, H)) / H**0.5
    m = ragged(rng, T, B) if mask == "ragged" else None
    gi, state = rng.standard_normal((T, B, H)), rng.standard_normal((B, H))
    _, _, tape = scan(elman, gi, state, W_hh, None, m)
    dhs = rng.standard_normal((T, B, H))
    if losses == "last":
        dhs[:-1] = 0
    found = {"dhs": dhs, "h": tape.h, "h_prev": tape.h_prev, "W_hh": W_hh}
    return found if m is None else found | {"mask": m}


def curve(rng: Rng, kind: str) -> np.ndarray:
    """Draw norms against the lag, at any scale: "exploding", "healthy" or "faint"."""
    T = int(rng.integers(24, 60))
    k, noise = np.arange(T), np.exp(0.1 * rng.standard_normal(T))
    far = {"exploding": 1e6, "healthy": rng.uniform(0.1, 3), "faint": 1e-10}[kind]
    shape = far ** (k / (T - 1))
    if kind == "healthy":  # a hump, as recall has after training
        shape = shape * (1 + 5 * np.exp(-(((k - T / 3) / 4) ** 2)))
    shape = shape * noise
    return 10.0 ** rng.uniform(-8, 8) * shape / shape[0]


def labelled(rng: Rng, n: int = 25) -> Inputs:
    """Draw n pairs of curve and control, and what each shows."""
    kinds = [KINDS[i % 4] for i in rng.permutation(n)]
    curves, controls = [], []
    for kind in kinds:
        faint = kind in ("nothing there", "vanishing")
        curves.append(curve(rng, "faint" if faint else kind))
        loud = kind == "nothing there" or (not faint and rng.random() < 0.5)
        controls.append(curve(rng, "healthy" if loud else "faint"))
    return {"curves": curves, "controls": controls, "kinds": kinds}


def odd(rng: Rng) -> Inputs:
    """Draw pairs with exact zeros, infinities and NaN, and what each shows."""
    faint, healthy = curve(rng, "faint"), curve(rng, "healthy")
    ended = np.where(np.arange(len(faint)) < 9, faint, 0.0)
    burst = np.append(healthy, [np.inf, np.nan])
    nan = np.append(faint, np.nan)
    none = np.zeros(30)
    rows = [
        (ended, healthy, "nothing there"),
        (ended, faint, "vanishing"),
        (burst, healthy, "exploding"),
        (nan, healthy, "exploding"),
        (none, none, "vanishing"),
        (none, healthy, "nothing there"),
        (healthy, ended, "healthy"),
    ]
    curves, controls, kinds = zip(*rows, strict=True)
    found = {"curves": list(curves), "controls": list(controls)}
    return found | {"kinds": list(kinds)}
