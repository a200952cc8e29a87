"""Misconceptions of cross_entropy_grad(logits, y, mask)."""

import numpy as np

from course_pkg.arrays import log_softmax, one_hot
from course_pkg.check.misconceptions.bptt_loss import OVERFLOW
from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.losses import cross_entropy_grad

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "cross_entropy_grad"


def softmax(logits):
    """Return the probabilities (T, B, V)."""
    return np.exp(log_softmax(logits))


def minus_one_hot(p, y):
    """Return p with 1 taken off at the right class."""
    return p - one_hot(y, p.shape[-1], p)


@wrong(
    TASK,
    0,
    "the division of the mean is missing",
    "The loss divides by mask.sum(), so does its derivative.",
)
def no_division(logits, y, mask):
    return mask * minus_one_hot(softmax(logits), y)


@wrong(
    TASK,
    1.0,
    "divided by T times B instead of the number of true positions",
    "The loss divides by mask.sum(), so does its derivative.",
)
def by_all(logits, y, mask):
    return mask * minus_one_hot(softmax(logits), y) / y.size


@wrong(
    TASK,
    1.0,
    "the mask is not used",
    "Logits at padding do not change the loss: their gradient is 0, and they do not "
    "count in the division.",
)
def no_mask(logits, y, mask):
    return minus_one_hot(softmax(logits), y) / y.size


@wrong(
    TASK,
    1.0,
    "padding gets a gradient",
    "The division is right, but logits at padding do not change the loss: multiply by "
    "the mask.",
)
def padding_too(logits, y, mask):
    return minus_one_hot(softmax(logits), y) / mask.sum()


@wrong(
    TASK,
    0,
    "one-hot minus softmax",
    "That is the direction of descent. The gradient points uphill: softmax minus "
    "one-hot.",
)
def downhill(logits, y, mask):
    return -cross_entropy_grad(logits, y, mask)


@wrong(
    TASK,
    0,
    "softmax over the batch",
    "The probabilities of one position's V classes sum to 1: the last axis.",
)
def over_batch(logits, y, mask):
    p = np.moveaxis(softmax(np.moveaxis(logits, 1, -1)), -1, 1)
    return mask * minus_one_hot(p, y) / mask.sum()


@wrong(TASK, 1.5, *OVERFLOW)
def overflows(logits, y, mask):
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return mask * minus_one_hot(p, y) / mask.sum()


@wrong(
    TASK,
    0,
    "the right class is not subtracted",
    "The softmax alone would push every logit down, the right one too. It is softmax "
    "minus one-hot.",
)
def only_softmax(logits, y, mask):
    return mask * softmax(logits) / mask.sum()


@wrong(
    TASK,
    0,
    "a gradient for the right class only",
    "Every logit of a row changes the softmax's denominator: the wrong classes get p.",
)
def only_right_class(logits, y, mask):
    return cross_entropy_grad(logits, y, mask) * one_hot(y, logits.shape[-1], logits)


@wrong(
    TASK,
    0,
    "the derivative for the probabilities",
    "-1/p is what the loss says to p. The question is what it says to the logits: go "
    "back through the softmax as well.",
)
def for_probabilities(logits, y, mask):
    p, right = softmax(logits), one_hot(y, logits.shape[-1], logits)
    return -mask * right / np.where(right, p, 1) / mask.sum()


@wrong(
    TASK,
    0,
    "divided by the number of classes as well",
    "The mean runs over positions, not over classes: divide by mask.sum() only.",
)
def by_classes(logits, y, mask):
    return cross_entropy_grad(logits, y, mask) / logits.shape[-1]
