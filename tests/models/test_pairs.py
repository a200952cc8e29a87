"""Pairs of sequences as batches, and back."""

import pytest
import torch

from course_pkg.models.pairs import END, START, Pairs
from course_pkg.vocab import PAD, UNK

PAIRS = [("ab", "xyz"), ("c", "z"), ("abca", "")]


def test_a_batch_has_start_end_and_padding_behind():
    sides = Pairs.of(PAIRS)
    x, lengths, y, mask = sides.batch(PAIRS)
    assert sides.source.symbols == (PAD, UNK, *"abc")
    assert sides.target.symbols == (PAD, UNK, START, END, *"xyz")
    assert x.T.tolist() == [[2, 3, 0, 0], [4, 0, 0, 0], [2, 3, 4, 2]]
    assert lengths.tolist() == [2, 1, 4]
    assert y.T.tolist() == [[2, 4, 5, 6, 3], [2, 6, 3, 0, 0], [2, 3, 0, 0, 0]]
    assert mask[..., 0].T.tolist() == [
        [1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 0, 0],
    ]
    assert (mask.shape, x.dtype, y.dtype) == ((5, 3, 1), torch.int64, torch.int64)
    assert sides.ends == (2, 3)
    again, n = sides.sources([x for x, _ in PAIRS])
    assert (again == x).all()
    assert (n == lengths).all()


def test_words_are_symbols_as_well_and_rare_ones_are_unknown():
    sides = Pairs.of([(["go", "now"], ["va"]), (["go"], ["va", "donc"])], size=5)
    assert sides.source.symbols == (PAD, UNK, "go", "now")
    assert sides.target.symbols == (PAD, UNK, START, END, "va")
    assert sides.batch([(["go", "away"], ["donc"])])[2].T.tolist() == [[2, 1, 3]]
    assert sides.source.encode(["go", "away"]).tolist() == [2, 1]


def test_what_was_written_ends_at_the_end():
    sides = Pairs.of(PAIRS)
    y = sides.batch(PAIRS)[2]
    assert ["".join(sides.written(ids)) for ids in y.T] == [y for _, y in PAIRS]
    assert sides.written([4, 5]) == ["x", "y"]
    assert sides.written([4, 3, 5, 3]) == ["x"]


def test_no_pair_is_no_batch():
    with pytest.raises(ValueError, match=r"^seqs: expected one sequence or more"):
        Pairs.of(PAIRS).batch([])
