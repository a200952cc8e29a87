"""Misconceptions of cross_entropy(logits, y, mask)."""

import numpy as np

from course_pkg.arrays import log_softmax, one_hot
from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.losses import cross_entropy

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "cross_entropy"
OVERFLOW = (
    "exp of the logits as they are",
    "exp(1000) is infinite and exp(-1000) is 0 in floating point. Subtracting the "
    "row's largest logit first changes nothing on paper and keeps every exponential in "
    "[0, 1].",
)


def each(logits, y):
    """Return the loss of every position (T, B, 1)."""
    right = one_hot(y, logits.shape[-1], logits)
    return -(log_softmax(logits) * right).sum(-1, keepdims=True)


@wrong(
    TASK,
    0,
    "the sum over all positions",
    "The loss is a mean: divide by the number of true positions, mask.sum().",
)
def the_sum(logits, y, mask):
    return (mask * each(logits, y)).sum()


@wrong(
    TASK,
    1.0,
    "padding left out of the sum, but divided by T times B",
    "Padding would make the loss smaller. Divide by what you summed: mask.sum().",
)
def by_all(logits, y, mask):
    return (mask * each(logits, y)).mean()


@wrong(
    TASK,
    1.0,
    "the mask is not used",
    "The ids at padding are no data; their losses must not count.",
)
def no_mask(logits, y, mask):
    return each(logits, y).mean()


@wrong(
    TASK,
    1.0,
    "the mask multiplies the logits",
    "Logits of 0 are a uniform guess with a loss of log V, not no loss. Multiply the "
    "losses by the mask.",
)
def masked_logits(logits, y, mask):
    return each(mask * logits, y).mean()


@wrong(
    TASK,
    1.0,
    "a mean for each sequence first, then the mean of those",
    "A word in a short sequence then weighs more than one in a long sequence. All true "
    "positions count the same.",
)
def mean_of_means(logits, y, mask):
    return ((mask * each(logits, y)).sum(0) / mask.sum(0)).mean()


@wrong(
    TASK,
    0,
    "divided by the number of steps only",
    "A batch of B sequences has mask.sum() true positions, not T.",
)
def by_steps(logits, y, mask):
    return (mask * each(logits, y)).sum() / len(logits)


@wrong(
    TASK,
    0,
    "softmax over the batch",
    "The probabilities of one position's V classes sum to 1: the last axis.",
)
def over_batch(logits, y, mask):
    log_p = np.moveaxis(log_softmax(np.moveaxis(logits, 1, -1)), -1, 1)
    losses = -(log_p * one_hot(y, logits.shape[-1], logits))
    return (mask * losses).sum() / mask.sum()


@wrong(TASK, 1.5, *OVERFLOW)
def overflows(logits, y, mask):
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    losses = -np.log(np.take_along_axis(p, y[..., None], -1))
    return (mask * losses).sum() / mask.sum()


@wrong(TASK, 1.5, *OVERFLOW)
def overflows_late(logits, y, mask):
    total = np.log(np.exp(logits).sum(-1, keepdims=True))
    losses = total - np.take_along_axis(logits, y[..., None], -1)
    return (mask * losses).sum() / mask.sum()


@wrong(
    TASK,
    1.5,
    "the log of a probability that has become 0",
    "A softmax of -1000 is 0 in floating point and its log is -inf. Take the log on "
    "paper: a logit minus the log of the row's sum of exponentials.",
)
def log_of_softmax(logits, y, mask):
    p = np.exp(log_softmax(logits))
    losses = -np.log(np.take_along_axis(p, y[..., None], -1))
    return (mask * losses).sum() / mask.sum()


@wrong(
    TASK,
    1.5,
    "a small number added inside the log",
    "It bounds the loss where the model is most wrong. log softmax needs no such help.",
)
def clipped(logits, y, mask):
    p = np.exp(log_softmax(logits))
    losses = -np.log(np.take_along_axis(p, y[..., None], -1) + 1e-12)
    return (mask * losses).sum() / mask.sum()


@wrong(
    TASK,
    0,
    "the sign is missing",
    "log p is negative, and a loss is what should become small: minus log p.",
)
def negative(logits, y, mask):
    return -cross_entropy(logits, y, mask)


@wrong(
    TASK,
    0,
    "logarithms to base 2",
    "That is the loss in bits. The book, and the gradient, use the natural logarithm.",
)
def in_bits(logits, y, mask):
    return cross_entropy(logits, y, mask) / np.log(2)


@wrong(
    TASK,
    0,
    "divided by the number of classes as well",
    "One of the V classes is the right one; its -log p is the position's whole loss. A "
    "mean over a one-hot product divides by V too.",
)
def by_classes(logits, y, mask):
    return cross_entropy(logits, y, mask) / logits.shape[-1]
