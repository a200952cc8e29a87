"""Probes of the word `bptt`: call an answer on plain inputs, return what it returns.

These run where the student's code runs. The cell they hand in is none of the course's:
its derivative answers no task, and an answer that takes every cell for the Elman cell
is found out.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_pkg.arrays import Array, namespace
from course_pkg.cells.elman import Tape
from course_pkg.check.case import Answer, Inputs
from course_pkg.check.probes.shared import thrice


class Leaky(NamedTuple):
    """h_t = keep · h_{t-1} + (1 − keep) · u, u = elu(gi + gain · gh).

    keep = 0 and gain = 1: an ordinary cell. keep > 0 gives h_{t-1} a direct path to
    h_t; gain ≠ 1 makes dgi and dgh differ. elu(a) is a above 0 and eᵃ − 1 below.
    """

    keep: float
    gain: float

    def step(self, gi: Array, gh: Array, state: Array) -> tuple[Array, Tape]:
        """Take one step: gi, gh, state (B, H) -> h (B, H) and its tape."""
        a = gi + self.gain * gh
        u = namespace(a).where(a > 0, a, namespace(a).exp(a) - 1)
        h = self.keep * state + (1 - self.keep) * u
        return h, Tape(h, state)

    def step_grad(self, d_state: Array, tape: Tape) -> tuple[Array, Array, Array]:
        """Take one step back: d_state (B, H) -> dgi, dgh, d_state_prev (B, H)."""
        u = (tape.h - self.keep * tape.h_prev) / (1 - self.keep)
        da = (1 - self.keep) * d_state * (1 + u * (u < 0))
        return da, self.gain * da, self.keep * d_state


FUNCTIONS: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    # of x and constants w of the same shape; generic, so that a complex step works
    "bowl": lambda x, w: (w * x**3).sum() + (x.sum()) ** 2,
    "waves": lambda x, w: (np.sin(w * x) * np.exp(x)).sum() + np.prod(np.cos(x)),
}


def cross_entropy(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer as a loss, or as a loss's gradient: the arguments are equal."""
    return answer(inputs["logits"], inputs["y"], inputs["mask"])


def step_grad(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on the Elman tape of one step."""
    return answer(inputs["d_state"], Tape(inputs["h"], inputs["h_prev"]))


def _mask(inputs: Inputs) -> tuple[np.ndarray, ...]:
    return (inputs["mask"],) if "mask" in inputs else ()


def scan_grad(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a stacked tape of a leaky cell, with a mask if drawn."""
    cell, tape = Leaky(*inputs["cell"]), Tape(inputs["h"], inputs["h_prev"])
    back = (inputs["dhs"], inputs["d_state"], tape, inputs["W_hh"])
    return answer(cell, *back, *_mask(inputs))


def weight_grads(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer with parameters that have biases or not."""
    tape = Tape(inputs["h"], inputs["h_prev"])
    return answer(inputs["params"], inputs["x"], tape, inputs["dgi"], inputs["dgh"])


def finite_difference(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a function of known derivative, with a step if drawn."""
    f, w = FUNCTIONS[inputs["f"]], inputs["w"].copy()
    step = (inputs["eps"],) if "eps" in inputs else ()
    return answer(lambda x: f(x, w), inputs["x"], *step)


def contributions(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a stacked tape of a leaky cell, with a mask if drawn."""
    cell, tape = Leaky(*inputs["cell"]), Tape(inputs["h"], inputs["h_prev"])
    return answer(cell, inputs["dhs"], tape, inputs["W_hh"], *_mask(inputs))


_TIME = {"h": 1, "h_prev": 1, "mask": 1, "dhs": 1}
cross_entropy_thrice = thrice(
    cross_entropy, "cross_entropy_thrice", logits=1, y=1, mask=1
)
step_grad_thrice = thrice(step_grad, "step_grad_thrice", d_state=0, h=0, h_prev=0)
scan_grad_thrice = thrice(scan_grad, "scan_grad_thrice", d_state=0, **_TIME)
weight_grads_thrice = thrice(
    weight_grads, "weight_grads_thrice", x=1, dgi=1, dgh=1, **_TIME
)
finite_difference_thrice = thrice(finite_difference, "finite_difference_thrice")
contributions_thrice = thrice(contributions, "contributions_thrice", **_TIME)
