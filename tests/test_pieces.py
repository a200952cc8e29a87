"""Byte-pair pieces: any text there and back, and merges as they are defined."""

import copy
import json
import pickle
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import complains

from course_pkg.pieces import Pieces

TRAIN = "the cat sat on the mat, the cat on the hat; ça va? ça va 😀😀\n" * 3
PIECES = Pieces.of(TRAIN, 300)  # 281: then no pair is left that occurs twice
LETTERS = st.text("ab ", min_size=4, max_size=60)


@given(st.text() | st.sampled_from(["<pad>", "a\x00b", "\r\n \t ", "e\u0301", TRAIN]))
def test_any_text_comes_back(text):
    ids = PIECES.encode(text)
    assert ids.dtype == np.int64
    assert ids.shape == (len(ids),)
    assert ((ids >= 1) & (ids < len(PIECES))).all()
    assert PIECES.decode(ids) == text
    assert len(ids) <= len(text.encode())


@given(st.text(), st.text())
def test_pieces_are_those_of_the_training_text(train, other):
    """Nothing is learned from what is only encoded."""
    pieces = Pieces.of(train, 270)
    before = pieces.symbols
    assert pieces.decode(pieces.encode(other)) == other
    assert pieces.symbols == before
    assert pieces == Pieces.of(train, 270)
    for left, right in pieces.merges:
        ids = [pieces.ids[left + right]]
        piece = pieces.bpe.decode([ids[0] - 1])
        assert "\ufffd" in piece or piece in train


def split(text):
    """Cut a text of letters and spaces as GPT-2 does: a space goes with its word."""
    cut = []
    for n, word in enumerate(text.split(" ")):
        cut.append((" " if n else "") + word)
    # A word that is a space alone joins those after it, all but the last one.
    runs, spaces = [], ""
    for word in cut:
        if word == " ":
            spaces += " "
        elif word:
            runs += [spaces, word] if spaces else [word]
            spaces = ""
    return [list(run.replace(" ", "Ġ")) for run in [*runs, spaces] if run]


def join(words, pair):
    """Replace a pair of neighbours by one piece wherever it stands, from the left."""
    done = []
    for word in words:
        new = []
        for piece in word:
            new.append(piece)
            if len(new) > 1 and (new[-2], new[-1]) == pair:
                new[-2:] = ["".join(pair)]
        done.append(new)
    return done


def counts(words):
    return Counter(pair for word in words for pair in pairwise(word))


@given(LETTERS, LETTERS, st.integers(257, 275))
def test_merges_are_the_most_frequent_pairs_and_encoding_repeats_them(text, new, size):
    pieces = Pieces.of(text, size)
    words, others = split(text), split(new)
    for pair in pieces.merges:
        now = counts(words)
        assert now[pair] == max(now.values()) >= 2
        words, others = join(words, pair), join(others, pair)
    assert len(pieces) <= size
    if len(pieces) < size:
        assert max(counts(words).values(), default=0) < 2
    for own, mine in ((text, words), (new, others)):
        got = [pieces.symbols[n] for n in pieces.encode(own)]
        assert got == [piece for word in mine for piece in word]


def test_learning_is_the_same_each_time():
    """Ties are many here: every pair of letters occurs as often as the next."""
    text = " ".join(a + b for a in "abcdefghij" for b in "klmnopqrst") * 2
    first = Pieces.of(text, 400)
    assert len(first.merges) > 100
    for _ in range(4):
        again = Pieces.of(text, 400)
        assert again == first
        assert again.symbols == first.symbols


def test_symbols_are_specials_bytes_and_merges_in_order():
    pieces = Pieces.of("low lower lowest low", 260, specials=("<pad>", "<s>", "</s>"))
    assert pieces.symbols[:3] == ("<pad>", "<s>", "</s>")
    assert len(pieces) == 260 == len(set(pieces.symbols))
    assert pieces.merges == (("l", "o"),)
    assert pieces.symbols[-1] == "lo"
    assert pieces.encode("lo").tolist() == [259] == [pieces.ids["lo"]]
    assert [pieces.ids[s] for s in pieces.symbols] == list(range(260))
    assert pieces.decode([1, 259, 0, 2, 0]) == "lo"
    assert (pieces.encode("</s><pad><s>") >= 3).all()


def test_a_special_goes_before_a_piece_spelt_like_it():
    pieces = Pieces.of("end end", 270, specials=("end",))
    assert pieces.ids["end"] == 0
    assert pieces.decode(pieces.encode("end")) == "end"
    assert pieces.decode([0]) == ""


def test_a_frequent_word_is_one_piece_and_a_text_gets_short():
    words = [PIECES.symbols[n] for n in PIECES.encode("the cat")]
    assert words == ["the", "Ġcat"]
    assert len(PIECES.encode(TRAIN)) < len(TRAIN) / 2
    assert len(PIECES.encode("the Cat")) > 2


def test_a_character_that_is_cut_is_marked():
    ids = Pieces.of("", 257).encode("é")
    assert len(ids) == 2
    assert Pieces.of("", 257).decode(ids[:1]) == "\ufffd"


def test_there_and_back_through_a_file(tmp_path):
    pieces = Pieces.of(TRAIN, 290, specials=("<pad>", "größer"))
    pieces.save(tmp_path / "pieces.json")
    again = Pieces.load(str(tmp_path / "pieces.json"))
    facts = json.loads((tmp_path / "pieces.json").read_text("utf8"))
    assert facts.keys() == {"specials", "merges"}
    for other in (again, copy.deepcopy(pieces), pickle.loads(pickle.dumps(pieces))):
        assert other == pieces
        assert hash(other) == hash(pieces)
        assert other.symbols == pieces.symbols
        assert other.encode(TRAIN + "x").tolist() == pieces.encode(TRAIN + "x").tolist()
    assert pieces != PIECES
    assert pieces.symbols[2:] == Pieces.of(TRAIN, 289).symbols[1:]


@pytest.mark.parametrize("content", ["[]", '{"merges": []}', '{"a": 1, "b": 2}'])
def test_a_file_of_another_form_is_named(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_text(content)
    want = 'JSON with "specials" and "merges"'
    with complains(f"{path}: expected {want}, got another form"):
        Pieces.load(path)


def test_a_file_with_merges_that_do_not_follow_is_named(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{"specials": [], "merges": [["ab", "c"]]}')
    want = "merges: expected pairs of pieces that are there by then, got ('ab', 'c')"
    with complains(want):
        Pieces.load(path)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Pieces.of("a", 256),
            "size: expected at least 257, specials and bytes, got 256",
        ),
        (
            lambda: Pieces.of("a", 258, ("<pad>", "<s>", "</s>")),
            "size: expected at least 259, specials and bytes, got 258",
        ),
        (lambda: Pieces.of(["a"], 300), "text: expected a string, got list"),
        (lambda: PIECES.encode(b"a"), "text: expected a string, got bytes"),
        (
            lambda: PIECES.encode("ab\udc00c"),
            "text: expected characters, got half a surrogate pair at 2",
        ),
        (
            lambda: Pieces.of("\ud800", 300),
            "text: expected characters, got half a surrogate pair at 0",
        ),
        (
            lambda: PIECES.decode([1, 300, -1]),
            "ids: expected numbers in 0..V-1 = 0..280, got [300, -1]",
        ),
        (
            lambda: Pieces((("a", "b"), ("abc", "d"))),
            "merges: expected pairs of pieces that are there by then, got ('abc', 'd')",
        ),
        (
            lambda: Pieces((("a", "b", "c"),)),
            "merges: expected pairs of pieces that are there by then, "
            "got ('a', 'b', 'c')",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()
