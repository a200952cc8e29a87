"""Vocabularies: there and back, whatever the symbols."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_pkg.vocab import UNK, Vocab, characters, words

SYMBOL = st.text(max_size=3).filter(lambda s: s not in ("<pad>", "<unk>"))
TEXT = st.lists(SYMBOL, max_size=20)


@given(TEXT)
def test_encoding_and_back_is_the_same_text(text):
    vocab = Vocab.of(text)
    ids = vocab.encode(text)
    assert ids.dtype == np.int64
    assert ids.shape == (len(text),)
    assert vocab.decode(ids) == text


@given(TEXT)
def test_ids_are_the_numbers_from_0_and_the_specials_come_first(text):
    vocab = Vocab.of(text)
    assert vocab.symbols[:2] == ("<pad>", "<unk>")
    assert sorted(vocab.ids.values()) == list(range(len(vocab)))
    assert len(vocab) == len(set(text)) + 2
    assert (vocab.encode(text) >= 2).all()


@given(TEXT, st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_the_order_of_the_text(text, random):
    mixed = random.sample(text, len(text))
    assert Vocab.of(text) == Vocab.of(mixed)


@given(TEXT, TEXT)
def test_unknown_symbols_are_unknown_not_padding(text, other):
    vocab = Vocab.of(text)
    back = vocab.decode(vocab.encode(other))
    assert back == [s if s in text else "<unk>" for s in other]


def test_padding_is_left_out_and_only_padding():
    vocab = Vocab.of("ab")
    assert vocab.decode(np.array([0, 2, 0, 1, 3, 0])) == ["a", "<unk>", "b"]


def test_a_text_may_hold_the_mark_for_the_unknown():
    vocab = Vocab.of(["the", "<unk>", "cat"])
    assert vocab.symbols == ("<pad>", "<unk>", "cat", "the")
    assert vocab.encode(["<unk>", "dog"]).tolist() == [1, 1]


def test_without_specials_the_first_symbol_has_id_0():
    vocab = Vocab.of("banana", specials=())
    assert vocab.symbols == ("a", "b", "n")
    assert vocab.decode([0, 1]) == ["a", "b"]


def test_a_size_keeps_the_most_frequent_and_breaks_ties_by_the_alphabet():
    text = ["to", "be", "or", "not", "to", "be", "that", "is"]
    assert Vocab.of(text, size=5).symbols == ("<pad>", "<unk>", "be", "is", "to")
    assert len(Vocab.of(text, size=2)) == 2


@given(TEXT, st.integers(2, 12))
def test_what_a_size_drops_is_not_more_frequent_than_what_it_keeps(text, size):
    small, counts = Vocab.of(text, size=size), Counter(text)
    assert len(small) == min(size, len(Vocab.of(text)))
    kept = set(small.symbols[2:])
    dropped = set(text) - kept
    least = min((counts[s] for s in kept), default=0)
    assert not (kept and dropped) or least >= max(counts[s] for s in dropped)
    assert small.decode(small.encode(text)) == [s if s in kept else UNK for s in text]


@given(st.text())
def test_characters_join_to_the_text(text):
    assert "".join(characters(text)) == text


def test_words_part_with_punctuation_and_keep_apostrophes():
    got = words("Don't stop, l’été is (nearly) here!")
    assert got[:3] == ["Don't", "stop", ","]
    assert got[3:] == ["l’été", "is", "(", "nearly", ")", "here", "!"]


@given(st.text())
def test_words_lose_nothing_but_white_space(text):
    assert "".join(words(text)) == "".join(text.split())


ERRORS = {
    'symbols: expected a text without "<pad>"': lambda: Vocab.of(["a", "<pad>"]),
    r"symbols: expected distinct symbols, got \['a'\]": lambda: Vocab(("a", "b", "a")),
    r"symbols: expected distinct symbols, got \['x'\]": lambda: Vocab.of(
        "ab", specials=("x", "x")
    ),
    "size: expected at least 2, the specials, got 1": lambda: Vocab.of("ab", size=1),
    r"seq: expected known symbols, or a <unk>, got \['z'\]": lambda: Vocab.of(
        "ab", specials=()
    ).encode("az"),
    r"ids: expected numbers in 0..V-1 = 0..3, got \[4\]": lambda: Vocab.of("ab").decode(
        [2, 4]
    ),
    r"ids: expected numbers in 0..V-1 = 0..3, got \[-1\]": lambda: Vocab.of(
        "ab"
    ).decode([-1]),
}


@pytest.mark.parametrize("message", ERRORS)
def test_bad_input_is_named(message):
    with pytest.raises(ValueError, match=message):
        ERRORS[message]()
