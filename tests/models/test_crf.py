"""The field against a list of all its paths, and its gradients against autograd."""

import itertools

import numpy as np
import pytest
import torch
from oracle import KINDS, assert_close, complains, draw, to

from course_pkg.arrays import to_numpy
from course_pkg.models import crf

T, B, C = 5, 4, 3
LENGTHS = (5, 1, 3, 4)
MASK = (np.arange(T)[:, None, None] < np.array(LENGTHS)[:, None]).astype(float)
EMISSIONS, TRANSITIONS, START = draw(0, T, B, C), draw(1, C, C), draw(2, C)
TAGS = np.random.default_rng(3).integers(0, C, (T, B))
FIELD = EMISSIONS, TRANSITIONS, START, MASK
LABELLED = EMISSIONS, TAGS, TRANSITIONS, START, MASK
BIO = ["B-x", "B-yz", "I-x", "I-yz", "O"]
NEVER = -np.inf


def scores(emissions, transitions, start):
    """Return every path of one sentence (T, C) with its score, written out."""
    found = {}
    for path in itertools.product(range(C), repeat=len(emissions)):
        score = start[path[0]] + emissions[0, path[0]]
        for t in range(1, len(path)):
            score += transitions[path[t - 1], path[t]] + emissions[t, path[t]]
        found[path] = score
    return found


def sentence(b, emissions=EMISSIONS):
    return emissions[: LENGTHS[b], b]


@pytest.mark.parametrize("kind", KINDS)
def test_likelihood_is_the_share_among_all_paths(kind):
    want = []
    for b, length in enumerate(LENGTHS):
        paths = scores(sentence(b), TRANSITIONS, START)
        total = np.log(sum(np.exp(s) for s in paths.values()))
        want.append(paths[tuple(TAGS[:length, b].tolist())] - total)
    got = crf.log_likelihood(*to(kind, LABELLED))
    assert isinstance(got, np.ndarray) == (kind == "numpy")
    assert_close(got, np.array(want))


@pytest.mark.parametrize("kind", KINDS)
def test_marginals_are_sums_over_all_paths(kind):
    want, want_pairs = np.zeros((T, B, C)), np.zeros((T - 1, B, C, C))
    for b in range(B):
        paths = scores(sentence(b), TRANSITIONS, START)
        total = sum(np.exp(s) for s in paths.values())
        for path, s in paths.items():
            p = np.exp(s) / total
            for t, label in enumerate(path):
                want[t, b, label] += p
                if t > 0:
                    want_pairs[t - 1, b, path[t - 1], label] += p
    assert_close(crf.marginals(*to(kind, FIELD)), (want, want_pairs))


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_autograds(kind):
    d = draw(4, B)
    e, a, s = (torch.tensor(x, requires_grad=True) for x in FIELD[:3])
    mask, tags = torch.tensor(MASK), torch.tensor(TAGS)
    (crf.log_likelihood(e, tags, a, s, mask) * torch.tensor(d)).sum().backward()
    got = crf.log_likelihood_grad(to(kind, d), *to(kind, LABELLED))
    assert_close(got, (e.grad, a.grad, s.grad))
    assert not e.grad[MASK[..., 0] == 0].any()


def test_probabilities_of_all_paths_sum_to_one():
    paths = np.array(list(itertools.product(range(C), repeat=T))).T
    N = paths.shape[1]
    alone = np.repeat(EMISSIONS[:, :1], N, 1), paths, TRANSITIONS, START
    p = np.exp(crf.log_likelihood(*alone, np.ones((T, N, 1))))
    assert_close(p.sum(), np.array(1.0))


def test_padding_does_not_matter():
    junk = np.where(MASK > 0, EMISSIONS, 1e3)
    tags = np.where(MASK[..., 0] > 0, TAGS, 2)
    changed = junk, tags, TRANSITIONS, START, MASK
    assert_close(crf.log_likelihood(*changed), crf.log_likelihood(*LABELLED))
    got = crf.log_likelihood_grad(np.ones(B), *changed)
    assert_close(got, crf.log_likelihood_grad(np.ones(B), *LABELLED))


def test_forbidden_moves_have_probability_zero_and_finite_gradients():
    never = TRANSITIONS.copy()
    never[:, 1] = never[1] = NEVER
    start = np.array([0.3, NEVER, -0.2])
    p, pairs = crf.marginals(EMISSIONS, never, start, MASK)
    assert not p[..., 1].any()
    assert not pairs[..., 1, :].any()
    paths = scores(sentence(0), never, start)
    total = sum(np.exp(s) for s in paths.values())
    assert_close(
        p[0, 0, 0], sum(np.exp(s) for y, s in paths.items() if y[0] == 0) / total
    )
    tags = torch.tensor(np.where(TAGS == 1, 0, TAGS))
    e, a, s = (torch.tensor(x, requires_grad=True) for x in (EMISSIONS, never, start))
    logp = crf.log_likelihood(e, tags, a, s, torch.tensor(MASK)).sum()
    logp.backward()
    want = crf.log_likelihood_grad(
        np.ones(B), EMISSIONS, tags.numpy(), never, start, MASK
    )
    assert_close((e.grad, a.grad, s.grad), want)
    assert all(np.isfinite(x).all() for x in want)


