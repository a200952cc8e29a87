"""Odd results of the answers to `sequences` are wrong, and said in words."""

from itertools import count

import numpy as np
import pytest
from asking import ANSWERS, report

RIGHT = ANSWERS["sequences"].REFERENCE


def with_nan(seqs):
    x, lengths, mask = RIGHT["padded"](seqs)
    return np.where(mask[..., 0] == 1, x, np.nan), lengths, mask


ODD = {
    "no return": ("windows", lambda ids, T, B: None, "3 results", "got None"),
    "endless": (
        "windows",
        lambda ids, T, B: ((ids, ids, True) for _ in count()),
        "3 results",
        "got a list of 20",
    ),
    "pairs": (
        "windows",
        lambda ids, T, B: [(x, y) for x, y, _ in RIGHT["windows"](ids, T, B)],
        "expected 3 results (x, y, first)",
        "a tuple of 2",
    ),
    "no lengths": (
        "padded",
        lambda seqs: RIGHT["padded"](seqs)[::2],
        "3 results (x, lengths, mask)",
        "a tuple of 2",
    ),
    "NaN in the padding": ("padded", with_nan, "x[", "are NaN or infinite"),
    "symbols for ids": ("encode", lambda train, seq: seq, "of shape", "got a list"),
    "a number for symbols": ("decode", lambda train, ids: 3, "of shape", "the int 3"),
    "words for rows": ("nearest", lambda *args: "ab", "of shape", "got a str"),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_result_is_wrong_with_a_clear_message(kind):
    task, answer, *said = ODD[kind]
    found = report(task, answer, word="sequences")
    assert found.results[0].ok is False
    assert all(text in found.message() for text in said), found.message()
    assert found.misconceptions == []


def test_an_argument_that_is_changed_costs_the_tidy_case():
    def answer(E, v, exclude, k):
        E /= np.linalg.norm(E, axis=1, keepdims=True)
        return RIGHT["nearest"](E, v, exclude, k)

    found = report("nearest", answer, word="sequences")
    assert [r.ok for r in found.results] == [True, True, True, False]
    assert "changes its argument E." in found.message()
