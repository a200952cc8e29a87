"""Misconceptions of scan(step, x, h_0, mask=None)."""

import numpy as np

from course_pkg.check.cases.elman import scan
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "scan"
AMONG = (
    "the first state is in the result",
    "h_0 has seen no input. The first state of the result is h_1, and T are wanted.",
)


@wrong(TASK, 0, *AMONG)
def one_too_many(step, x, h_0, mask=None):
    return np.concatenate([h_0[None], scan(step, x, h_0, mask)])


@wrong(TASK, 0, *AMONG)
def one_too_early(step, x, h_0, mask=None):
    return one_too_many(step, x, h_0, mask)[:-1]


@wrong(
    TASK,
    0,
    "the first state is ignored",
    "The first step starts from h_0, which need not be zero.",
)
def from_zero(step, x, h_0, mask=None):
    return scan(step, x, 0 * h_0, mask)


@wrong(
    TASK,
    0,
    "every step starts from h_0",
    "Carry the state on: what step t returns is the old state of step t + 1.",
)
def never_carried(step, x, h_0, mask=None):
    return np.stack([scan(step, x[t : t + 1], h_0)[0] for t in range(len(x))])


@wrong(
    TASK,
    0,
    "time runs backwards",
    "x[0] is the first input: start there.",
)
def backwards(step, x, h_0, mask=None):
    turned = None if mask is None else mask[::-1]
    return scan(step, x[::-1], h_0, turned)[::-1]


@wrong(
    TASK,
    1.5,
    "the mask is not used",
    "On padding the state is held: the junk there must not change it.",
)
def no_mask(step, x, h_0, mask=None):
    return scan(step, x, h_0)


@wrong(
    TASK,
    1.5,
    "the masked state is set to zero",
    "Zero is another state, and the answer is lost. Keep the old one where mask is 0.",
)
def set_to_zero(step, x, h_0, mask=None):
    if mask is None:
        return scan(step, x, h_0)
    return mask * scan(step, x, h_0)


@wrong(
    TASK,
    1.5,
    "mask and padding exchanged",
    "1 is data and 0 is padding: the new state is taken where the mask is 1.",
)
def exchanged(step, x, h_0, mask=None):
    return scan(step, x, h_0, None if mask is None else 1 - mask)


@wrong(
    TASK,
    1.5,
    "inputs are masked, and not states",
    "A step on a zero input still changes the state. The state has to stand still.",
)
def zero_inputs(step, x, h_0, mask=None):
    return scan(step, x if mask is None else mask * x, h_0)


@wrong(
    TASK,
    1.5,
    "h_0 comes back on padding",
    "The state of the step before is held, which is not the first one.",
)
def back_to_the_first(step, x, h_0, mask=None):
    hs = scan(step, x, h_0)
    return hs if mask is None else np.where(mask == 1, hs, h_0)


@wrong(
    TASK,
    3,
    "h_0 is changed in place",
    "h = h_0 gives no copy: h[:] = … and h += … write into the caller's array.",
)
def into_the_first(step, x, h_0, mask=None):
    hs = scan(step, x, h_0, mask)
    h_0[:] = hs[-1]
    return hs


@wrong(
    TASK,
    0,
    "one array, many times in the list",
    "The list holds T references to a single array. Put a new array in at every step.",
)
def one_array(step, x, h_0, mask=None):
    hs = scan(step, x, h_0, mask)
    return np.stack([hs[-1]] * len(hs))
