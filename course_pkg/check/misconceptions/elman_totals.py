"""Misconceptions of summing() and comparing(), judged by what the nets do."""

from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)


def net(activation, w_ih, w_hh=1.0, w_hy=1.0, **biases):
    """Return a net of one unit; w_ih: a number for each input."""
    weights = {"weight_ih": [w_ih], "weight_hh": [[w_hh]], "weight_hy": [[w_hy]]}
    return {"activation": activation} | weights | biases


RELU = (
    "a single ReLU unit",
    "Its state is never below 0, so a total below 0 is lost. Take a linear unit.",
)
LESS = (
    "the recurrent weight is a little below 1",
    "0.99 is near to 1 for eight steps; after 200, 0.13 is left. Take exactly 1.",
)
MORE = (
    "the recurrent weight is a little above 1",
    "1.01 is near to 1 for eight steps; after 200 it has become 7. Take exactly 1.",
)
SIGN = ("the sign is reversed", "The output has the wrong sign: turn one weight round.")
NO_LOOP = (
    "no recurrent weight",
    "With W_hh = 0 the state is forgotten at once. To add, keep all of it.",
)
SMALL = (
    "a tanh unit that is right for short sequences only",
    "The scale is small, and not small enough: what each step loses adds up. Use a "
    "linear unit, or a far smaller scale.",
)


@wrong("summing", 0, *RELU)
def relu_sum():
    return net("relu", [1.0])


@wrong("summing", 0, *LESS)
def leaking_sum():
    return net("linear", [1.0], 0.99)


@wrong("summing", 0, *MORE)
def growing_sum():
    return net("linear", [1.0], 1.01)


@wrong("summing", 0, *SIGN)
def reversed_sum():
    return net("linear", [-1.0])


@wrong("summing", 0, *NO_LOOP)
def forgetful_sum():
    return net("linear", [1.0], 0.0)


@wrong(
    "summing",
    0,
    "a tanh unit without a scale",
    "A state below 1 is no total. Take a linear unit.",
)
def tanh_sum():
    return net("tanh", [1.0])


@wrong("summing", 0, *SMALL)
def small_tanh_sum():
    return net("tanh", [1e-3], 1.0, 1e3)


@wrong(
    "summing",
    0,
    "a bias that adds up",
    "A bias is added at every step: without input the total would grow.",
)
def biased_sum():
    return net("linear", [1.0], bias=[0.05])


@wrong("comparing", 0, *RELU)
def relu_lead():
    return net("relu", [1.0, -1.0])


@wrong("comparing", 0, *LESS)
def leaking_lead():
    return net("linear", [1.0, -1.0], 0.99)


@wrong("comparing", 0, *MORE)
def growing_lead():
    return net("linear", [1.0, -1.0], 1.01)


@wrong("comparing", 0, *SIGN)
def reversed_lead():
    return net("linear", [-1.0, 1.0])


@wrong("comparing", 0, *NO_LOOP)
def forgetful_lead():
    return net("linear", [1.0, -1.0], 0.0)


@wrong(
    "comparing",
    0,
    "the sum of both columns",
    "The second column counts against the first: its weight has the other sign.",
)
def both_columns():
    return net("linear", [1.0, 1.0])


@wrong(
    "comparing",
    0,
    "a tanh unit that is full",
    "A lead of 2 and one of 20 look nearly the same after tanh. Take a linear unit.",
)
def tanh_lead():
    return net("tanh", [1.0, -1.0])
