"""Misconceptions of encode(train, seq) and decode(train, ids)."""

from collections import Counter

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
ENCODE, DECODE = "encode", "decode"
FIRST = (
    "ids in the order of first appearance",
    "Sorted is what the task says: then the ids follow from which symbols there are, "
    "and not from where they stand.",
)
OFTEN = (
    "ids in the order of frequency",
    "That is a good order where the vocabulary is cut. Here the task says sorted.",
)


def numbered(symbols, start=2):
    """Return symbol -> id, counted from start."""
    return {symbol: n for n, symbol in enumerate(symbols, start)}


def looked_up(ids, seq, unknown=1):
    """Return the ids of seq."""
    return np.array([ids.get(symbol, unknown) for symbol in seq])


@wrong(
    ENCODE,
    0,
    "the first symbol has id 0, as padding has",
    "Then nobody can tell it from padding later. Count from 2: 0 and 1 are taken.",
)
def from_zero(train, seq):
    return looked_up(numbered(sorted(set(train)), 0), seq)


@wrong(
    ENCODE,
    0,
    "the first symbol has id 1, as the unknown ones have",
    "Two ids are taken, 0 for padding and 1 for what is unknown. Count from 2.",
)
def from_one(train, seq):
    return looked_up(numbered(sorted(set(train)), 1), seq)


@wrong(
    ENCODE,
    1.25,
    "unknown symbols become padding",
    "Padding is where nothing was; here something was. Its id is 1.",
)
def unknown_as_padding(train, seq):
    return looked_up(numbered(sorted(set(train))), seq, unknown=0)


@wrong(
    ENCODE,
    1.25,
    "unknown symbols are left out",
    "Then the rest moves up, and targets and masks no longer fit. Put a 1 there.",
)
def unknown_left_out(train, seq):
    ids = numbered(sorted(set(train)))
    return np.array([ids[symbol] for symbol in seq if symbol in ids])


@wrong(ENCODE, 1.25, *FIRST)
def by_appearance(train, seq):
    return looked_up(numbered(dict.fromkeys(train)), seq)


@wrong(
    ENCODE,
    1.25,
    "ids in the order of a set",
    "A set of strings has another order in each run of Python, so that a stored model "
    "would read other words tomorrow. Sort it.",
)
def by_set(train, seq):
    return looked_up(numbered(set(train)), seq)


@wrong(ENCODE, 1.25, *OFTEN)
def by_frequency(train, seq):
    return looked_up(numbered(s for s, _ in Counter(train).most_common()), seq)


@wrong(
    ENCODE,
    0,
    "the vocabulary of seq, not of train",
    "Ids must mean the same in every sequence: number the symbols of train, and look "
    "those of seq up.",
)
def of_the_sequence(train, seq):
    return looked_up(numbered(sorted(set(seq))), seq)


def spelled(symbols, ids):
    """Return the symbols of ids, padding left out; symbols has the specials too."""
    return [symbols[int(n)] for n in ids if n != 0]


@wrong(
    DECODE,
    0.5,
    "padding left in the decoded text",
    "Padding was added to fill an array. It is no part of the text: leave it out.",
)
def with_padding(train, ids):
    symbols = ["<pad>", "<unk>", *sorted(set(train))]
    return [symbols[n] for n in ids]


@wrong(
    DECODE,
    0.5,
    "unknown symbols left out",
    'Something stood there, and the reader should see that: "<unk>".',
)
def without_unknown(train, ids):
    symbols = sorted(set(train))
    return [symbols[n - 2] for n in ids if n > 1]


@wrong(
    DECODE,
    0.5,
    "ids 0 and 1 taken for places from the end",
    "symbols[n - 2] with n = 1 is symbols[-1], the last one, without a complaint. Put "
    "the two specials in front of the list.",
)
def from_the_end(train, ids):
    symbols = sorted(set(train))
    return [symbols[n - 2] for n in ids]


@wrong(
    DECODE,
    0,
    "one of the two specials forgotten in the count",
    "The first symbol of train has id 2, because 0 and 1 are taken.",
)
def one_late(train, ids):
    symbols = dict(enumerate(sorted(set(train)), 1))
    return [symbols.get(int(n), "<unk>") for n in ids if n != 0]


@wrong(DECODE, 0, *FIRST)
def in_appearance(train, ids):
    return spelled(["<pad>", "<unk>", *dict.fromkeys(train)], ids)


@wrong(DECODE, 0, *OFTEN)
def in_frequency(train, ids):
    return spelled(
        ["<pad>", "<unk>", *(s for s, _ in Counter(train).most_common())], ids
    )


@wrong(
    DECODE,
    0,
    "the symbols joined to one string",
    'A list of symbols is asked for. "".join is right for characters alone.',
)
def joined(train, ids):
    return "".join(spelled(["<pad>", "<unk>", *sorted(set(train))], ids))
