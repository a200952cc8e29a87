"""Metrics by hand, by counting, and by their definitions."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import KINDS, B, T, assert_close, complains, draw, draw_mask, to

from course_pkg import losses, metrics

V = 3
LOGITS, IDS = draw(0, T, B, V), np.random.default_rng(1).integers(0, V, (T, B))


def test_bits_and_perplexity_of_a_uniform_model():
    nats = float(losses.cross_entropy(np.zeros((T, B, 8)), IDS))
    assert metrics.bits(nats) == pytest.approx(3)
    assert metrics.perplexity(nats) == pytest.approx(8)
    assert metrics.perplexity(0.0) == 1
    for nats in (math.nan, -1.0):
        with complains(f"nats: expected a mean loss ≥ 0, got {nats}"):
            metrics.perplexity(nats)
    assert metrics.perplexity(1e4) == metrics.perplexity(math.inf) == math.inf
    assert math.isnan(metrics.bits(math.nan))


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("kind", KINDS)
def test_accuracy_counts_true_positions(kind, mask):
    mask = draw_mask(mask)
    right = true = 0
    for t in range(T):
        for b in range(B):
            if mask is None or mask[t, b, 0]:
                true += 1
                right += max(range(V), key=lambda v: LOGITS[t, b, v]) == IDS[t, b]
    got = metrics.accuracy(*to(kind, (LOGITS, IDS, mask)))
    assert got == pytest.approx(right / true)
    assert type(got) is float


@pytest.mark.parametrize("kind", KINDS)
def test_confusion_has_the_truth_in_rows(kind):
    y, y_hat = to(kind, (np.array([0, 0, 0, 2]), np.array([0, 1, 1, 2])))
    counts = metrics.confusion(y, y_hat, 3)
    assert_close(counts, np.array([[1, 2, 0], [0, 0, 0], [0, 0, 1]]), tol=0)
    assert metrics.mean_recall(counts) == pytest.approx((1 / 3 + 1) / 2)
    assert metrics.mean_recall(counts.T) == pytest.approx((1 + 0 + 1) / 3)


CASES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1)


@given(CASES)
def test_confusion_counts_each_case_once_and_agrees_with_accuracy(cases):
    y, y_hat = np.array(cases).T
    counts = metrics.confusion(y, y_hat, 4)
    assert [
        [cases.count((a, b)) for b in range(4)] for a in range(4)
    ] == counts.tolist()
    right = metrics.accuracy(np.eye(4)[y_hat][:, None], y[:, None])
    assert right == pytest.approx(counts.trace() / len(cases))
    assert 0 <= metrics.mean_recall(counts) <= 1
    assert metrics.mean_recall(metrics.confusion(y, y, 4)) == 1


@given(st.text("ab", min_size=1, max_size=9), st.text("ab", max_size=9), st.data())
def test_novelty_by_its_definition(sample, train, data):
    n = data.draw(st.integers(1, len(sample)))
    runs = [sample[i : i + n] for i in range(len(sample) - n + 1)]
    new = [run for run in runs if run not in train]
    assert metrics.novelty(sample, train, n) == pytest.approx(len(new) / len(runs))


@pytest.mark.parametrize(
    ("tags", "want"),
    [
        ("", set()),
        ("O O", set()),
        ("B-PER I-PER O B-LOC", {("PER", 0, 2), ("LOC", 3, 4)}),
        ("B-PER B-PER I-PER", {("PER", 0, 1), ("PER", 1, 3)}),
        ("O I-PER I-PER", {("PER", 1, 3)}),
        ("B-PER I-LOC", {("PER", 0, 1), ("LOC", 1, 2)}),
        ("B-PER O I-PER", {("PER", 0, 1), ("PER", 2, 3)}),
        ("B-a-b I-a-b", {("a-b", 0, 2)}),
    ],
)
def test_spans(tags, want):
    assert metrics.spans(tags.split()) == want


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["", "x", "y"]))))
def test_spans_undo_tagging(pieces):
    tags, want = [], set()
    for n, kind in pieces:
        if kind:
            want.add((kind, len(tags), len(tags) + n))
        tags += [f"B-{kind}"] + [f"I-{kind}"] * (n - 1) if kind else ["O"] * n
    assert metrics.spans(tags) == want
    assert metrics.span_f1([tags], [tags]).f1 == (1 if want else 0)


def test_span_f1_counts_whole_spans_over_all_sentences():
    gold = [s.split() for s in ("B-P I-P O B-L", "B-P O", "O O O")]
    mine = [s.split() for s in ("B-P I-P O B-P", "O O", "B-L I-L O")]
    assert metrics.span_f1(gold, mine) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    mine = [s.split() for s in ("B-P O O O", "O O", "O O O")]  # overlap is not enough
    assert metrics.span_f1(gold, mine) == (0, 0, 0)
    mine = [s.split() for s in ("B-P I-P O O", "O O", "O O O")]
    assert metrics.span_f1(gold, mine) == pytest.approx((1, 1 / 3, 1 / 2))
    assert metrics.span_f1([["O"]], [["O"]]) == (0, 0, 0)


def test_span_f1_is_seqevals():
    """Recorded answers of seqeval 1.2.2, average="micro", zero_division=0."""
    rows = json.loads((Path(__file__).parent / "data" / "seqeval.json").read_text())
    for gold, mine, *want in rows:
        cut = [[s.split() for s in text.split(" / ")] for text in (gold, mine)]
        assert metrics.span_f1(*cut) == pytest.approx(want, rel=1e-12)
    assert len({row[-1] for row in rows}) > 20


TAGS = st.lists(st.sampled_from(["O", "B-x", "I-x", "B-y", "I-y"]), max_size=8)


@given(st.lists(TAGS, max_size=4), st.data())
def test_span_f1_by_its_definition(gold, data):
    mine = [data.draw(st.permutations(s)) for s in gold]
    true = {(n, *span) for n, s in enumerate(gold) for span in metrics.spans(s)}
    found = {(n, *span) for n, s in enumerate(mine) for span in metrics.spans(s)}
    precision, recall, f1 = metrics.span_f1(gold, mine)
    right = len(true & found)
    assert precision == (right / len(found) if found else 0)
    assert recall == (right / len(true) if true else 0)
    assert 0 <= f1 <= 1
    assert f1 * (precision + recall) == pytest.approx(2 * precision * recall)
    assert metrics.span_f1(mine, gold) == pytest.approx((recall, precision, f1))


def test_novelty_counts_n_grams():
    assert metrics.novelty("abcab", "xabcx", 2) == pytest.approx(1 / 4)
    assert metrics.novelty("abab", "ab", 2) == pytest.approx(1 / 3)
    assert metrics.novelty("xyxyab", "ab", 2) == pytest.approx(4 / 5)
    assert metrics.novelty([1, 2], [3, 2], 1) == pytest.approx(1 / 2)
    assert metrics.novelty("abc", "abc", 3) == 0
    assert metrics.novelty("abc", "ab", 3) == 1


def distance(a, b):
    """Levenshtein's recursion, as it is defined."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        old, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(old[j] + 1, row[-1] + 1, old[j - 1] + (x != y)))
    return row[-1]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_edit_distance_is_levenshteins(a, b):
    assert metrics.edit_distance(a, b) == distance(a, b)
    assert metrics.edit_distance(list(a), list(b)) == distance(a, b)


