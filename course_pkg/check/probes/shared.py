"""What the probes of every word share: a probe that asks three times."""

from functools import wraps
from typing import Any

import numpy as np

from course_pkg.check.case import Answer, Inputs, Probe


def turn(inputs: Inputs, batch_axis: dict[str, int]) -> Inputs:
    """Copy inputs with the batch in reverse order; batch_axis names what has one."""
    return {
        name: np.flip(x, batch_axis[name]).copy() if name in batch_axis else x
        for name, x in inputs.items()
    }


def thrice(probe: Probe, name: str, **batch_axis: int) -> Probe:
    """Make a probe that calls twice on the same arguments, then on a turned batch.

    The first two calls share their arrays, so a changed argument changes the second.
    """

    @wraps(probe)
    def asked(answer: Answer, inputs: Inputs) -> Any:
        turned = turn(inputs, batch_axis)
        return [probe(answer, inputs), probe(answer, inputs), probe(answer, turned)]

    asked.__name__ = name
    asked.batch_axis = batch_axis  # type: ignore[attr-defined]
    return asked
