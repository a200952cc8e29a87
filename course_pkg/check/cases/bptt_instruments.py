"""Cases of the word `bptt`: losses, finite differences, contributions."""

from functools import partial as p

import numpy as np

from course_pkg import gradients
from course_pkg.check.case import Answer, Case, Form, Inputs
from course_pkg.check.cases import bptt_draws as draws
from course_pkg.check.cases.shared import MANNERS, TIDY, by_probe, thrice
from course_pkg.check.probes import bptt as probes

# A loss over positions ----------------------------------------------------------------

MASKED = (
    "Positions with mask 0 are padding: they count neither in the sum nor in the "
    "number by which you divide."
)


def loss_cases(reference: Answer, form: Form) -> list[Case]:
    """Return the cases of cross-entropy or of its gradient: 2 points."""
    once, many = probes.cross_entropy, probes.cross_entropy_thrice
    right = by_probe(once, reference)
    full = "The softmax runs over the last axis, the mean over all positions (t, b)."
    large = "exp(1000) overflows. Subtract each row's largest logit first."
    big, rag = p(draws.logits, large=True), p(draws.logits, mask="ragged")
    all_right = by_probe(many, reference)
    return [
        Case("a full batch", 0.5, draws.logits, once, right, form, full),
        Case("a ragged batch", 0.75, rag, once, right, form, MASKED),
        Case("logits near 1000", 0.5, big, once, right, form, large),
        Case(TIDY, 0.25, rag, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


# Finite differences -------------------------------------------------------------------


def derivative(inputs: Inputs) -> np.ndarray:
    """Return the derivative of a probe's function, by complex steps: all digits."""
    f, x, w = probes.FUNCTIONS[inputs["f"]], inputs["x"], inputs["w"]
    grad = np.zeros_like(x)
    for i in np.ndindex(*x.shape):
        d = np.zeros_like(x, dtype=complex)
        d[i] = 1e-30j
        grad[i] = f(x + d, w).imag / 1e-30
    return grad


def difference_cases() -> list[Case]:
    """Return the cases of finite_difference: 2 points. Their tolerances are stated."""
    once, many = probes.finite_difference, probes.finite_difference_thrice
    every = "Move one entry of x at a time, and divide by how far apart the points are."
    step = "With step eps the error must be of the order of eps²: look on both sides."
    fun = draws.function
    matrix, waves = p(fun, axes=2), p(fun, name="waves", axes=2)
    given = p(fun, name="waves", eps=1e-3)
    loose, sharp = 1e-4, 1e-5

    def three_times(inputs: Inputs) -> list[np.ndarray]:
        return [derivative(inputs)] * 3

    return [
        Case("a vector", 0.5, fun, once, derivative, "I", every, loose),
        Case("a matrix", 0.5, matrix, once, derivative, "I H", every, loose),
        Case("a step of 0.001", 0.5, given, once, derivative, "I", step, sharp),
        Case(TIDY, 0.5, waves, many, three_times, thrice("I H"), MANNERS, loose, True),
    ]


# Contributions ------------------------------------------------------------------------


def contribution_cases() -> list[Case]:
    """Return the cases of contributions: 2 points."""
    once, many = probes.contributions, probes.contributions_thrice
    right = by_probe(once, gradients.contributions)
    all_right = by_probe(many, gradients.contributions)
    rows = "Row t: only step t has a loss, dhs[t]; go back from there and take lengths."
    path = "Any cell: the direct path, d_state_prev, carries gradient too."
    held = "Where the mask is 0 the state was held, and the gradient passes unchanged."
    seq, d = draws.sequence, draws.DIRECT
    direct, rag = p(seq, cell=d), p(seq, mask="ragged")
    everything = p(seq, cell=d, mask="ragged")
    form = "T K"
    return [
        Case("a full batch", 0.75, seq, once, right, form, rows),
        Case("a ragged batch", 0.5, rag, once, right, form, held),
        Case("a cell with a direct path", 0.25, direct, once, right, form, path),
        Case(TIDY, 0.5, everything, many, all_right, thrice(form), MANNERS, tidy=True),
    ]
