"""Random inputs for the checks of the word `elman`: all sizes are different."""

import numpy as np

from course_pkg.check.case import Inputs
from course_pkg.check.cases.draws import Rng, ragged, sizes

LONGEST, MANY = 200, 60  # of what the nets made by hand have to do


def run(rng: Rng, mask: str = "full") -> Inputs:
    """Draw inputs, a first state and a step; the mask is left out where "full"."""
    T, B, H, I = sizes(rng, 4)  # noqa: E741
    found: Inputs = {
        "W": rng.standard_normal((H, I)),
        "U": rng.standard_normal((H, H)),
        "x": rng.standard_normal((T, B, I)),
        "h_0": rng.standard_normal((B, H)),
    }
    return found | {"mask": ragged(rng, T, B)} if mask == "ragged" else found


def outputs_fed_back(rng: Rng, alone: bool = False) -> Inputs:
    """Draw a Jordan net and its inputs; alone: a single step.

    Where there are more steps it has as many outputs as units: so feeding back the
    wrong one of the two is seen in the values, and gets its name.
    """
    T, B, H, I, O = sizes(rng, 5)  # noqa: E741
    T, O = (1, O) if alone else (T, H)  # noqa: E741
    params = {
        "weight_ih": rng.standard_normal((H, I)),
        "weight_hh": 2 * rng.standard_normal((H, O)),
        "bias_ih": rng.standard_normal(H) / 2,
        "bias_hh": rng.standard_normal(H) / 2,
        "weight_hy": rng.standard_normal((O, H)),
        "bias_y": rng.standard_normal(O),
    }
    x, y_0 = rng.standard_normal((T, B, I)), rng.random((B, O))
    return {"params": params, "x": x, "y_0": y_0}


def totals(rng: Rng) -> Inputs:
    """Draw whole numbers from -9 to 9 to be added: x (T, B, 1)."""
    x = rng.integers(-9, 10, (LONGEST, MANY, 1)).astype(float)
    return {"x": x} | lengths(rng)


def columns(rng: Rng) -> Inputs:
    """Draw two columns of whole numbers from 0 to 9 to be compared: x (T, B, 2)."""
    x = rng.integers(0, 10, (LONGEST, MANY, 2)).astype(float)
    return {"x": x} | lengths(rng)


def switches(rng: Rng) -> Inputs:
    """Draw what a latch is told, mostly nothing; the first word is 1 or -1."""
    said = rng.random((LONGEST, MANY, 1)) < 0.1
    said[0] = True
    x = said * rng.choice([-1.0, 1.0], (LONGEST, MANY, 1))
    return {"x": x} | lengths(rng)


def lengths(rng: Rng) -> Inputs:
    """Draw lengths: a half up to 20, the others up to LONGEST, which occurs."""
    short = rng.integers(5, 21, MANY // 2)
    long = rng.integers(100, LONGEST, MANY - len(short))
    long[0] = LONGEST
    return {"lengths": np.concatenate([short, long])}


def asked(rng: Rng, f: str) -> Inputs:
    """Draw inputs (T, I) for one of probes.elman.FUNCTIONS."""
    T, _, I = sizes(rng, 3)  # noqa: E741
    return {"f": f, "x": rng.standard_normal((T, I))}
