"""Probes of the word `start`: call an answer, return what it returns."""

from typing import Any

from course_pkg.check.case import Answer, Inputs
from course_pkg.check.probes.shared import thrice


def running_total(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on inputs, a first state and a mask."""
    return answer(inputs["x"], inputs["h_0"], inputs["mask"])


def true_mean(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on values and a mask."""
    return answer(inputs["v"], inputs["mask"])


running_total_thrice = thrice(running_total, "running_total_thrice", x=1, h_0=0, mask=1)
true_mean_thrice = thrice(true_mean, "true_mean_thrice", v=1, mask=1)
