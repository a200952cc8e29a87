"""The cases of the word `start`, a practice: a running total and a masked mean."""

from functools import partial as p

import numpy as np

from course_pkg.bptt import hold
from course_pkg.check.case import Case, Inputs
from course_pkg.check.cases.draws import Rng, ragged, sizes
from course_pkg.check.cases.shared import MANNERS, TIDY, by_probe, thrice
from course_pkg.check.probes import start as probes


def running_total(x: np.ndarray, h_0: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Add up x (T, B, I) from h_0 (B, I) on; the mask (T, B, 1) holds. Returns hs."""
    hs = [h_0]
    for x_t, m_t in zip(x, mask, strict=True):
        hs.append(hold(m_t, hs[-1] + x_t, hs[-1]))
    return np.stack(hs[1:])


def true_mean(v: np.ndarray, mask: np.ndarray) -> float:
    """Return the mean of v (T, B, 1) where the mask (T, B, 1) is 1."""
    return float((mask * v).sum() / mask.sum())


def sequences(rng: Rng, full: bool = False) -> Inputs:
    """Draw x (T, B, I), a first state (B, I) and a mask (T, B, 1)."""
    T, B, width = sizes(rng, 3)
    mask = np.ones((T, B, 1)) if full else ragged(rng, T, B)
    x, h_0 = rng.standard_normal((T, B, width)), rng.standard_normal((B, width))
    return {"x": x, "h_0": h_0, "mask": mask}


def values(rng: Rng, full: bool = False) -> Inputs:
    """Draw values v (T, B, 1), not around zero, and a mask (T, B, 1)."""
    T, B = sizes(rng, 2)
    mask = np.ones((T, B, 1)) if full else ragged(rng, T, B)
    return {"v": 1 + rng.standard_normal((T, B, 1)), "mask": mask}


def total_cases() -> list[Case]:
    """Return the cases of running_total: 10 points."""
    once, many = probes.running_total, probes.running_total_thrice
    right, all_right = by_probe(once, running_total), by_probe(many, running_total)
    full = "One state per input: h is h_0 at first, and hs[t] is h after adding x[t]."
    held = "Where the mask is 0 the state stays what it was before: nothing is added."
    form = "T B I"
    return [
        Case("a full batch", 5.0, p(sequences, full=True), once, right, form, full),
        Case("a ragged batch", 3.0, sequences, once, right, form, held),
        Case(TIDY, 2.0, sequences, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def mean_cases() -> list[Case]:
    """Return the cases of true_mean: 6 points."""
    once, many = probes.true_mean, probes.true_mean_thrice
    right, all_right = by_probe(once, true_mean), by_probe(many, true_mean)
    full = "With a mask of ones it is the mean of all of v, one number."
    true = "Divide by how many positions are true, over the whole batch."
    return [
        Case("a full batch", 2.0, p(values, full=True), once, right, "", full),
        Case("a ragged batch", 3.0, values, once, right, "", true),
        Case(TIDY, 1.0, values, many, all_right, thrice(""), MANNERS, tidy=True),
    ]


CASES = {"running_total": total_cases(), "true_mean": mean_cases()}
