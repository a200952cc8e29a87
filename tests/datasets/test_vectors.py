"""Word vectors: what is counted, what is kept of it, and who is near whom."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_pkg import datasets
from course_pkg.datasets.vectors import near

SENTENCES = [line.split() for line in ("a b c", "c x b", "b")]


def test_neighbours_are_counted_both_ways_within_the_width():
    assert near(SENTENCES, "abc", 1).tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert near(SENTENCES, "abc", 2).tolist() == [[0, 1, 1], [1, 0, 2], [1, 2, 0]]


def test_word_vectors_have_the_positive_information_as_products():
    """At full size E Eᵀ squares to M Mᵀ, with M computed here entry by entry."""
    rows = [["a", "b"]] * 4 + [["a", "c"]] + [["d", "c"]] * 2
    N = near(rows, "abcd", 3)
    assert N[0, 2] * N.sum() < N[0].sum() * N[2].sum(), "a pair rarer than by chance"
    M = np.zeros((4, 4))
    for v, w in np.ndindex(4, 4):
        if N[v, w]:
            ratio = N[v, w] * N.sum() / (N[v].sum() * N[w].sum())
            M[v, w] = max(0, np.log(ratio))
    E = datasets.word_vectors(rows, "abcd", size=4)
    P = E @ E.T
    assert pytest.approx(M @ M.T, abs=1e-12) == P @ P
    cut = datasets.word_vectors(rows, "abcd", size=2)
    assert abs(cut) == pytest.approx(abs(E[:, :2]))


def test_words_in_the_same_company_are_close():
    text = [f"{who} drinks {what}".split() for who in ("he", "she") for what in "tw"]
    text += [f"{who} eats {what}".split() for who in ("he", "she") for what in "bc"]
    words = ["he", "she", "t", "w", "b", "c", "drinks", "eats"]
    E = datasets.word_vectors(text, words, size=4)
    E = E / np.linalg.norm(E, axis=1, keepdims=True)
    like = E @ E.T
    assert like[2, 3] > 0.99
    assert like[2, 4] < 0.5


def best_by_torch(E, v, exclude, k):
    like = torch.cosine_similarity(torch.tensor(E), torch.tensor(v)[None])
    like[list(exclude)] = -np.inf
    return like.topk(k).indices.tolist()


@given(st.integers(0, 2**32), st.integers(0, 3), st.integers(1, 4))
def test_the_nearest_are_those_with_the_largest_cosine(seed, excluded, k):
    rng = np.random.default_rng(seed)
    E = rng.normal(size=(9, 4)) * rng.uniform(0.1, 10, (9, 1))
    v = rng.normal(size=4)
    out = {int(n) for n in rng.choice(9, excluded, replace=False)}
    assert datasets.nearest(E, v, out, k) == best_by_torch(E, v, out, k)


def test_length_does_not_count_and_a_row_of_zeros_comes_last():
    E = np.array([[9.0, 9.0], [0.0, 0.0], [0.1, 0.0], [-1.0, 0.0]])
    assert datasets.nearest(E, np.array([5.0, 0.0]), k=4) == [2, 0, 3, 1]


E = np.ones((3, 2))
ERRORS = {
    "width: expected a number ≥ 1, got 0": lambda: datasets.word_vectors(
        SENTENCES, "abc", 0, 2
    ),
    "size: expected a number in 1..V = 1..3, got 4": lambda: datasets.word_vectors(
        SENTENCES, "abc", 1, 4
    ),
    r"v: expected \(size,\) = \(2,\), got \(3,\)": lambda: datasets.nearest(
        E, np.ones(3)
    ),
    "k: expected a number in 1..2, the rows left, got 3": lambda: datasets.nearest(
        E, E[0], {1}, 3
    ),
    "k: expected a number in 1..3, the rows left, got 0": lambda: datasets.nearest(
        E, E[0], k=0
    ),
}


@pytest.mark.parametrize("message", ERRORS)
def test_bad_input_is_named(message):
    with pytest.raises(ValueError, match=message):
        ERRORS[message]()
