"""Counting models against counts by hand, closed forms and known entropies."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import chance

from course_pkg.ngrams import NGram

IDS = st.lists(st.integers(0, 3), min_size=4, max_size=40)


def test_two_symbols_by_hand():
    """0 0 1 0 1: after 0 come 0 1 1, after 1 comes 0; add 1 to each of 2."""
    model = NGram(2, V=2, add=1).fit([0, 0, 1, 0, 1])
    assert model.probabilities([0]) == pytest.approx([2 / 5, 3 / 5])
    assert model.probabilities([1]) == pytest.approx([2 / 3, 1 / 3])
    want = -(math.log(3 / 5) + math.log(1 / 3) + math.log(2 / 3)) / 3
    assert model.nats([0, 1, 1, 0]) == pytest.approx(want, rel=1e-12)
    assert model.perplexity([0, 1, 1, 0]) == pytest.approx(math.exp(want))


def test_the_context_lies_before_the_symbol_in_the_order_of_the_text():
    model = NGram(3, V=3, add=1e-9).fit([0, 1, 2])
    assert model.probabilities([0, 1]) == pytest.approx([0, 0, 1], abs=1e-8)
    assert model.probabilities([1, 0]) == pytest.approx([1 / 3] * 3)


@given(IDS, st.integers(1, 4), st.floats(0.01, 2))
def test_each_context_has_a_distribution(ids, order, add):
    model = NGram(order, 4, add).fit(ids)
    context = ids[: order - 1]
    p = model.probabilities(context)
    assert p.sum() == pytest.approx(1)
    assert (p > 0).all()


@given(IDS, IDS, st.integers(1, 4))
def test_nats_are_the_mean_over_the_probabilities(ids, text, order):
    model = NGram(order, 4).fit(ids)
    at = range(order - 1, len(text))
    ps = [model.probabilities(text[t - order + 1 : t])[text[t]] for t in at]
    assert model.nats(text) == pytest.approx(-np.log(ps).mean(), rel=1e-9)


@given(IDS, st.integers(1, 3), st.integers(1, 3))
def test_all_texts_of_a_length_have_probability_one_together(ids, order, length):
    model, start = NGram(order, 4).fit(ids), tuple(ids[: order - 1])
    texts = [start + text for text in itertools.product(range(4), repeat=length)]
    p = [math.exp(-length * model.nats(text)) for text in texts]
    assert math.fsum(p) == pytest.approx(1)
    uncertain = [model.perplexity(text) for text in texts]
    assert min(uncertain) >= 1
    assert math.exp(np.log(uncertain).mean()) >= 4 - 1e-9


def test_a_model_without_counts_is_uniform():
    assert NGram(3, 65).nats(np.arange(65)) == pytest.approx(math.log(65))
    unseen = NGram(2, 5).fit([0, 1]).nats([3, 4, 3])
    assert unseen == pytest.approx(math.log(5))


def test_order_1_reaches_the_entropy_of_its_own_text():
    ids = np.repeat([0, 1, 2], [1, 2, 5])
    p = np.array([1, 2, 5]) / 8
    nats = NGram(1, 3, add=1e-12).fit(ids).nats(ids)
    assert nats == pytest.approx(-(p * np.log(p)).sum(), rel=1e-9)


def test_fitting_again_forgets_and_measuring_does_not_count():
    model = NGram(2, 3).fit([0, 1, 0, 1])
    model.fit([2, 2, 2])
    before = model.nats([2, 2])
    model.nats([0, 1, 0, 1, 0])
    model.probabilities([0])
    assert model.nats([2, 2]) == before
    assert model == NGram(2, 3).fit([2, 2, 2])


@pytest.mark.parametrize("order", [1, 2, 3])
def test_samples_follow_the_distribution(order):
    rng = np.random.default_rng(5)
    ids = rng.choice(3, size=60, p=[0.6, 0.3, 0.1])
    model, start = NGram(order, 3).fit(ids), [0, 1][: order - 1]
    draws = [model.sample(rng, 1, start)[0] for _ in range(15000)]
    assert chance(np.bincount(draws, minlength=3), model.probabilities(start)) > 1e-6


def test_a_sample_goes_on_from_its_own_symbols():
    circle = NGram(3, 3, add=1e-12).fit([0, 1, 2] * 5)
    rng = np.random.default_rng(0)
    got = circle.sample(rng, 7, start=[2, 2, 0, 1])
    assert got.dtype == np.int64
    assert got.tolist() == [2, 0, 1, 2, 0, 1, 2]
    free = circle.sample(rng, 9)
    assert set(np.diff(free) % 3) == {1}
    assert circle.sample(rng, 0).shape == (0,)


def test_a_sample_begins_where_the_text_often_is():
    """Nine of ten contexts are 0; 1 is followed by 1 alone."""
    model = NGram(2, 2, add=1e-9).fit([0] * 91 + [1] * 11)
    rng = np.random.default_rng(0)
    ones = sum(int(model.sample(rng, 1)[0]) for _ in range(2000))
    assert ones == pytest.approx(2000 * 11 / 101, abs=100)


def test_samples_are_those_of_the_seed():
    model = NGram(2, 4).fit([0, 1, 2, 3, 1, 0, 2])
    a, b, c = (model.sample(np.random.default_rng(s), 30) for s in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


MODEL = NGram(2, 3).fit([0, 1, 2])
ERRORS = {
    "order: expected a number ≥ 1, got 0": lambda: NGram(0, 3),
    "V: expected a number ≥ 1, got 0": lambda: NGram(1, 0),
    "add: expected a number > 0, got 0": lambda: NGram(1, 3, add=0),
    "ids: expected at least order = 2 symbols, got 1": lambda: MODEL.nats([1]),
    "ids: expected numbers in 0..V-1 = 0..2, got 0..3": lambda: MODEL.fit([0, 3]),
    "ids: expected numbers in 0..V-1 = 0..2, got -1..1": lambda: MODEL.nats([-1, 1]),
    "^ids: expected at least order = 2 symbols, got 0": lambda: MODEL.fit([]),
    "^ids: expected at least order = 2 symbols, got 1$": lambda: MODEL.perplexity([1]),
    "^ids: expected numbers in 0..V-1 = 0..2, got 1..7": lambda: MODEL.perplexity(
        [1, 7]
    ),
    "context: expected order - 1 = 1 ids, got 2": lambda: MODEL.probabilities([1, 1]),
    "start: expected 1 ids before `fit`": lambda: NGram(2, 3).sample(
        np.random.default_rng(0), 3
    ),
}


@pytest.mark.parametrize("message", ERRORS)
def test_bad_input_is_named(message):
    with pytest.raises(ValueError, match=message):
        ERRORS[message]()