def test_likelihood_survives_large_scores_and_long_sentences():
    e = np.tile([[[900.0, -900.0, 0.0]]], (2000, 1, 1))
    tags, mask = np.zeros((2000, 1), dtype=int), np.ones((2000, 1, 1))
    logp = crf.log_likelihood(e, tags, 0 * TRANSITIONS, 0 * START, mask)
    assert_close(logp, np.zeros(1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("b", range(B))
def test_viterbi_finds_the_best_of_all_paths(kind, b):
    paths = scores(sentence(b), TRANSITIONS, START)
    best = max(paths, key=paths.__getitem__)
    got, score = crf.viterbi(*to(kind, (sentence(b), TRANSITIONS, START)))
    assert got.tolist() == list(best)
    assert_close(np.array(score), paths[best])


def test_viterbi_starts_anywhere_by_default():
    paths = scores(EMISSIONS[:, 0], TRANSITIONS, np.zeros(C))
    got, score = crf.viterbi(EMISSIONS[:, 0], TRANSITIONS)
    assert got.tolist() == list(max(paths, key=paths.__getitem__))
    assert type(score) is float


def test_viterbi_obeys_what_is_forbidden_where_greedy_does_not():
    emissions = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 1.5], [0.0, 0.1, 0.0]])
    transitions = np.zeros((C, C))
    transitions[0, 2] = transitions[2, 1] = NEVER
    assert emissions.argmax(1).tolist() == [0, 2, 1]
    assert crf.viterbi(emissions, transitions)[0].tolist() == [1, 2, 0]


def test_viterbi_reads_transitions_from_row_to_column():
    """Only 0 → 1 → 2 → 0 … is allowed, so the start fixes all of it."""
    transitions = np.full((C, C), NEVER)
    transitions[[0, 1, 2], [1, 2, 0]] = 0
    got, score = crf.viterbi(np.zeros((7, C)), transitions, np.array([NEVER, 0, NEVER]))
    assert got.tolist() == [1, 2, 0, 1, 2, 0, 1]
    assert score == 0


def test_viterbi_does_not_underflow_at_length_2000():
    log_p = np.log(np.tile([0.2, 0.5, 0.3], (2000, 1)))
    path, score = crf.viterbi(log_p, np.log(np.full((C, C), 1e-3)))
    assert (path == 1).all()
    assert_close(score, np.array(2000 * np.log(0.5) + 1999 * np.log(1e-3)))


def test_bio_rules_allow_what_a_span_is():
    transitions, start = crf.bio(BIO)
    allowed = {
        (a, b) for i, a in enumerate(BIO) for j, b in enumerate(BIO)
        if transitions[i, j] == 0
    }  # fmt: skip
    inside = {("B-x", "I-x"), ("I-x", "I-x"), ("B-yz", "I-yz"), ("I-yz", "I-yz")}
    outside = {(a, b) for a in BIO for b in ("B-x", "B-yz", "O")}
    assert allowed == inside | outside
    assert set(np.unique(transitions)) == {NEVER, 0}
    assert start.tolist() == [0, 0, NEVER, NEVER, 0]


def test_bio_rules_leave_no_stray_inside():
    rng = np.random.default_rng(5)
    transitions, start = crf.bio(BIO)
    for _ in range(50):
        path, _ = crf.viterbi(rng.normal(size=(8, 5)), transitions, start)
        tags = ["O", *(BIO[k] for k in path)]
        for before, tag in itertools.pairwise(tags):
            assert tag[0] != "I" or before[1:] == tag[1:]


WRONG = {
    "emissions: expected (T, B, C), got (5, 3)": {"emissions": EMISSIONS[:, 0]},
    "tags: expected (T, B) = (5, 4), got (4, 5)": {"tags": TAGS.T},
    "transitions: expected (C, C) = (3, 3), got (3, 2)": {
        "transitions": TRANSITIONS[:, :2]
    },
    "start: expected (C) = (3,), got (2,)": {"start": START[:2]},
    "mask: expected (T, B, 1) = (5, 4, 1), got (5, 4)": {"mask": MASK[..., 0]},
    "mask: expected 1 at each first position, got 0": {"mask": MASK * 0},
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_arguments_are_named(message):
    names = ("emissions", "tags", "transitions", "start", "mask")
    args = dict(zip(names, LABELLED, strict=True)) | WRONG[message]
    with complains(message):
        crf.log_likelihood(**args)
    with complains(message):
        crf.log_likelihood_grad(np.ones(B), **args)


def test_viterbi_names_wrong_arguments():
    with complains("emissions: expected (T, C), got (5, 4, 3)"):
        crf.viterbi(EMISSIONS, TRANSITIONS)
    with complains("emissions: expected (T, C), got (0, 3)"):
        crf.viterbi(np.zeros((0, C)), TRANSITIONS)
    with complains("transitions: expected (C, C) = (3, 3), got (4, 4)"):
        crf.viterbi(EMISSIONS[:, 0], np.zeros((4, 4)))
    with complains("transitions: expected a path that is allowed, got none"):
        crf.viterbi(EMISSIONS[:, 0], np.full((C, C), NEVER))


@pytest.mark.parametrize("tag", ["I-", "X-loc", "B", ""])
def test_bio_names_a_wrong_tag(tag):
    with complains(f"tags[1]: expected O, B-type or I-type, got {tag!r}"):
        crf.bio(["O", tag])


def test_results_stay_in_single_precision():
    single = tuple(x.astype(np.float32) for x in FIELD)
    assert all(to_numpy(x).dtype == np.float32 for x in crf.marginals(*single))
