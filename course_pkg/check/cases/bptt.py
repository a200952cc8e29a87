"""The cases of the word `bptt`: what is asked, what is right, what it is worth.

The last case of every task, "tidy", wants right values and good manners: arguments as
they were, the same result on a second call, no influence of one sequence on another.
"""

from functools import partial as p

from course_pkg import bptt, losses
from course_pkg.cells import elman
from course_pkg.check.case import Case, Form
from course_pkg.check.cases import bptt_draws as draws
from course_pkg.check.cases.bptt_instruments import (
    contribution_cases,
    difference_cases,
    loss_cases,
)
from course_pkg.check.cases.shared import MANNERS, TIDY, by_probe, thrice
from course_pkg.check.probes import bptt as probes

# One step back ------------------------------------------------------------------------

HALVES = (("dgi", "B H"), ("dgh", "B H"), ("d_state_prev", None))
STEP = (("dgi", "B H"), ("dgh", "B H"), ("d_state_prev", "B H"))


def step_cases() -> list[Case]:
    """Return the cases of step_grad: 3 points."""
    once, many = probes.step_grad, probes.step_grad_thrice
    right = by_probe(once, elman.step_grad)
    all_right = by_probe(many, elman.step_grad)
    halves = (
        "h = tanh(gi + gh): multiply by the derivative of tanh, written with h, and "
        "give both halves the whole of it."
    )
    path = (
        "h_prev reaches h through gh alone. What goes through gh is not counted here."
    )
    one = draws.one_step
    return [
        Case("dgi and dgh", 2.0, one, once, right, HALVES, halves),
        Case("and d_state_prev", 0.5, one, once, right, STEP, path),
        Case(TIDY, 0.5, one, many, all_right, thrice(STEP), MANNERS, tidy=True),
    ]


# The way back -------------------------------------------------------------------------

GATES = (("dgi", "T B H"), ("dgh", "T B H"))
BACK = (*GATES, ("d_state0", "B H"), ("dh_total", "T B H"))
INNER = (*GATES, ("d_state0", None), ("dh_total", None))
ENDS = (*GATES, ("d_state0", "B H"), ("dh_total", None))
TOTAL = (*((name, None) for name in ("dgi", "dgh", "d_state0")), BACK[3])


SCAN_HINTS = {
    "each": "From the last step to the first: add dhs[t], go through the cell, and "
    "carry dgh @ W_hh to the step before.",
    "ends": "d_state comes in at the last step; what is left after the first is "
    "d_state0.",
    "total": "dh_total[t] is the gradient of h_t from all sides, dhs[t] included.",
    "path": "Any cell: W_hh meets dgh, and the cell's d_state_prev is added.",
    "held": "Where the mask is 0 the state was held: the cell gets no gradient, and "
    "all of it passes on to the step before.",
}


def scan_cases() -> list[Case]:
    """Return the cases of scan_grad: 4 points."""
    once, many = probes.scan_grad, probes.scan_grad_thrice
    right = by_probe(once, bptt.scan_grad)
    all_right = by_probe(many, bptt.scan_grad)
    hint, seq, d = SCAN_HINTS, draws.sequence, draws.DIRECT
    plain, inner = p(seq, last=False), p(seq, cell=d, last=False)
    rag, everything = p(seq, mask="ragged", last=False), p(seq, cell=d, mask="ragged")
    tidy = thrice(BACK)
    return [
        Case("a loss at every step", 1.25, plain, once, right, INNER, hint["each"]),
        Case("both ends", 0.75, seq, once, right, ENDS, hint["ends"]),
        Case("dh_total", 0.5, plain, once, right, TOTAL, hint["total"]),
        Case("a cell with a direct path", 0.5, inner, once, right, INNER, hint["path"]),
        Case("a ragged batch", 0.75, rag, once, right, INNER, hint["held"]),
        Case(TIDY, 0.25, everything, many, all_right, tidy, MANNERS, tidy=True),
    ]


# Weights ------------------------------------------------------------------------------

MATRICES = {"weight_ih": "H I", "weight_hh": "H H"}
BIASES = {"bias_ih": "H", "bias_hh": "H"}


WEIGHT_HINTS = {
    "matrices": "A matrix's gradient sums, over time and batch, what came back times "
    "what the matrix met on the way forward.",
    "biases": "Each bias was added at every step of every sequence: sum over both.",
    "dx": "x was multiplied by W_ih: so is its gradient, from the other side.",
    "two": "W_ih and bias_ih belong to dgi, W_hh and bias_hh to dgh.",
    "keys": "grads has the names that params has, no more and no fewer.",
}


def weight_form(grads: Form, dx: Form) -> Form:
    """Return the form of (grads, dx); None is not looked at."""
    return (("grads", grads), ("dx", dx))


def weight_cases() -> list[Case]:
    """Return the cases of weight_grads: 3 points."""
    once, many = probes.weight_grads, probes.weight_grads_thrice
    right = by_probe(once, bptt.weight_grads)
    all_right = by_probe(many, bptt.weight_grads)
    everything = weight_form(MATRICES | BIASES, "T B I")
    nothing = dict.fromkeys(MATRICES | BIASES)
    ih = weight_form(nothing | {"weight_ih": "H I"}, None)
    hh = weight_form(nothing | {"weight_hh": "H H"}, None)
    biases = weight_form(nothing | BIASES, None)
    only_dx, tidy = weight_form(None, "T B I"), thrice(everything)
    hint, eq = WEIGHT_HINTS, draws.signals
    bare, differ = p(eq, biases=False), p(eq, halves="different")
    return [
        Case("weight_ih", 0.5, eq, once, right, ih, hint["matrices"]),
        Case("weight_hh", 0.75, eq, once, right, hh, hint["matrices"]),
        Case("biases", 0.5, eq, once, right, biases, hint["biases"]),
        Case("dx", 0.5, eq, once, right, only_dx, hint["dx"]),
        Case("dgi and dgh differ", 0.25, differ, once, right, everything, hint["two"]),
        Case("no biases", 0.25, bare, once, right, everything, hint["keys"]),
        Case(TIDY, 0.25, differ, many, all_right, tidy, MANNERS, tidy=True),
    ]


CASES = {
    "cross_entropy": loss_cases(losses.cross_entropy, ""),
    "cross_entropy_grad": loss_cases(losses.cross_entropy_grad, "T B V"),
    "step_grad": step_cases(),
    "scan_grad": scan_cases(),
    "weight_grads": weight_cases(),
    "finite_difference": difference_cases(),
    "contributions": contribution_cases(),
}
