"""Probes of the word `sequences`: call an answer, bring back numbers.

A comparison knows real numbers only: so ids come back as floats, and symbols as their
places in a list. What is no list of integers or symbols comes back as it is.
"""

from itertools import islice
from typing import Any

import numpy as np
import torch

from course_pkg.check.case import Answer, Inputs
from course_pkg.check.probes.shared import thrice

MANY = 20  # windows, at most: a generator may have no end
SPECIALS = ["<pad>", "<unk>"]


def whole(x: Any) -> Any:
    """Return integers, in a list or an array, as an array of floats."""
    if type(x) is torch.Tensor:
        x = x.detach().cpu().numpy()
    if type(x) in (list, tuple) and all(isinstance(n, (int, np.integer)) for n in x):
        x = np.array([int(n) for n in x], dtype=np.int64)
    integers = type(x) is np.ndarray and x.dtype.kind in "iu"
    return x.astype(float) if integers else x


def encode(answer: Answer, inputs: Inputs) -> Any:
    """Call encode and return the ids as they are."""
    return whole(answer(inputs["train"], inputs["seq"]))


def encode_apart(answer: Answer, inputs: Inputs) -> Any:
    """Call encode; return the sorted ids of the vocabulary, and each id's symbol.

    The second is the place in the sorted vocabulary, -1 for id 1 and -2 for any other
    id: so that every numbering passes that keeps 0 and 1 free.
    """
    known = sorted(set(inputs["train"]))
    ids, found = (whole(answer(inputs["train"], s)) for s in (known, inputs["seq"]))
    if not (type(ids) is type(found) is np.ndarray):
        return ids, found
    place = {float(n): v for v, n in enumerate(ids.ravel())} | {1.0: -1}
    symbols = [float(place.get(float(n), -2)) for n in found.ravel()]
    return np.sort(ids), np.array(symbols).reshape(found.shape)


def decode(answer: Answer, inputs: Inputs) -> Any:
    """Call decode and return each symbol's place in the vocabulary, -1 for others."""
    place = {s: n for n, s in enumerate(SPECIALS + sorted(set(inputs["train"])))}
    found = answer(inputs["train"], inputs["ids"])
    if type(found) not in (list, tuple, str, np.ndarray):
        return found
    return np.array([place.get(str(s), -1) for s in found], dtype=float)


def padded(answer: Answer, inputs: Inputs) -> Any:
    """Call padded; what stands in the padding is blanked, unless it is not finite."""
    seqs = inputs["seqs"]
    found = answer(seqs)
    if type(found) not in (list, tuple) or len(found) != 3:
        return found
    x, lengths, mask = whole(found[0]), whole(found[1]), found[2]
    true = np.arange(max(map(len, seqs)))[:, None] < [len(s) for s in seqs]
    if type(x) is np.ndarray and x.shape[:2] == true.shape and x.dtype.kind == "f":
        x = x * true.reshape(*true.shape, *[1] * (x.ndim - 2))
    return x, lengths, mask


def windows(answer: Answer, inputs: Inputs) -> Any:
    """Call windows and collect x, y and first of each."""
    found = answer(inputs["ids"], inputs["T"], inputs["B"])
    if found is None:
        return None
    return [_window(row) for row in islice(iter(found), MANY)]


def _window(row: Any) -> Any:
    """Return (x, y, first) in numbers; what is no such triple as it is."""
    if type(row) not in (list, tuple) or len(row) != 3:
        return row
    x, y, first = row
    truth = isinstance(first, (bool, int, np.bool_))
    return whole(x), whole(y), float(first) if truth else first


def ngram_nats(answer: Answer, inputs: Inputs) -> Any:
    """Call ngram_nats, with a first count if drawn."""
    add = (inputs["add"],) if "add" in inputs else ()
    return answer(inputs["train"], inputs["test"], inputs["k"], inputs["V"], *add)


def nearest(answer: Answer, inputs: Inputs) -> Any:
    """Call nearest and return the numbers of the rows."""
    found = answer(inputs["E"], inputs["v"], inputs["exclude"], inputs["k"])
    return whole(found)


def padded_thrice(answer: Answer, inputs: Inputs) -> Any:
    """Call padded twice on the same batch, then on the batch in reverse order."""
    turned = {"seqs": inputs["seqs"][::-1]}
    return [padded(answer, given) for given in (inputs, inputs, turned)]


encode_thrice = thrice(encode, "encode_thrice")
decode_thrice = thrice(decode, "decode_thrice")
windows_thrice = thrice(windows, "windows_thrice")
ngram_nats_thrice = thrice(ngram_nats, "ngram_nats_thrice")
nearest_thrice = thrice(nearest, "nearest_thrice")
