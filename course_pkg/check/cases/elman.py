"""The cases of the word `elman`: what is asked, what is right, what it is worth."""

from collections.abc import Callable
from functools import partial as p
from typing import Any

import numpy as np

from course_pkg import bptt
from course_pkg.cells import elman
from course_pkg.cells.jordan import Jordan
from course_pkg.check.case import Case, Inputs
from course_pkg.check.cases import elman_draws as draws
from course_pkg.check.cases import elman_facts as facts
from course_pkg.check.cases.gradients_draws import one_step
from course_pkg.check.cases.shared import (
    MANNERS,
    TIDY,
    TIDY_ALONE,
    by_probe,
    thrice,
)
from course_pkg.check.probes import elman as probes
from course_pkg.dependencies import dependencies as find_dependencies

# References --------------------------------------------------------------------------


def step(params: dict, h_prev: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the state (B, H) after a step from h_prev (B, H) on x (B, I)."""
    return bptt.forward(elman, params, x[None], h_prev)[1]


def scan(
    step: Callable, x: np.ndarray, h_0: np.ndarray, mask: np.ndarray | None = None
) -> np.ndarray:
    """Return h_1 … h_T (T, B, H) of any step(h_prev, x_t); x (T, B, I)."""
    h, hs = h_0, []
    for t, x_t in enumerate(x):
        new = step(h, x_t)
        h = new if mask is None else bptt.hold(mask[t], new, h)
        hs.append(h)
    return np.stack(hs)


def jordan(params: dict, x: np.ndarray, y_0: np.ndarray) -> np.ndarray:
    """Return the outputs y_1 … y_T (T, B, O) of a Jordan net on x (T, B, I)."""
    return bptt.forward(Jordan("sigmoid"), params, x, y_0)[0]


def dependencies(f: Callable, x: np.ndarray) -> np.ndarray:
    """Return at [t, s] whether output t of f changes with x_s: (T, T); x (T, I)."""
    return find_dependencies(f, x)


def summing() -> dict[str, Any]:
    """Return a net that adds up its inputs."""
    return _linear([[1.0]])


def comparing() -> dict[str, Any]:
    """Return a net whose output is above 0 where the first column is ahead."""
    return _linear([[1.0, -1.0]])


def _linear(W_ih: list[list[float]]) -> dict[str, Any]:
    one = np.ones((1, 1))
    weights = {"weight_ih": np.array(W_ih), "weight_hh": one, "weight_hy": one}
    return {"activation": "linear"} | weights


def latch() -> dict[str, Any]:
    """Return a net whose output keeps the sign of the last input that was not 0."""
    weights = {"weight_ih": [[4.0]], "weight_hh": [[2.0]], "weight_hy": [[1.0]]}
    return {"activation": "tanh"} | weights


# Cases -------------------------------------------------------------------------------


def step_cases() -> list[Case]:
    """Return the cases of step: 4 points."""
    once, many = probes.step, probes.step_thrice
    right, all_right = by_probe(once, step), by_probe(many, step)
    one = "Four terms are added, two of them biases; then tanh, of all of it at once."
    every = "Each row is a sequence with a state of its own: W h is h @ W.T."
    form = "B H"
    return [
        Case("one sequence", 1.5, p(one_step, alone=True), once, right, form, one),
        Case("a batch", 1.5, one_step, once, right, form, every),
        Case(TIDY, 1.0, one_step, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def scan_cases() -> list[Case]:
    """Return the cases of scan: 4 points."""
    once, many = probes.scan, probes.scan_thrice
    right, all_right = by_probe(once, scan), by_probe(many, scan)
    loop = "Start with h_0; each new state is the next step's old one: T states come."
    held = "Where the mask is 0 the new state is the old one, unchanged."
    form, rag = "T B H", p(draws.run, mask="ragged")
    return [
        Case("every step", 1.5, draws.run, once, right, form, loop),
        Case("a ragged batch", 1.5, rag, once, right, form, held),
        Case(TIDY, 1.0, rag, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def jordan_cases() -> list[Case]:
    """Return the cases of jordan: 3 points."""
    once, many = probes.jordan, probes.jordan_thrice
    right, all_right = by_probe(once, jordan), by_probe(many, jordan)
    one = "y_0 is what W_hh meets first; y is a sigmoid of W_hy h + b_y."
    back = "What W_hh meets at step t is y of step t - 1, as it was put out."
    draw, form = draws.outputs_fed_back, "T B O"
    return [
        Case("one step", 1.0, p(draw, alone=True), once, right, form, one),
        Case("the loop", 1.5, draw, once, right, form, back),
        Case(TIDY, 0.5, draw, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def by_hand_cases(
    points: float,
    answer: Callable[[], dict],
    hint: str,
    draw: Callable,
    **judged: Callable[[Inputs, Any], dict[str, bool]],
) -> list[Case]:
    """Return the cases of a net made by hand: so many points for each thing judged."""
    once = probes.by_hand
    return [
        Case(
            name.replace("_", " "),
            points,
            draw,
            once,
            lambda inputs: answer(),
            None,
            hint,
            draws=1,
            facts=true,
        )
        for name, true in judged.items()
    ]


def dependency_cases() -> list[Case]:
    """Return the cases of dependencies: 3 points."""
    once, many = probes.dependencies, probes.dependencies_thrice
    reference = dependencies
    right, all_right = by_probe(once, reference), by_probe(many, reference)
    one = "Change x[s], all of it and nothing else; what moves goes into column s."
    any_f = "Look at all of f(x), and assume nothing about f."
    faint = "Outputs may be tiny: the same sums give the same digits, so ask for any "
    faint += "change at all."
    form = "T T"

    def asked(name: str) -> Callable[[np.random.Generator], Inputs]:
        return p(draws.asked, f=name)

    before, two = asked("states before"), asked("two steps back")
    back, tiny = asked("backwards"), asked("faint")
    tidy = thrice(form)
    return [
        Case("states", 0.5, asked("states"), once, right, form, one),
        Case("states before", 0.5, before, once, right, form, one),
        Case("two steps back", 0.5, two, once, right, form, any_f),
        Case("backwards", 0.5, back, once, right, form, any_f),
        Case("faint outputs", 0.5, tiny, once, right, form, faint),
        Case(TIDY_ALONE, 0.5, two, many, all_right, tidy, MANNERS, tidy=True),
    ]


ADD = "A state that adds is multiplied by exactly 1, and no activation may bend it."
LEAD = "The lead of the first column is a total of differences, and may be negative."
KEEP = "A tanh unit with W_hh above 1 has two states that hold; an input has to be "
KEEP += "strong enough to change sides."

CASES = {
    "step": step_cases(),
    "scan": scan_cases(),
    "jordan": jordan_cases(),
    "summing": by_hand_cases(1.0, summing, ADD, draws.totals, totals=facts.sums),
    "comparing": by_hand_cases(
        1.0, comparing, LEAD, draws.columns, leads=facts.compares
    ),
    "latch": by_hand_cases(
        1.0, latch, KEEP, draws.switches, it_turns=facts.sets, it_keeps=facts.keeps
    ),
    "dependencies": dependency_cases(),
}
