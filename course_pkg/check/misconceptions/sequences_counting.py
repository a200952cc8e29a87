"""Misconceptions of ngram_nats(train, test, k, V, add)."""

import math
from collections import Counter

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.ngrams import NGram, grams

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "ngram_nats"


def nats(train, test, k, V, add=0.1):
    """Return the right answer."""
    return NGram(k + 1, V, add).fit(train).nats(test)


def mean_of(train, test, k, p):
    """Return the mean of -ln p(count of the run, count of its context)."""
    both = Counter(grams(train, k + 1))
    alone = Counter(run[:-1] for run in grams(train, k + 1))
    found = [p(both[run], alone[run[:-1]]) for run in grams(test, k + 1)]
    return float(np.mean([-math.log(q) if q > 0 else math.inf for q in found]))


@wrong(
    TASK,
    0,
    "logarithms to base 2",
    "That is the surprise in bits. Nats have the natural logarithm, math.log.",
)
def in_bits(train, test, k, V, add=0.1):
    return nats(train, test, k, V, add) / math.log(2)


@wrong(
    TASK,
    0,
    "V is missing in the denominator",
    "Each of the V counts starts with add, so their sum starts with add V.",
)
def without_V(train, test, k, V, add=0.1):
    return mean_of(train, test, k, lambda n, c: (n + add) / (c + add))


@wrong(
    TASK,
    0,
    "add is missing in the denominator",
    "Then the probabilities of a context sum to more than 1: divide by n(c) + add V.",
)
def only_above(train, test, k, V, add=0.1):
    return mean_of(train, test, k, lambda n, c: (n + add) / (c or add * V))


@wrong(
    TASK,
    0,
    "no first count",
    "What was never seen gets probability 0, and one such symbol makes the loss "
    "infinite. Let each count start with add.",
)
def raw(train, test, k, V, add=0.1):
    return mean_of(train, test, k, lambda n, c: n / c if c else 0)


@wrong(
    TASK,
    3.25,
    "add is always 0.1",
    "0.1 is what add is by default. Use the one that is given.",
)
def fixed_add(train, test, k, V, add=0.1):
    return nats(train, test, k, V)


@wrong(
    TASK,
    0.5,
    "the context contains the target",
    "The context ends before the symbol that is to be predicted: x[t - k : t].",
)
def with_target(train, test, k, V, add=0.1):
    if k == 0:
        return nats(train, test, k, V, add)

    def runs(x):
        return [(*x[t - k + 1 : t + 1], x[t]) for t in range(k, len(x))]

    both, alone = Counter(runs(train)), Counter(run[:-1] for run in runs(train))
    p = [(both[r] + add) / (alone[r[:-1]] + add * V) for r in runs(test)]
    return -float(np.mean(np.log(p)))


@wrong(
    TASK,
    0,
    "counted on the test text",
    "A model that has seen the answers looks good. Count on train, judge on test.",
)
def on_test(train, test, k, V, add=0.1):
    return nats(test, test, k, V, add)


@wrong(
    TASK,
    0,
    "counted on both texts",
    "The test text must be new to the model. Count on train alone.",
)
def on_both(train, test, k, V, add=0.1):
    return nats(np.concatenate([train, test]), test, k, V, add)


@wrong(
    TASK,
    0,
    "the sum over the text",
    "nats are per symbol: divide by how many symbols were predicted.",
)
def total(train, test, k, V, add=0.1):
    return nats(train, test, k, V, add) * (len(test) - k)


@wrong(
    TASK,
    0.5,
    "divided by N, not by N - k",
    "The first k symbols are context only. They are not predicted and do not count.",
)
def by_all(train, test, k, V, add=0.1):
    return nats(train, test, k, V, add) * (len(test) - k) / len(test)


@wrong(
    TASK,
    0,
    "the perplexity",
    "exp of the nats is the perplexity. Nats are asked for.",
)
def perplexity(train, test, k, V, add=0.1):
    return math.exp(nats(train, test, k, V, add))


@wrong(
    TASK,
    0,
    "the sign is missing",
    "ln p is negative. The surprise is - ln p.",
)
def negative(train, test, k, V, add=0.1):
    return -nats(train, test, k, V, add)


@wrong(
    TASK,
    0.5,
    "a window of k - 1 symbols",
    "k symbols before the target are the context, and the run has k + 1.",
)
def narrow(train, test, k, V, add=0.1):
    return nats(train, test[min(k, 1) :], max(k - 1, 0), V, add)
