"""Probes of the word `remedies`: call an answer, return what it returns."""

from typing import Any

import numpy as np

from course_pkg.check.case import Answer, Inputs
from course_pkg.check.probes.bptt import Leaky
from course_pkg.check.probes.shared import thrice


def clip(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a dict of gradients and a limit."""
    return answer(inputs["grads"], inputs["limit"])


def cosine(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on two dicts of gradients."""
    return answer(inputs["a"], inputs["b"])


def identity(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a weight, with a gain if drawn."""
    return answer(inputs["weight"], *_gain(inputs))


def orthogonal(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a weight and a generator, with a gain if drawn."""
    rng = np.random.default_rng(inputs["seed"])
    return answer(inputs["weight"], rng, *_gain(inputs))


def _gain(inputs: Inputs) -> tuple[float, ...]:
    return (inputs["gain"],) if "gain" in inputs else ()


def orthogonal_drawn(answer: Answer, inputs: Inputs) -> Any:
    """Call with equal generators, then with another; return the weight, too."""
    other = inputs | {"seed": inputs["seed"] + 1}
    drawn = [orthogonal(answer, asked) for asked in (inputs, inputs, other)]
    return [*drawn, inputs["weight"]]


def truncated(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on a leaky cell and a squared error, with a mask if drawn."""
    target, share = inputs["target"], inputs["share"]

    def loss_grad(hs: np.ndarray, steps: slice) -> tuple[Any, np.ndarray]:
        gap = hs - target[steps]
        return (share[steps] * gap**2).sum() / 2, share[steps] * gap

    mask = (inputs["mask"],) if "mask" in inputs else ()
    run = (Leaky(*inputs["cell"]), inputs["params"], inputs["x"], inputs["state"])
    return answer(*run, loss_grad, inputs["size"], *mask)


def scan_skip(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on inputs, a first state, two matrices and a delay."""
    weights = (inputs["W_hh"], inputs["W_skip"], inputs["k"])
    return answer(inputs["gi"], inputs["state"], *weights)


def scan_skip_grad(answer: Answer, inputs: Inputs) -> Any:
    """Call the answer on what losses say, states, two matrices and a delay."""
    weights = (inputs["W_hh"], inputs["W_skip"], inputs["k"])
    return answer(inputs["dhs"], inputs["hs"], *weights)


clip_thrice = thrice(clip, "clip_thrice")
cosine_thrice = thrice(cosine, "cosine_thrice")
identity_thrice = thrice(identity, "identity_thrice")
truncated_thrice = thrice(
    truncated, "truncated_thrice", x=1, state=0, target=1, share=1, mask=1
)
scan_skip_thrice = thrice(scan_skip, "scan_skip_thrice", gi=1, state=0)
scan_skip_grad_thrice = thrice(scan_skip_grad, "scan_skip_grad_thrice", dhs=1, hs=1)
