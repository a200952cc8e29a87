"""The cases of the word `gradients`: what is asked, what is right, what it is worth."""

from functools import partial as p

import numpy as np

from course_pkg import gradients
from course_pkg.bptt import scan_grad
from course_pkg.cells import elman
from course_pkg.check.case import Case, Inputs
from course_pkg.check.cases import gradients_draws as draws
from course_pkg.check.cases.gradients_facts import cancel, grows_first, named_right
from course_pkg.check.cases.shared import (
    MANNERS,
    TIDY,
    TIDY_ALONE,
    by_probe,
    thrice,
)
from course_pkg.check.probes import gradients as probes

# References --------------------------------------------------------------------------


def jacobian(params: dict, h_prev: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the Jacobians (B, H, H) of a step from h_prev (B, H) on x (B, I)."""
    return gradients.jacobian(elman, params, h_prev, x)


def signal_norms(
    dhs: np.ndarray, tape: elman.Tape, W_hh: np.ndarray, mask: np.ndarray | None = None
) -> np.ndarray:
    """Return the mean norm of what arrives at the state of k steps before: (T,).

    dhs (T, B, H): what each step's loss tells its state; tape, W_hh, mask: of `scan`.
    """
    none = np.zeros_like(dhs[0])
    dh = scan_grad(elman, dhs, none, tape, W_hh, mask)[3]
    return gradients.signal_norms(dh)[::-1]


def counterexamples() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return A with radius < 1 that grows first, and B, C of norm 2 with B C = 0."""
    A = np.array([[0.9, 100.0], [0.0, 0.9]])
    B = np.array([[0.0, 2.0], [0.0, 0.0]])
    return A, B, B


# Cases -------------------------------------------------------------------------------


def jacobian_cases() -> list[Case]:
    """Return the cases of jacobian: 4 points."""
    once, many = probes.jacobian, probes.jacobian_thrice
    right, all_right = by_probe(once, jacobian), by_probe(many, jacobian)
    one = "Entry (i, j): how much h_t[i] moves with h_prev[j]."
    every = (
        "A matrix for each sequence: (B, H, H), each with the slopes of its own h_t."
    )
    form, draw = "B H H", draws.one_step
    return [
        Case("one sequence", 1.5, p(draw, alone=True), once, right, form, one),
        Case("a batch", 1.5, draw, once, right, form, every),
        Case(TIDY, 1.0, draw, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def product_cases() -> list[Case]:
    """Return the cases of product: 2 points."""
    once, many = probes.product, probes.product_thrice
    reference = gradients.product
    right, all_right = by_probe(once, reference), by_probe(many, reference)
    order = "Js[0] acts first, so it stands on the right."
    empty = "No step at all changes nothing: the identity, as large as the matrices."
    draw, form = draws.matrices, "H H"
    return [
        Case("some steps", 1.0, draw, once, right, form, order),
        Case("no step", 0.5, p(draw, T=0), once, right, form, empty),
        Case(TIDY_ALONE, 0.5, draw, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def norm_cases() -> list[Case]:
    """Return the cases of product_norms: 2 points."""
    once, many = probes.product, probes.product_thrice
    reference = gradients.product_norms
    right, all_right = by_probe(once, reference), by_probe(many, reference)
    back = "Entry k: the largest singular value of Js[T-1] @ ... @ Js[T-1-k]."
    draw, form = draws.matrices, "T"
    return [
        Case("norms of the products", 1.5, draw, once, right, form, back),
        Case(TIDY_ALONE, 0.5, draw, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def counterexample_cases() -> list[Case]:
    """Return the cases of counterexamples: 3 points, judged by property."""
    form = (("A", "H H"), ("B", "H H"), ("C", "H H"))
    once, example = probes.counterexamples, lambda inputs: counterexamples()
    grow = "A number far from the diagonal moves no eigenvalue of a triangular matrix."
    lose = "Let C send everything where B looks away."
    ask = (_nothing, once, example, form)
    return [
        Case("A grows first", 1.5, *ask, grow, draws=1, facts=grows_first),
        Case("B C is nothing", 1.5, *ask, lose, draws=1, facts=cancel),
    ]


def _nothing(rng: np.random.Generator) -> Inputs:
    return {}


def signal_cases() -> list[Case]:
    """Return the cases of signal_norms: 4 points."""
    once, many = probes.signal_norms, probes.signal_norms_thrice
    right, all_right = by_probe(once, signal_norms), by_probe(many, signal_norms)
    back = (
        "Entry 0 belongs to the last state; each step back is one of the last chapter."
    )
    total = "Every state hears of its own loss, dhs[t], and of all later ones."
    held = "Where the mask is 0 the state was held, and the gradient passes unchanged."
    draw, form = draws.sequence, "T"
    last, rag = p(draw, losses="last"), p(draw, mask="ragged")
    return [
        Case("a loss at the end", 1.5, last, once, right, form, back),
        Case("losses at every step", 1.0, draw, once, right, form, total),
        Case("a ragged batch", 0.5, rag, once, right, form, held),
        Case(TIDY, 1.0, rag, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def diagnose_cases() -> list[Case]:
    """Return the cases of diagnose: 3 points; one curve in 25 may be named wrong."""
    once, form = probes.diagnose, ""
    names = (
        "Compare each curve with its own beginning, and a faint one with its control."
    )
    odd = "Norms may be exactly 0 (no logarithm then), infinite or NaN."
    most, all_ = p(named_right, 24), p(named_right, 7)
    return [
        Case("25 curves", 2.0, draws.labelled, once, _kinds, form, names, facts=most),
        Case("zeros, infinities", 1.0, draws.odd, once, _kinds, form, odd, facts=all_),
    ]


def _kinds(inputs: Inputs) -> list[str]:
    return inputs["kinds"]


CASES = {
    "jacobian": jacobian_cases(),
    "product": product_cases(),
    "product_norms": norm_cases(),
    "counterexamples": counterexample_cases(),
    "signal_norms": signal_cases(),
    "diagnose": diagnose_cases(),
}
