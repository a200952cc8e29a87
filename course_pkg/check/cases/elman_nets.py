"""Nets made by hand, for the word `elman`: read from a dict, and run.

A net is a dict: activation, weight_ih (H, I), weight_hh (H, H), weight_hy (1, H) and,
where wanted, bias (H,) and bias_y (1,). Its state starts at zero.
"""

from typing import Any, NamedTuple

import numpy as np

from course_pkg.arrays import linear
from course_pkg.bptt import scan
from course_pkg.cells import elman, relu
from course_pkg.cells import linear as unbent

CELLS = {"linear": unbent, "tanh": elman, "relu": relu}


class Net(NamedTuple):
    """A net made by hand: its cell, W_ih (H, I), W_hh (H, H), W_hy (1, H), biases."""

    cell: Any
    W_ih: np.ndarray
    W_hh: np.ndarray
    W_hy: np.ndarray
    b: np.ndarray
    b_y: np.ndarray

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """Return all outputs (T, B) on x (T, B, I)."""
        with np.errstate(all="ignore"):  # a net may explode, and is wrong then
            first = np.zeros((x.shape[1], len(self.W_hh)))
            gi = linear(x, self.W_ih, self.b)
            hs, _, _ = scan(self.cell, gi, first, self.W_hh)
            return linear(hs, self.W_hy, self.b_y)[..., 0]


def read(value: Any, I: int) -> Net | None:  # noqa: E741
    """Return what came back as a net of I inputs and at most 64 units, or None."""
    if not isinstance(value, dict) or type(value.get("activation")) is not str:
        return None
    known = {"activation", "weight_ih", "weight_hh", "weight_hy", "bias", "bias_y"}
    W_hh = numbers(value.get("weight_hh"))
    H = 0 if W_hh is None or W_hh.ndim != 2 else len(W_hh)
    if value["activation"] not in CELLS or not value.keys() <= known or not 0 < H <= 64:
        return None
    given = [W_hh, *(numbers(value.get(n)) for n in ("weight_ih", "weight_hy"))]
    given += [numbers(value.get("bias", np.zeros(H)))]
    given += [numbers(value.get("bias_y", np.zeros(1)))]
    shapes = [(H, H), (H, I), (1, H), (H,), (1,)]
    if [None if x is None else x.shape for x in given] != shapes:
        return None
    W, W_ih, W_hy, b, b_y = given
    return Net(CELLS[value["activation"]], W_ih, W, W_hy, b, b_y)  # type: ignore[arg-type]


def numbers(x: Any) -> np.ndarray | None:
    """Return x as an array of finite floats of a moderate size, or None."""
    try:
        A = np.asarray(x)
    except ValueError:
        return None
    if A.dtype.kind not in "fiu" or not (np.abs(A) < 1e100).all():
        return None
    return A.astype(float)
