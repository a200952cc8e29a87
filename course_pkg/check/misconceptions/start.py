"""Wrong answers that students write to the tasks of `start`, by task."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TOTAL, MEAN = "running_total", "true_mean"


def totals(x, h_0, mask):
    return h_0 + np.cumsum(mask * x, 0)


@wrong(
    TOTAL,
    0,
    "the first state is among the results",
    "hs[0] is the state after the first input: collect h after adding, not before.",
)
def with_the_first(x, h_0, mask):
    return np.concatenate([h_0[None], totals(x, h_0, mask)])


@wrong(
    TOTAL,
    0,
    "each state is one step late",
    "hs[0] is the state after the first input: collect h after adding, not before.",
)
def late(x, h_0, mask):
    return np.concatenate([h_0[None], totals(x, h_0, mask)[:-1]])


@wrong(
    TOTAL,
    0,
    "only the last state is returned",
    "The state of every step is asked for: collect them in a list and np.stack it.",
)
def only_the_last(x, h_0, mask):
    return totals(x, h_0, mask)[-1]


@wrong(
    TOTAL,
    0,
    "the first state is taken for zero",
    "Begin with h_0: somebody may have read the beginning of the sequence already.",
)
def from_zero(x, h_0, mask):
    return totals(x, 0, mask)


@wrong(
    TOTAL,
    0,
    "the sum runs over the batch",
    "Time is the first axis: x[t] is what all sequences read at step t.",
)
def over_the_batch(x, h_0, mask):
    return h_0 + np.cumsum(mask * x, 1)


@wrong(
    TOTAL,
    5.0,
    "the mask is not used",
    "Where the mask is 0 there is padding, and it must change no state.",
)
def without_mask(x, h_0, mask):
    return h_0 + np.cumsum(x, 0)


@wrong(
    TOTAL,
    5.0,
    "the state is set to zero on padding",
    "Padding holds the state: it stays what it was, it does not become 0.",
)
def zeroed(x, h_0, mask):
    return mask * totals(x, h_0, mask)


@wrong(
    MEAN,
    2.0,
    "padding left out of the sum, but divided by all positions",
    "Divide by mask.sum(), how many positions are true.",
)
def by_all(v, mask):
    return (mask * v).mean()


@wrong(
    MEAN,
    2.0,
    "the mask is not used",
    "Multiply by the mask: on padding v means nothing.",
)
def mean_without_mask(v, mask):
    return v.mean()


@wrong(
    MEAN,
    2.0,
    "padding counted in the sum, but not in the number",
    "Multiply v by the mask before you add it up.",
)
def sum_of_all(v, mask):
    return v.sum() / mask.sum()


@wrong(
    MEAN,
    2.0,
    "a mean of the sequences' means",
    "A sequence of one step would count as much as a long one. Add all up first.",
)
def of_sequences(v, mask):
    return ((mask * v).sum(0) / mask.sum(0)).mean()


@wrong(
    MEAN,
    2.0,
    "a mean of the steps' means",
    "A step with one true position would count as much as a full one. Add all up "
    "first.",
)
def of_steps(v, mask):
    return ((mask * v).sum(1) / mask.sum(1)).mean()


@wrong(
    MEAN, 0, "the sum in place of the mean", "Divide by how many positions are true."
)
def not_divided(v, mask):
    return (mask * v).sum()


@wrong(
    MEAN,
    0,
    "one mean for each sequence",
    "One number is asked for: sum over time and over the batch.",
)
def one_each(v, mask):
    return (mask * v).sum(0) / mask.sum(0)
