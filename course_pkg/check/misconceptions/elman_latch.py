"""Misconceptions of latch(), which is judged by what the net does."""

from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.check.misconceptions.elman_totals import net

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "latch"


@wrong(
    TASK,
    1,
    "a recurrent weight that forgets fast",
    "With W_hh below 1 every state decays to 0. Take more than 1, such as 2.",
)
def fading():
    return net("tanh", [4.0], 0.8)


@wrong(
    TASK,
    1,
    "a recurrent weight of 1",
    "tanh(h) is a little smaller than h, so the state still decays, only slowly. Take "
    "more than 1, such as 2.",
)
def slowly_fading():
    return net("tanh", [4.0], 1.0)


@wrong(
    TASK,
    0,
    "the input is too weak to change sides",
    "The old state sends W_hh times 0.96: a new input has to be stronger than that.",
)
def weak_input():
    return net("tanh", [1.0], 2.0)


@wrong(
    TASK,
    0,
    "a unit that adds",
    "A total turns only when it is used up. The last word has to win at once.",
)
def adding():
    return net("linear", [1.0])


@wrong(
    TASK,
    0,
    "a ReLU unit",
    "Its state is never below 0, so it cannot keep -1. Take a tanh unit.",
)
def relu_latch():
    return net("relu", [1.0])


@wrong(
    TASK,
    0,
    "the sign is reversed",
    "The output has the wrong sign: turn one weight round.",
)
def reversed_latch():
    return net("tanh", [-4.0], 2.0)


@wrong(
    TASK,
    1,
    "no recurrent weight",
    "With W_hh = 0 the state is forgotten at once.",
)
def forgetful():
    return net("tanh", [4.0], 0.0)


@wrong(
    TASK,
    1,
    "a state that changes sides at every step",
    "With a negative W_hh each step turns the sign of what was kept.",
)
def swinging():
    return net("tanh", [4.0], -2.0)
