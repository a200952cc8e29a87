"""Probes of the word `elman`: call an answer on plain inputs, bring back numbers.

The step handed to a scan is none of the course's, so that it answers no other task.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_pkg.arrays import Array, namespace
from course_pkg.check.case import Answer, Inputs
from course_pkg.check.probes.shared import thrice


def waves(W: np.ndarray, U: np.ndarray) -> Callable[[Any, Any], np.ndarray]:
    """Return the step from h_prev (B, H) on x (B, I): sin(W x + U h_prev)."""
    return lambda h_prev, x: np.sin(np.asarray(x) @ W.T + np.asarray(h_prev) @ U.T)


def step(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on weights, a state and an input."""
    return answer(inputs["params"], inputs["h_prev"], inputs["x"])


def scan(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer with a step, with a mask if drawn."""
    mask = (inputs["mask"],) if "mask" in inputs else ()
    return answer(waves(inputs["W"], inputs["U"]), inputs["x"], inputs["h_0"], *mask)


def jordan(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on weights, inputs and a first output."""
    return answer(inputs["params"], inputs["x"], inputs["y_0"])


def by_hand(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer, which takes nothing; the inputs are for its weights."""
    return answer()


def _seen(x_t: Array) -> Array:
    """Return what is seen of x_t (I,): its last number alone, bent (1,)."""
    return namespace(x_t).tanh(x_t[-1:])


def _run(x: Array) -> list[Array]:
    """Return h_0 … h_T (1,) of a small recurrent net over x (T, I)."""
    hs = [_none(x)]
    for x_t in x:
        hs.append(namespace(x).tanh(0.7 * hs[-1] + _seen(x_t) + 0.1))
    return hs


def _none(x: Array) -> Array:
    return namespace(x).zeros_like(x[0, :1])


def _outputs(hs: list[Array]) -> Array:
    """Return outputs (T, 2): a state's number last; the first is 1 but for hs[0]."""
    xp = namespace(hs[0])
    firsts = [hs[0], *(xp.ones_like(h) for h in hs[1:])]
    return xp.stack([xp.concatenate(row) for row in zip(firsts, hs, strict=True)])


def _two_back(x: Array) -> list[Array]:
    far = [_seen(x[t - 2]) if t > 1 else _none(x) for t in range(len(x))]
    return [_seen(x_t) + h for x_t, h in zip(x, far, strict=True)]


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    # of x (T, I) to (T, 2): NumPy or torch; no product that would spread a NaN
    "states": lambda x: _outputs(_run(x)[1:]),
    "states before": lambda x: _outputs(_run(x)[:-1]),
    "backwards": lambda x: _outputs(_run(x[list(range(len(x)))[::-1]])[:0:-1]),
    "two steps back": lambda x: _outputs(_two_back(x)),
    "faint": lambda x: 1e-9 * _outputs(_run(x)[1:]),
}


def truth(found: Any) -> Any:
    """Return what is true or false, in whatever numbers, as an array of floats."""
    if type(found).__module__ == "torch":
        found = found.detach().cpu().numpy()
    whole = type(found) is np.ndarray and found.dtype.kind in "biu"
    return found.astype(float) if whole else found


def dependencies(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a function of known map."""
    return truth(answer(FUNCTIONS[inputs["f"]], inputs["x"]))


step_thrice = thrice(step, "step_thrice", h_prev=0, x=0)
scan_thrice = thrice(scan, "scan_thrice", x=1, h_0=0, mask=1)
jordan_thrice = thrice(jordan, "jordan_thrice", x=1, y_0=0)
dependencies_thrice = thrice(dependencies, "dependencies_thrice")