IDS_OR_WORDS = st.lists(st.integers(0, 2) | st.sampled_from(["a", "bc"]), max_size=6)


@given(IDS_OR_WORDS, IDS_OR_WORDS, IDS_OR_WORDS)
def test_edit_distance_is_a_metric(a, b, c):
    d = metrics.edit_distance
    assert (d(a, b) == 0) == (a == b)
    assert d(a, b) == d(b, a) <= max(len(a), len(b))
    assert d(a, c) <= d(a, b) + d(b, c)
    assert abs(len(a) - len(b)) <= d(a, b)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: metrics.accuracy(LOGITS, IDS.T),
            "y: expected (T, B) = (6, 4), got (4, 6)",
        ),
        (
            lambda: metrics.accuracy(LOGITS, IDS, np.ones((T, B))),
            "mask: expected (T, B, 1) = (6, 4, 1), got (6, 4)",
        ),
        (
            lambda: metrics.accuracy(LOGITS, IDS, np.zeros((T, B, 1))),
            "mask: expected at least one true position, got none",
        ),
        (
            lambda: metrics.accuracy(LOGITS[:0], IDS[:0]),
            "y: expected at least one position, got none",
        ),
        (
            lambda: metrics.confusion(np.array([0, 3]), np.array([0, 1]), 3),
            "y: expected classes in 0..2, got [0, 3]",
        ),
        (
            lambda: metrics.confusion(np.array([0, 2]), np.array([0, -1]), 3),
            "y_hat: expected classes in 0..2, got [-1, 0]",
        ),
        (
            lambda: metrics.confusion(np.array([0, 2]), np.array([0]), 3),
            "y_hat: expected (N) = (2,), got (1,)",
        ),
        (
            lambda: metrics.mean_recall(np.zeros((2, 2))),
            "counts: expected at least one case, got none",
        ),
        (
            lambda: metrics.spans(["O", "PER"]),
            "tags[1]: expected O, B-type or I-type, got 'PER'",
        ),
        (
            lambda: metrics.spans(["B-"]),
            "tags[0]: expected O, B-type or I-type, got 'B-'",
        ),
        (
            lambda: metrics.span_f1([["O"], ["O"]], [["O"], []]),
            "predicted: expected sentences of [1, 1] tags, got [1, 0]",
        ),
        (
            lambda: metrics.span_f1([["O", "O"]], [["O", "x"]]),
            "tags[1]: expected O, B-type or I-type, got 'x'",
        ),
        (lambda: metrics.novelty("ab", "ab", 0), "n: expected at least 1, got 0"),
        (
            lambda: metrics.novelty("ab", "ab", 3),
            "sample: expected at least n = 3 symbols, got 2",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()


def test_logits_that_are_no_numbers_are_not_right():
    logits = np.full((2, 1, 3), np.nan)
    with complains("logits: expected numbers, got NaN"):
        metrics.accuracy(logits, np.zeros((2, 1), int))
