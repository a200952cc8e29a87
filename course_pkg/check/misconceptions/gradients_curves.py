"""Misconceptions of diagnose(curve, control)."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.gradients import diagnose as right

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "diagnose"


@wrong(
    TASK,
    0,
    "a fixed threshold on the raw norm",
    "A loss in other units multiplies the whole curve. Divide by its beginning first.",
)
def raw(curve, control):
    if not np.isfinite(curve).all() or curve.max() > 100:
        return "exploding"
    if curve[-1] > 1e-3:
        return "healthy"
    return "nothing there" if control[-1] > 1e-3 else "vanishing"


@wrong(
    TASK,
    0,
    "the control is not used",
    "A faint curve alone cannot tell the two apart; the control can.",
)
def no_control(curve, control):
    return right(curve)


@wrong(
    TASK,
    0,
    "the two verdicts on a faint curve are exchanged",
    "If the control gets through, the network can do it where the task asks for it: so "
    "your data had nothing there.",
)
def exchanged(curve, control):
    other = {"vanishing": "nothing there", "nothing there": "vanishing"}
    found = right(curve, control)
    return other.get(found, found)


@wrong(
    TASK,
    0,
    "curve and control are exchanged",
    "The first argument is the curve to be named, the second the one to compare with.",
)
def other_argument(curve, control):
    return right(control, curve)


@wrong(
    TASK,
    1.0,
    "every curve that falls is called faint",
    "A little lower at the end is no vanishing: ask for orders of magnitude.",
)
def any_fall(curve, control):
    if not np.isfinite(curve).all() or curve.max() > 100 * curve[0]:
        return "exploding"
    if curve[-1] > curve[0] > 0:
        return "healthy"
    return "nothing there" if control[-1] > 1e-3 * control[0] else "vanishing"


@wrong(
    TASK,
    0,
    "large means healthy",
    "A curve that grows over orders of magnitude explodes: name that, too.",
)
def no_explosion(curve, control):
    found = right(curve, control)
    return "healthy" if found == "exploding" else found


@wrong(
    TASK,
    2.0,
    "what is not finite is not seen",
    "NaN compares as False with everything. Ask np.isfinite first.",
)
def blind_to_nan(curve, control):
    curve = np.nan_to_num(curve, nan=0.0, posinf=0.0)
    return right(curve, control)
