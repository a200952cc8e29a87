"""Misconceptions of padded(seqs)."""

import numpy as np

from course_pkg import batches
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "padded"


@wrong(
    TASK,
    0.5,
    "(B, T) in place of (T, B)",
    "Time comes first: x[t] is step t of all sequences. Swap the first two axes.",
)
def batch_first(seqs):
    x, lengths, mask = batches.padded(seqs)
    return x.swapaxes(0, 1), lengths, mask.swapaxes(0, 1)


@wrong(
    TASK,
    0.5,
    "padding in front",
    "A network would begin with padding, and the mask t < length would be wrong. "
    "Fill up behind.",
)
def in_front(seqs):
    x, lengths, mask = batches.padded(seqs)
    for b, n in enumerate(lengths):
        x[:, b] = np.roll(x[:, b], len(x) - n, 0)
        mask[:, b] = np.roll(mask[:, b], len(x) - n, 0)
    return x, lengths, mask


@wrong(
    TASK,
    0.5,
    "cut to the shortest sequence",
    "That loses data. T is the length of the longest; fill the others up.",
)
def cut(seqs):
    n = min(map(len, seqs))
    x, _, mask = batches.padded([s[:n] for s in seqs])
    return x, np.array([*map(len, seqs)]), mask


@wrong(
    TASK,
    1.25,
    "the mask made from the values",
    "Data may be 0. Only the lengths tell what is padding.",
)
def from_values(seqs):
    x, lengths, mask = batches.padded(seqs)
    true = x != 0 if x.ndim == 2 else (x != 0).all(-1)
    return x, lengths, true[..., None].astype(mask.dtype)


@wrong(
    TASK,
    1.25,
    "a mask of shape (T, B)",
    "(T, B, 1) can multiply (T, B, H): the last axis is stretched. (T, B) cannot.",
)
def flat(seqs):
    x, lengths, mask = batches.padded(seqs)
    return x, lengths, mask[..., 0]


@wrong(
    TASK,
    1.25,
    "a mask of True and False",
    "1 - mask and mask * h are meant to be arithmetic: use floats.",
)
def boolean(seqs):
    x, lengths, mask = batches.padded(seqs)
    return x, lengths, mask > 0


@wrong(
    TASK,
    1.25,
    "the mask is 1 on padding",
    "It multiplies what should count: 1 on data, 0 on padding.",
)
def inverted(seqs):
    x, lengths, mask = batches.padded(seqs)
    return x, lengths, 1 - mask


@wrong(
    TASK,
    1.25,
    "the mask is one step too long",
    "Steps count from 0, so the last true one is length - 1: t < length.",
)
def one_more(seqs):
    x, lengths, mask = batches.padded(seqs)
    mask[lengths[lengths < len(x)], np.flatnonzero(lengths < len(x))] = 1
    return x, lengths, mask


@wrong(
    TASK,
    1.75,
    "the lengths after padding",
    "All are T then, and nobody needs to be told. Take them before.",
)
def all_equal(seqs):
    x, _, mask = batches.padded(seqs)
    return x, np.full(len(seqs), len(x)), mask


@wrong(
    TASK,
    0,
    "the sequences sorted by length",
    "Their targets would no longer belong to them. Keep the order.",
)
def by_length(seqs):
    return batches.padded(sorted(seqs, key=len, reverse=True))
