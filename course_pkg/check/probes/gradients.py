"""Probes of the word `gradients`: call an answer, return what it returns."""

from typing import Any

from course_pkg.cells.elman import Tape
from course_pkg.check.case import Answer, Inputs
from course_pkg.check.probes.shared import thrice


def jacobian(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on weights, a state and an input."""
    return answer(inputs["params"], inputs["h_prev"], inputs["x"])


def product(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a stack of matrices: a product, or norms of products."""
    return answer(inputs["Js"])


def counterexamples(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer, which takes nothing."""
    return answer()


def signal_norms(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on the tape of an Elman net, with a mask if drawn."""
    tape = Tape(inputs["h"], inputs["h_prev"])
    mask = (inputs["mask"],) if "mask" in inputs else ()
    return answer(inputs["dhs"], tape, inputs["W_hh"], *mask)


def diagnose(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on every pair of curves; return its words in order."""
    pairs = zip(inputs["curves"], inputs["controls"], strict=True)
    return [answer(curve, control) for curve, control in pairs]


jacobian_thrice = thrice(jacobian, "jacobian_thrice", h_prev=0, x=0)
product_thrice = thrice(product, "product_thrice")
signal_norms_thrice = thrice(
    signal_norms, "signal_norms_thrice", dhs=1, h=1, h_prev=1, mask=1
)
