"""Misconceptions of step_grad(d_state, tape) for the Elman cell."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "step_grad"


@wrong(
    TASK,
    0,
    "tanh applied once more inside its derivative",
    "tape.h is tanh(a) already: the derivative is 1 - h**2.",
)
def tanh_twice(d_state, tape):
    da = d_state * (1 - np.tanh(tape.h) ** 2)
    return da, da, 0 * da


@wrong(
    TASK,
    0,
    "1 - a**2 for 1 - h**2",
    "The derivative of tanh is 1 - tanh(a)**2, and tanh(a) is h, not a.",
)
def of_a(d_state, tape):
    da = d_state * (1 - np.arctanh(tape.h) ** 2)
    return da, da, 0 * da


@wrong(
    TASK,
    0,
    "the derivative taken at the state before",
    "This step's tanh made h. h_prev went into it, and its own tanh is another step's.",
)
def at_h_prev(d_state, tape):
    da = d_state * (1 - tape.h_prev**2)
    return da, da, 0 * da


@wrong(
    TASK,
    0,
    "the derivative of tanh is missing",
    "The gradient of h must pass the tanh before it reaches gi and gh: times 1 - h**2.",
)
def no_derivative(d_state, tape):
    return d_state, d_state, 0 * d_state


@wrong(
    TASK,
    0,
    "1 - h for 1 - h**2",
    "The square is missing: the derivative of tanh is 1 - tanh**2.",
)
def no_square(d_state, tape):
    da = d_state * (1 - tape.h)
    return da, da, 0 * da


@wrong(
    TASK,
    0,
    "h (1 - h), the derivative of the logistic function",
    "The cell uses tanh, whose derivative is 1 - h**2.",
)
def logistic(d_state, tape):
    da = d_state * tape.h * (1 - tape.h)
    return da, da, 0 * da


@wrong(
    TASK,
    0,
    "the gradient shared between the two halves",
    "gi and gh are added, and a sum hands its whole gradient to each of its parts.",
)
def shared(d_state, tape):
    da = d_state * (1 - tape.h**2) / 2
    return da, da, 0 * da


@wrong(
    TASK,
    0,
    "only one of the two halves gets the gradient",
    "gi and gh are added, and a sum hands its whole gradient to each of its parts.",
)
def only_dgi(d_state, tape):
    da = d_state * (1 - tape.h**2)
    return da, 0 * da, 0 * da


@wrong(
    TASK,
    0,
    "summed over the batch",
    "The sequences of a batch are strangers: each row keeps its own gradient (B, H). "
    "Sums over the batch belong to the weights.",
)
def summed(d_state, tape):
    da = (d_state * (1 - tape.h**2)).sum(0)
    return da, da, 0 * da


@wrong(
    TASK,
    2.0,
    "d_state handed on to h_prev unchanged",
    "That would be a cell with h = h_prev + .... Elman's h_prev acts through gh alone, "
    "so d_state_prev is 0.",
)
def handed_on(d_state, tape):
    da = d_state * (1 - tape.h**2)
    return da, da, d_state


@wrong(
    TASK,
    2.0,
    "d_state_prev is dgh once more",
    "The path through gh is counted where dgh meets W_hh; d_state_prev is what does "
    "not go through gh: 0.",
)
def counted_twice(d_state, tape):
    da = d_state * (1 - tape.h**2)
    return da, da, da
