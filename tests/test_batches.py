"""Batches: nothing lost, nothing twice, and time first."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from course_pkg.batches import buckets, padded, reverse_ragged, unpadded, windows

IDS = st.lists(st.integers(0, 9), max_size=7)
LISTS = st.lists(IDS, min_size=1, max_size=6)
KINDS = {"numpy": np.asarray, "torch": torch.as_tensor}


@given(LISTS, st.integers(-3, 9))
def test_padding_and_back(seqs, pad):
    arrays = [np.array(s, dtype=np.int64) for s in seqs]
    x, lengths, mask = padded(arrays, pad)
    assert x.shape == (max(map(len, seqs)), len(seqs))
    assert x.dtype == lengths.dtype == np.int64
    assert mask.shape == (*x.shape, 1)
    assert mask.dtype == np.float32
    assert [row.tolist() for row in unpadded(x, lengths)] == seqs
    assert (x[mask[..., 0] == 0] == pad).all()
    assert (mask.sum((0, 2)) == lengths).all()


@given(LISTS, st.integers(-3, 9))
def test_padding_is_torchs(seqs, pad):
    tensors = [torch.tensor(s, dtype=torch.int64) for s in seqs]
    x, lengths, mask = padded(tensors, pad)
    assert torch.equal(x, pad_sequence(tensors, padding_value=pad))
    assert lengths.tolist() == [len(s) for s in seqs]
    if lengths.min() > 0:
        packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
        assert packed.batch_sizes.tolist() == mask.sum((1, 2)).tolist()


def test_the_mask_says_where_data_is_not_what_it_is():
    x, lengths, mask = padded([[0, 0], [5]])
    assert x.tolist() == [[0, 5], [0, 0]]
    assert lengths.tolist() == [2, 1]
    assert mask[..., 0].tolist() == [[1, 1], [1, 0]]


@given(LISTS)
def test_each_sequence_is_turned_round_and_the_padding_is_not(seqs):
    x, lengths, _ = padded([np.array(s, dtype=np.int64) for s in seqs], pad=-1)
    before = x.copy()
    turned = reverse_ragged(x, lengths)
    assert np.array_equal(x, before)
    assert [row.tolist() for row in unpadded(turned, lengths)] == [
        s[::-1] for s in seqs
    ]
    for b, n in enumerate(lengths):
        assert (turned[n:, b] == -1).all()
    assert np.array_equal(reverse_ragged(turned, lengths), x)


def test_turning_round_keeps_vectors_whole_and_passes_gradients():
    x = torch.arange(24.0).reshape(4, 3, 2).requires_grad_()
    turned = reverse_ragged(x, torch.tensor([4, 0, 2]))
    assert turned[0, 0].tolist() == x[3, 0].tolist()
    assert turned[:, 1].tolist() == x[:, 1].tolist()
    (turned[0, 2] * torch.tensor([2.0, 3.0])).sum().backward()
    assert x.grad.nonzero().tolist() == [[1, 2, 0], [1, 2, 1]]


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([2], r"lengths: expected \(B,\) = \(2,\), got \(1,\)"),
        ([2, 4], r"lengths: expected numbers in 0..T = 0..3, got \[2, 4\]"),
        ([2, -1], r"lengths: expected numbers in 0..T = 0..3, got \[2, -1\]"),
    ],
)
def test_lengths_that_do_not_fit_are_named(lengths, message):
    with pytest.raises(ValueError, match=message):
        reverse_ragged(np.zeros((3, 2)), lengths)


def test_lists_keep_their_ids_integers_beside_an_empty_one():
    x, lengths, _ = padded([[], [3, 4]])
    assert x.dtype == np.int64
    assert x.tolist() == [[0, 3], [0, 4]]
    assert lengths.tolist() == [0, 2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_vectors_keep_dtype_and_kind(kind, dtype):
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(n, 3)).astype(dtype) for n in (2, 5, 1)]
    x, lengths, mask = padded([KINDS[kind](row) for row in rows], pad=7.0)
    for array in (x, lengths, mask):
        assert type(array) is type(KINDS[kind](rows[0]))
    assert tuple(x.shape) == (5, 3, 3)
    assert x.dtype == mask.dtype == KINDS[kind](rows[0]).dtype
    for row, back in zip(rows, unpadded(x, lengths), strict=True):
        assert np.array_equal(row, back)
    assert (x[2:, 0] == 7).all()
    assert (x[1:, 2] == 7).all()


@given(st.integers(1, 5), st.integers(1, 4), st.data())
def test_windows_cover_the_text_once(T, B, data):
    N = data.draw(st.integers(B + 1, 60))
    ids = np.arange(N) + 100
    parts = list(windows(ids, T, B))
    xs = np.concatenate([x for x, _, _ in parts])
    ys = np.concatenate([y for _, y, _ in parts])
    n = (N - 1) // B
    assert xs.shape == ys.shape == (n, B)
    assert np.array_equal(xs.T.ravel(), ids[: n * B])
    assert np.array_equal(ys, xs + 1)
    assert N - 1 - n * B < B
    assert [first for _, _, first in parts] == [True] + [False] * (len(parts) - 1)
    assert all(len(x) == T for x, _, _ in parts[:-1])


def test_windows_take_tensors():
    (x, y, first), *rest = windows(torch.arange(9), 3, 2)
    assert x.tolist() == [[0, 4], [1, 5], [2, 6]]
    assert y.tolist() == [[1, 5], [2, 6], [3, 7]]
    assert first
    assert len(rest) == 1


@given(st.lists(st.integers(0, 30), max_size=50), st.integers(1, 7))
def test_buckets_hold_each_number_once_and_neighbours_in_length(lengths, B):
    groups = buckets(lengths, B, np.random.default_rng(0))
    assert sorted(n for group in groups for n in group) == list(range(len(lengths)))
    assert all(1 <= len(group) <= B for group in groups)
    assert sum(len(group) < B for group in groups) <= 1
    spans = sorted(
        (min(ls), max(ls)) for ls in ([lengths[n] for n in g] for g in groups)
    )
    for (_, high), (low, _) in pairwise(spans):
        assert high <= low


def test_buckets_depend_on_the_generator_alone():
    lengths = [3] * 20 + [5] * 20
    a, b, c = (buckets(lengths, 4, np.random.default_rng(s)) for s in (1, 1, 2))
    assert a == b
    assert a != c
    assert {frozenset(group) for group in a} != {frozenset(group) for group in c}
    short = [max(group) < 20 for group in a]
    assert short != sorted(short, reverse=True), "the groups come in order of length"


RNG = np.random.default_rng(0)
ERRORS = {
    "seqs: expected one sequence or more, got none": lambda: padded([]),
    r"seqs: expected the same width I in all, got \[\(2,\), \(3,\)\]": lambda: padded(
        [np.zeros((1, 2)), np.zeros((1, 3))]
    ),
    r"seqs: expected \(T,\) or \(T, I\)": lambda: padded([np.zeros((1, 2, 3))]),
    r"lengths: expected \(B,\) = \(3,\), got \(2,\)": lambda: unpadded(
        np.zeros((4, 3)), [1, 2]
    ),
    r"lengths: expected numbers in 0..T = 0..4, got \[5\]": lambda: unpadded(
        np.zeros((4, 1)), [5]
    ),
    "T: expected a number ≥ 1, got 0": lambda: windows(np.arange(9), 0, 2),
    "^B: expected a number ≥ 1, got 0": lambda: windows(np.arange(9), 2, 0),
    r"ids: expected at least B \+ 1 = 4 symbols, got 3": lambda: windows(
        np.arange(3), 1, 3
    ),
    "B: expected a number ≥ 1, got -1": lambda: buckets([1, 2], -1, RNG),
}


@pytest.mark.parametrize("message", ERRORS)
def test_bad_input_is_named(message):
    with pytest.raises(ValueError, match=message):
        ERRORS[message]()


def test_windows_take_a_list_and_nothing_but_one_row():
    x, y, first = next(windows([4, 5, 6, 7, 8], 2, 2))
    assert (x.tolist(), y.tolist(), first) == ([[4, 6], [5, 7]], [[5, 7], [6, 8]], True)
    for wrong, shape in ((np.zeros((5, 2)), r"\(5, 2\)"), ("abcdef", r"\(\)")):
        with pytest.raises(ValueError, match=rf"^ids: expected \(N,\), got {shape}$"):
            windows(wrong, 2, 2)
