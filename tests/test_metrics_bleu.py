"""BLEU against its definition, with exact fractions, and against worked examples."""

import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import complains

from course_pkg import metrics

WORDS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=7)
REFERENCES = st.lists(WORDS, min_size=1, max_size=3)
CORPUS = st.lists(st.tuples(REFERENCES, WORDS), min_size=1, max_size=4)


def grams(tokens, n):
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def bleu(references, hypotheses, order, smooth):
    """Papineni's formula: clipped precisions, geometric mean, brevity penalty."""
    smooth, precisions = Fraction(smooth), []
    for n in range(1, order + 1):
        right = total = smooth if n > 1 else Fraction(0)
        for refs, hypothesis in zip(references, hypotheses, strict=True):
            for gram, count in grams(hypothesis, n).items():
                right += min(count, max(grams(ref, n)[gram] for ref in refs))
                total += count
        precisions.append(right / total if total else Fraction(0))
    if precisions[0] == 0 or min(precisions) == 0:
        return 0.0
    c, r = sum(map(len, hypotheses)), 0
    for refs, hypothesis in zip(references, hypotheses, strict=True):
        r += min((abs(len(ref) - len(hypothesis)), len(ref)) for ref in refs)[1]
    mean = math.prod(precisions) ** (1 / order)
    return mean * (1 if c >= r else math.exp(1 - r / c))


@given(CORPUS, st.integers(1, 5), st.sampled_from([0.0, 0.5, 1.0]))
def test_bleu_is_its_definition(corpus, order, smooth):
    references, hypotheses = zip(*corpus, strict=True)
    got = metrics.corpus_bleu(references, hypotheses, order, smooth)
    assert type(got) is float
    assert 0 <= got <= 1
    assert got == pytest.approx(bleu(references, hypotheses, order, smooth), rel=1e-12)


@given(CORPUS, st.integers(1, 4))
def test_what_the_tokens_are_does_not_matter(corpus, order):
    """Ids, tuples, words with spaces inside: only which of them are equal."""
    references, hypotheses = zip(*corpus, strict=True)
    want = metrics.corpus_bleu(references, hypotheses, order)
    for names in ({"a": 7, "b": 77, "c": 0}, {"a": "x y", "b": "x", "c": ""}):
        hs = [[names[w] for w in h] for h in hypotheses]
        rs = [[[names[w] for w in r] for r in refs] for refs in references]
        assert metrics.corpus_bleu(rs, hs, order) == pytest.approx(want, rel=1e-12)


def test_a_token_stays_one_among_many():
    many = list(range(30))
    assert metrics.bleu([many], many[::-1], 1) == 1
    assert metrics.bleu([many], many[::-1], 2) == 0


@given(WORDS.filter(lambda h: len(h) > 3), REFERENCES)
def test_a_reference_itself_is_perfect(hypothesis, others):
    assert metrics.bleu([*others, hypothesis], hypothesis) == 1
    assert metrics.bleu([hypothesis], hypothesis[:-1], 3) < 1


@given(REFERENCES, WORDS, st.integers(1, 4), st.sampled_from([0.0, 1.0]))
def test_one_sentence_is_a_corpus_of_one(references, hypothesis, order, smooth):
    got = metrics.bleu(references, hypothesis, order, smooth)
    want = metrics.corpus_bleu([references], [hypothesis], order, smooth)
    assert got == want


def test_counts_are_clipped_at_what_one_reference_has():
    """The example of the paper: seven times the word that a reference has twice."""
    lines = "the cat is on the mat", "there is a cat on the mat"
    references = [line.split() for line in lines]
    assert metrics.bleu(references, ["the"] * 7, 1) == pytest.approx(2 / 7)
    assert metrics.bleu(references[1:], ["the"] * 7, 1) == pytest.approx(1 / 7)


@pytest.mark.parametrize(
    ("lengths", "penalty"),
    [
        ([9], math.exp(1 - 9 / 6)),
        ([9, 4], 1),  # four is two away, nine is three
        ([8, 4], 1),  # both are two away: the shorter counts
        ([7, 3], math.exp(1 - 7 / 6)),
        ([6, 100], 1),
    ],
)
def test_the_closest_reference_sets_the_length(lengths, penalty):
    references = [["a"] * n for n in lengths]
    assert metrics.bleu(references, ["a"] * 6) == pytest.approx(
        penalty * (1 if max(lengths) >= 6 else 0), rel=1e-12
    )


def test_a_corpus_is_no_mean_of_sentences():
    references, hypotheses = [["abcd"], ["xy"]], ["abcd", "zz"]
    score = metrics.corpus_bleu(references, hypotheses, 2)
    assert score == pytest.approx(math.sqrt(4 / 6 * 3 / 4))
    alone = [
        metrics.bleu(*pair, 2) for pair in zip(references, hypotheses, strict=True)
    ]
    assert alone == [1, 0]


def test_without_smoothing_a_short_sentence_has_no_score():
    assert metrics.bleu([["a", "b", "c"]], ["a", "b", "c"]) == 0
    assert metrics.bleu([["a", "b", "c"]], ["a", "b", "c"], 3) == 1
    assert metrics.bleu([["a", "b", "c"]], ["a", "b", "c"], smooth=1) == 1
    smoothed = metrics.bleu([["a", "x", "c"]], ["a", "b", "c"], 2, smooth=1)
    assert smoothed == pytest.approx(math.sqrt(2 / 3 * 1 / 3))
    assert metrics.bleu([["a"]], []) == 0
    assert metrics.bleu([[]], ["a"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([["a"]], ["a"], 0), "order: expected at least 1, got 0"),
        (([["a"]], ["a"], 4, -0.5), "smooth: expected a number ≥ 0, got -0.5"),
        (([], ["a"]), "references: expected one or more for each hypothesis, got none"),
        (
            (["on", "it"], ["on", "it"]),
            "references: expected lists of tokens, as the hypothesis, got 'on'",
        ),
    ],
)
def test_what_does_not_fit_is_named(arguments, message):
    with complains(message):
        metrics.bleu(*arguments)


def test_corpora_that_do_not_fit_are_named():
    with complains("hypotheses: expected at least one, got none"):
        metrics.corpus_bleu([], [])
    with complains("references: expected N = 1 lists, got 2"):
        metrics.corpus_bleu([[["a"]], [["b"]]], [["a"]])
    with complains("order: expected at least 1, got -1"):
        metrics.corpus_bleu([[["a"]]], [["a"]], -1)
    with complains("smooth: expected a number ≥ 0, got -1"):
        metrics.corpus_bleu([[["a"]]], [["a"]], smooth=-1)
    with complains("references: expected one or more for each hypothesis, got none"):
        metrics.corpus_bleu([[["a"]], []], [["a"], ["b"]])
    with complains("references: expected lists of tokens, as the hypothesis, got 'b'"):
        metrics.corpus_bleu([[["a"]], ["b"]], [["a"], ["b"]])
