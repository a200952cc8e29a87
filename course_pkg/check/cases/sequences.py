"""The cases of the word `sequences`: what is asked, what is right, what it is worth.

The last case of every task, "tidy", wants right values and good manners: arguments as
they were, and the same result on a second call.
"""

from functools import partial as p
from typing import Any

import numpy as np

from course_pkg import batches
from course_pkg.check.case import Case, Form
from course_pkg.check.cases import sequences_draws as draws
from course_pkg.check.cases.sequences_models import counting_cases, nearest_cases
from course_pkg.check.cases.shared import MANNERS, TIDY, TIDY_ALONE, by_probe, thrice
from course_pkg.check.probes import sequences as probes
from course_pkg.vocab import Vocab


def encode(train: list[str], seq: list[str]) -> np.ndarray:
    """Return ids of seq: 0 padding, 1 unknown, then the sorted symbols of train."""
    return Vocab.of(train).encode(seq)


def decode(train: list[str], ids: np.ndarray) -> list[str]:
    """Return the symbols of ids, padding left out."""
    return Vocab.of(train).decode(ids)


# Symbols ------------------------------------------------------------------------------


def encode_cases() -> list[Case]:
    """Return the cases of encode: 2 points."""
    apart, once, many = probes.encode_apart, probes.encode, probes.encode_thrice
    right, raw, all_right = (by_probe(q, encode) for q in (apart, once, many))
    form: Form = (("ids of the vocabulary", "V"), ("symbols of seq", "T"))
    free = "Ids 0 and 1 are taken; the distinct symbols of train have 2, 3, …, V + 1."
    strange = "A symbol that train does not have gets id 1, and stays in its place."
    order = (
        "Sort the symbols: then the ids are the same tomorrow. A set has another order "
        "in each run."
    )
    new = p(draws.symbols, unknown=True)
    return [
        Case("ids of known symbols", 0.75, draws.symbols, apart, right, form, free),
        Case("unknown symbols", 0.5, new, apart, right, form, strange),
        Case("the same ids in every run", 0.5, draws.symbols, once, raw, "T", order),
        Case(TIDY_ALONE, 0.25, new, many, all_right, thrice("T"), MANNERS, tidy=True),
    ]


def decode_cases() -> list[Case]:
    """Return the cases of decode: 1 point."""
    once, many = probes.decode, probes.decode_thrice
    right, all_right = by_probe(once, decode), by_probe(many, decode)
    back = "Return a list: id 2 is the first of the sorted symbols of train."
    special = 'Padding is left out; id 1 comes back as "<unk>".'
    all_ids = p(draws.codes, special=True)
    tidy = thrice("T")
    return [
        Case("known symbols", 0.5, draws.codes, once, right, "T", back),
        Case("padding, unknown", 0.25, all_ids, once, right, "T", special),
        Case(TIDY_ALONE, 0.25, all_ids, many, all_right, tidy, MANNERS, tidy=True),
    ]


# Batches ------------------------------------------------------------------------------


def padded_form(x: Any, lengths: Any, mask: Any) -> Form:
    """Return the form of (x, lengths, mask); None is not looked at."""
    return (("x", x), ("lengths", lengths), ("mask", mask))


def padded_cases() -> list[Case]:
    """Return the cases of padded: 4 points."""
    once, many = probes.padded, probes.padded_thrice
    right = by_probe(once, batches.padded)
    all_right = by_probe(many, batches.padded)
    seq, vectors = draws.ragged, p(draws.ragged, width=3)
    whole = padded_form("T B I", "B", "T B 1")
    x, n = padded_form("T B", None, None), padded_form(None, "B", None)
    m = padded_form(None, None, "T B 1")
    fill = "Column b holds sequence b from the top; T is the length of the longest."
    mask = (
        "The mask is 1.0 for t < lengths[b], else 0.0, of shape (T, B, 1). The values "
        "do not tell: data may be 0."
    )
    each = "Vectors: one axis more, x is (T, B, I). The mask stays (T, B, 1)."
    tidy = thrice(whole)
    return [
        Case("x", 0.75, seq, once, right, x, fill),
        Case("lengths", 0.5, seq, once, right, n, "How long each sequence is."),
        Case("mask", 1.0, seq, once, right, m, mask),
        Case("sequences of vectors", 1.0, vectors, once, right, whole, each),
        Case(TIDY, 0.75, vectors, many, all_right, tidy, MANNERS, tidy=True),
    ]


def window_form(x: Any, y: Any, first: Any) -> Form:
    """Return the form of three windows of (x, y, first); None is not looked at."""
    row = (("x", x), ("y", y), ("first", first))
    return tuple((f"window {n}", row) for n in range(3))


def window_cases() -> list[Case]:
    """Return the cases of windows: 4 points."""
    once, many = probes.windows, probes.windows_thrice
    right = by_probe(once, batches.windows)
    all_right = by_probe(many, batches.windows)
    text, rest = draws.text, p(draws.text, rest=True)
    whole, x = window_form("T B", "T B", ""), window_form("T B", None, None)
    y, first = window_form(None, "T B", None), window_form(None, None, "")
    column = (
        "Cut the text into B pieces of n symbols, one for each column; window i has "
        "rows i T to (i + 1) T."
    )
    next_ = "The target is the symbol after x's in the text, also at a piece's end."
    carry = "True for the first window alone: there no state is carried in."
    end = "n = (N - 1) // B rows. The last window has what is left, fewer than T rows."
    return [
        Case("x", 1.0, text, once, right, x, column),
        Case("y", 1.0, text, once, right, y, next_),
        Case("first", 0.5, text, once, right, first, carry),
        Case("a shorter last window", 0.75, rest, once, right, whole, end),
        Case(
            TIDY_ALONE, 0.75, rest, many, all_right, thrice(whole), MANNERS, tidy=True
        ),
    ]


CASES = {
    "encode": encode_cases(),
    "decode": decode_cases(),
    "padded": padded_cases(),
    "windows": window_cases(),
    "ngram_nats": counting_cases(),
    "nearest": nearest_cases(),
}
