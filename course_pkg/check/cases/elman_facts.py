"""What must be true of nets made by hand: they are judged by what they do."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_pkg.check.case import Inputs
from course_pkg.check.cases.elman_nets import Net, read

SHORT = 20  # steps
Fact = tuple[np.ndarray, Callable[[float], bool]]  # inputs (T, I), asked of the last y


def series(*rows: tuple[float, ...]) -> np.ndarray:
    """Return rows as inputs (T, I)."""
    return np.array(rows, dtype=float)


def told(net: Net | None, facts: dict[str, Fact]) -> dict[str, bool]:
    """State for each fact whether it is true of the net's last output."""
    form = (
        "a dict with activation ('linear', 'tanh' or 'relu'), weight_ih (H, I), "
        "weight_hh (H, H), weight_hy (1, H), all finite; bias (H,) and bias_y (1,) "
        "may be left out; at most 64 units"
    )
    found = {form: net is not None}
    for fact, (x, true) in facts.items():
        found[fact] = net is not None and bool(true(net.outputs(x[:, None])[-1, 0]))
    return found


def at_random(
    net: Net | None, inputs: Inputs, right: Callable[[np.ndarray], np.ndarray]
) -> dict[str, bool]:
    """State whether all last outputs are right, of short sequences and of long ones.

    right: takes all outputs (T, B) to what is true of them, (T, B).
    """
    lengths = inputs["lengths"]
    found = np.zeros(len(lengths), dtype=bool)
    if net is not None:
        with np.errstate(all="ignore"):
            every = right(net.outputs(inputs["x"]))
        found = every[lengths - 1, np.arange(len(lengths))]
    short = lengths <= SHORT
    return {
        "right on random sequences of 5 to 20 steps": bool(found[short].all()),
        "right on random sequences of 100 to 200 steps": bool(found[~short].all()),
    }


def near(wanted: float) -> Callable[[float], bool]:
    """Ask whether an output is within 0.1 of what is wanted."""
    return lambda y: abs(y - wanted) < 0.1


ZERO, TWO = (0.0,), (0.0, 0.0)
SUMMING: dict[str, Fact] = {
    "1 gives more than 0": (series((1,)), lambda y: y > 0),
    "1 gives 1": (series((1,)), near(1)),
    "-1 gives -1": (series((-1,)), near(-1)),
    "ten zeros give 0": (series(*[ZERO] * 10), near(0)),
    "1 and a zero after it give 1": (series((1,), ZERO), near(1)),
    "1 and 199 zeros give no less than 1": (
        series((1,), *[ZERO] * 199),
        lambda y: y > 0.9,
    ),
    "1 and 199 zeros give no more than 1": (
        series((1,), *[ZERO] * 199),
        lambda y: y < 1.1,
    ),
}
COMPARING: dict[str, Fact] = {
    "(1, 0) gives more than 0": (series((1, 0)), lambda y: y > 0),
    "(0, 1) does not give more than 0": (series((0, 1)), lambda y: y <= 0),
    "(0, 1) gives less than 0": (series((0, 1)), lambda y: y < 0),
    "(3, 0), (0, 0) gives more than 0": (series((3, 0), TWO), lambda y: y > 0),
    "(3, 0), (0, 1) gives more than 0": (series((3, 0), (0, 1)), lambda y: y > 0),
    "(1, 3), (1, 0) gives less than 0": (series((1, 3), (1, 0)), lambda y: y < 0),
    "(5, 0), 198 times (0, 0), (0, 3) gives more than 0": (
        series((5, 0), *[TWO] * 198, (0, 3)),
        lambda y: y > 0,
    ),
    "(3, 0), 198 times (0, 0), (0, 5) gives less than 0": (
        series((3, 0), *[TWO] * 198, (0, 5)),
        lambda y: y < 0,
    ),
}
SETTING: dict[str, Fact] = {
    "1 gives 0.5 or more": (series((1,)), lambda y: y >= 0.5),
    "-1 gives -0.5 or less": (series((-1,)), lambda y: y <= -0.5),
    "1, -1 gives -0.5 or less": (series((1,), (-1,)), lambda y: y <= -0.5),
    "1, -1, -1 gives -0.5 or less": (
        series((1,), (-1,), (-1,)),
        lambda y: y <= -0.5,
    ),
    "-1 after twenty times 1 gives -0.5 or less": (
        series(*[(1.0,)] * 20, (-1,)),
        lambda y: y <= -0.5,
    ),
}
KEEPING: dict[str, Fact] = {
    "1 and a zero after it give no less than 0": (
        series((1,), ZERO),
        lambda y: y >= 0,
    ),
}
KEEPING |= {
    f"1 and {n} after it give 0.5 or more": (
        series((1,), *[ZERO] * k),
        lambda y: y >= 0.5,
    )
    for n, k in (
        ("a zero", 1),
        ("two zeros", 2),
        ("three zeros", 3),
        ("199 zeros", 199),
    )
}


def sums(inputs: Inputs, value: Any) -> dict[str, bool]:
    """State what a net that adds up its inputs has to do, to within 0.1."""
    net, total = read(value, 1), inputs["x"][..., 0].cumsum(0)
    return told(net, SUMMING) | at_random(net, inputs, lambda y: abs(y - total) < 0.1)


def compares(inputs: Inputs, value: Any) -> dict[str, bool]:
    """State what a net that tells the larger total has to do; ties are not asked."""
    net, lead = read(value, 2), (inputs["x"] @ [1.0, -1.0]).cumsum(0)
    right = at_random(
        net, inputs, lambda y: (np.sign(y) == np.sign(lead)) | (lead == 0)
    )
    return told(net, COMPARING) | right


def sets(inputs: Inputs, value: Any) -> dict[str, bool]:
    """State how a latch has to turn."""
    return told(read(value, 1), SETTING)


def keeps(inputs: Inputs, value: Any) -> dict[str, bool]:
    """State how a latch has to keep what it was told, and turn in between."""
    net, x = read(value, 1), inputs["x"][..., 0]
    last = np.zeros_like(x[0])
    wanted = np.stack([last := np.where(row == 0, last, row) for row in x])
    return told(net, KEEPING) | at_random(net, inputs, lambda y: y * wanted >= 0.5)
