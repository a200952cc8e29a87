"""Decoding on small chains, where everything can be counted and searched."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracle import assert_close, chance, complains, draw

from course_pkg import decode
from course_pkg.arrays import log_softmax
from course_pkg.decode import Hypothesis

V, END = 4, 0


def chain(seed, size=V, scale=2.0):
    """A model whose next symbol depends on the last two; its state is the last one."""
    table = scale * draw(seed, size, size, size)

    def step(ids, state):
        before = np.zeros(len(ids), int) if state is None else state
        return table[before, ids], np.array(ids)

    return step


def every(step, start, limit):
    """Return all sequences of up to limit symbols with their log probabilities."""
    found = []
    for n in range(1, limit + 1):
        for ids in itertools.product(range(V), repeat=n):
            ended = ids[-1] == END
            if END in ids[:-1] or not (ended or n == limit):
                continue
            logp, last, state = 0.0, start, None
            for i in ids:
                logits, state = step(np.array([last]), state)
                logp, last = logp + torch.log_softmax(torch.tensor(logits[0]), 0)[i], i
            found.append(Hypothesis(ids[:-1] if ended else ids, float(logp), ended))
    return found


def ranked(found, alpha):
    n = lambda h: len(h.ids) + h.finished  # noqa: E731
    return sorted(found, key=lambda h: -h.logp / ((5 + n(h)) / 6) ** alpha)


@pytest.mark.parametrize("alpha", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_wide_beam_is_exhaustive_search(seed, alpha):
    step = chain(seed)
    want = ranked(every(step, 1, 4), alpha)
    got = decode.beam(step, 1, END, V**4, 4, alpha)
    assert [h[::2] for h in got] == [h[::2] for h in want]
    assert_close(np.array([h.logp for h in got]), np.array([h.logp for h in want]))
    assert math.fsum(math.exp(h.logp) for h in got) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(20))
def test_width_one_is_greedy(seed):
    step = chain(seed)
    for limit in (1, 3, 8):
        (best,) = decode.beam(step, 1, END, 1, limit)
        assert list(best.ids) == decode.greedy(step, np.array([1]), END, limit)[0]


def test_a_beam_finds_what_greedy_misses_and_is_never_better_than_the_best():
    missed = {1: 0, 3: 0}
    for seed in range(60):
        step = chain(seed)
        best = max(h.logp for h in every(step, 1, 4))
        for width in missed:
            found = decode.beam(step, 1, END, width, 4)[0].logp
            assert found <= best + 1e-12
            missed[width] += found < best - 1e-12
    assert missed[1] > 3 * missed[3] + 3


def patient(step, width, limit, alpha):
    """Search to the limit, whatever has been found."""
    live, done = [(Hypothesis((), 0.0, False), 1, None)], []
    for _ in range(limit):
        live = decode._extend(step, live, END, width)
        done += [h for h, _, _ in live if h.finished]
        live = [found for found in live if not found[0].finished]
    return ranked(done + [h for h, _, _ in live], alpha)[:width]


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_stopping_early_changes_nothing(width, alpha):
    """What is still live is given up only where it cannot get into the result."""
    for seed in range(40):
        for limit in (3, 12):
            found = decode.beam(chain(seed), 1, END, width, limit, alpha)
            assert found == patient(chain(seed), width, limit, alpha)


def test_a_beam_stops_early_where_nothing_better_can_come():
    calls = []
    logits = np.log(np.array([[0.9, 0.05, 0.04, 0.01]]))

    def step(ids, state):
        calls.append(ids)
        return logits, None

    assert decode.beam(step, 1, END, 1, 100)[0][::2] == ((), True)
    assert len(calls) == 1
    decode.beam(step, 1, END, 3, 10000)
    assert len(calls) < 30


def test_a_beam_sorts_by_the_length_penalty():
    """The end at once has .5; otherwise five symbols that are certain follow."""

    def step(ids, n):
        n = 0 if n is None else n + 1
        p = [[0.5, 0.45, 0.05, 0], [0, 1, 0, 0], [1, 0, 0, 0]][min(n, 1) + (n == 5)]
        with np.errstate(divide="ignore"):
            return np.log(np.array([p])), n

    short, long = (), (1,) * 5
    assert decode.beam(step, 1, END, 3, 9)[0].ids == short
    assert decode.beam(step, 1, END, 3, 9, 1.0)[0].ids == long
    found = decode.beam(step, 1, END, 4, 9)
    assert [h.ids for h in found] == [short, long, (2, 1, 1, 1, 1)]
    assert all(h.finished for h in found)


def test_no_sequence_is_found_twice_and_none_is_better_than_the_first():
    for seed in range(10):
        found = decode.beam(chain(seed), 1, END, 5, 6, 0.5)
        assert len(found) == 5 == len({(h.ids, h.finished) for h in found})
        scores = [decode.score(h, 0.5) for h in found]
        assert scores == sorted(scores, reverse=True)


def test_greedy_stops_each_sequence_by_itself():
    """What the model says of a sequence after its end is not listened to."""
    table = np.array([[0, 0, 9, 0], [0, 0, 9, 0], [0, 0, 0, 9], [9, 0, 0, 0]])
    calls = []

    def step(ids, state):
        calls.append(ids)
        return table[ids], state

    starts = np.array([1, 2, 3, 0])
    assert decode.greedy(step, starts, END, 9) == [[2, 3], [3], [], [2, 3]]
    assert len(calls) == 3
    assert decode.greedy(step, starts, END, 1) == [[2], [3], [], [2]]
    assert decode.greedy(step, starts, END, 0) == [[], [], [], []]
    assert decode.greedy(step, starts[:2], 8, 3) == [[2, 3, 0], [3, 0, 2]]


def test_greedy_passes_the_state_on():
    for seed in range(10):
        step, ids, state = chain(seed), [1], None
        want = decode.greedy(step, torch.tensor([1]), -1, 6)[0]
        for _ in range(6):
            logits, state = step(np.array(ids[-1:]), state)
            ids.append(int(logits.argmax()))
        assert ids[1:] == want


def counts(logits, n=40000, **how):
    ids = decode.choose(np.random.default_rng(0), np.tile(logits, (n, 1)), **how)
    return np.bincount(ids, minlength=len(logits))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_symbols_are_drawn_by_their_probability(temperature):
    """Of a million right ways to draw, one would fail."""
    logits = np.array([1.0, -1.0, 0.0, -math.inf, 2.0])
    want = np.exp(logits / temperature)
    got = counts(logits, temperature=temperature)
    assert chance(got, want) > 1e-6
    assert got[3] == 0
    for other in (0.9 * temperature, 1.1 * temperature):
        assert chance(got, np.exp(logits / other)) < 1e-6


@pytest.mark.parametrize("how", [{"top_k": 2}, {"top_p": 0.6}, {}])
def test_a_sampled_sequence_follows_the_chain(how):
    """Symbol by symbol, each is drawn from what the two before it allow."""
    step, rng = chain(3, scale=0.5), np.random.default_rng(0)
    ids = [1, 2, *decode.sample(step, rng, 12000, prime=[1, 2], **how)]
    seen = {}
    for a, b, c in zip(ids, ids[1:], ids[2:], strict=False):
        seen.setdefault((a, b), np.zeros(V))[c] += 1
    frequent = {pair: n for pair, n in seen.items() if n.sum() > 400}
    assert len(frequent) >= 4
    for (a, b), n in frequent.items():
        logits = step(np.array([b]), np.array([a]))[0]
        if how:
            cut = {"top_k": decode.filter_top_k, "top_p": decode.filter_top_p}
            ((name, value),) = how.items()
            logits = cut[name](logits, value)
        assert chance(n, np.exp(logits[0])) > 1e-6 / V**2


def test_the_temperature_comes_before_the_cuts():
    logits = np.log(np.array([0.6, 0.3, 0.1]))
    assert (counts(logits, top_p=0.7) > 0).tolist() == [True, True, False]
    hot = counts(logits, temperature=10.0, top_p=0.7)
    assert (hot > 0).all()
    cut = counts(logits, top_k=2, top_p=0.65)
    assert (cut > 0).tolist() == [True, False, False]  # .6 is two thirds of the top 2


@pytest.mark.parametrize(
    ("p", "kept"),
    [
        (1e-9, [0, 1, 0, 0]),
        (0.5, [0, 1, 0, 0]),
        (0.51, [0, 1, 0, 1]),
        (0.75, [0, 1, 0, 1]),
        (0.76, [1, 1, 0, 1]),
        (1.0, [1, 1, 1, 1]),
    ],
)
def test_top_p_keeps_the_symbol_that_crosses(p, kept):
    logits = np.log(np.array([0.125, 0.5, 0.125, 0.25]))
    got = decode.filter_top_p(np.stack([logits, logits[::-1]]), p)
    want = np.where(np.array(kept) == 1, logits, -math.inf)
    assert_close(got[0], want, tol=0)
    assert (got[1] > -math.inf).sum() == sum(kept)
    assert_close(decode.filter_top_p(torch.tensor(logits), p), want, tol=0)


def test_top_k_keeps_the_largest_and_ties():
    logits = np.array([[0.0, 3.0, 1.0, 2.0], [5.0, 5.0, 5.0, 1.0]])
    inf = math.inf
    want = np.array([[-inf, 3, -inf, 2], [5, 5, 5, -inf]])
    assert_close(decode.filter_top_k(logits, 2), want, tol=0)
    assert_close(decode.filter_top_k(logits, 9), logits, tol=0)


@given(
    st.lists(st.floats(-20, 20), min_size=1, max_size=8),
    st.integers(1, 9),
    st.floats(1e-6, 1),
)
def test_filters_keep_the_most_probable(logits, k, p):
    logits = np.array(logits)
    for cut in (decode.filter_top_k(logits, k), decode.filter_top_p(logits, p)):
        kept = cut > -math.inf
        assert kept[logits.argmax()]
        assert (cut[kept] == logits[kept]).all()
        assert logits[kept].min() >= max(logits[~kept], default=-math.inf)
    assert (decode.filter_top_k(logits, k) > -math.inf).sum() >= min(k, len(logits))
    kept = decode.filter_top_p(logits, p) > -math.inf
    share = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert share[kept].sum() >= p - 1e-9
    assert share[kept].sum() - share[kept].min() < p + 1e-9


def recorder(seen):
    """A chain that counts up, as a model that notes what it reads."""

    def step(ids, state):
        seen.append((ids.tolist(), state))
        return 50.0 * np.eye(10)[(ids + 1) % 10], (state or 0) + 1

    return step


def test_sampling_reads_the_prime_once_and_returns_what_is_new():
    seen = []
    rng = np.random.default_rng(0)
    assert decode.sample(recorder(seen), rng, 4, prime=[5, 6, 7]) == [8, 9, 0, 1]
    want = [([i], n or None) for n, i in enumerate([5, 6, 7, 8, 9, 0])]
    assert seen == want
    assert decode.sample(recorder([]), rng, 0, prime=[5]) == []
    seen.clear()
    assert decode.sample(recorder(seen), rng, 1, prime=[5], state=7) == [6]
    assert seen == [([5], 7)]


def test_sampling_is_a_matter_of_the_seed():
    def run(seed):
        rng = np.random.default_rng(seed)
        return decode.sample(chain(0), rng, 30, prime=[1])

    assert run(3) == run(3) != run(4)
    assert len(set(run(3))) > 1
    cold = decode.sample(
        chain(0), np.random.default_rng(5), 9, prime=[1], temperature=1e-3
    )
    assert cold == decode.greedy(chain(0), np.array([1]), -1, 9)[0]
    narrow = decode.sample(chain(0), np.random.default_rng(5), 9, prime=[1], top_k=1)
    assert narrow == cold


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: decode.filter_top_k(np.ones(3), 0), "k: expected at least 1, got 0"),
        (
            lambda r: decode.filter_top_p(np.ones(3), 0.0),
            "p: expected a share in (0, 1], got 0.0",
        ),
        (
            lambda r: decode.filter_top_p(np.ones(3), 1.5),
            "p: expected a share in (0, 1], got 1.5",
        ),
        (
            lambda r: decode.choose(r, np.ones((1, 3)), temperature=0),
            "temperature: expected a number > 0, got 0",
        ),
        (
            lambda r: decode.choose(r, np.ones((1, 3)), top_k=0),
            "k: expected at least 1, got 0",
        ),
        (
            lambda r: decode.choose(r, np.ones((1, 3)), top_p=-0.5),
            "p: expected a share in (0, 1], got -0.5",
        ),
        (
            lambda r: decode.read(chain(0), []),
            "ids: expected at least one symbol to read, got none",
        ),
        (
            lambda r: decode.sample(chain(0), r, 3, prime=[1], temperature=-1),
            "temperature: expected a number > 0, got -1",
        ),
        (
            lambda r: decode.sample(chain(0), r, 3, prime=[1], top_k=0),
            "k: expected at least 1, got 0",
        ),
        (
            lambda r: decode.sample(chain(0), r, 3, prime=[1], top_p=2),
            "p: expected a share in (0, 1], got 2",
        ),
        (
            lambda r: decode.sample(chain(0), r, 3, prime=[]),
            "ids: expected at least one symbol to read, got none",
        ),
        (
            lambda r: decode.sample(chain(0), r, -1, prime=[1]),
            "length: expected at least 0, got -1",
        ),
        (
            lambda r: decode.greedy(chain(0), 1, END, 3),
            "start: expected (B,), got ()",
        ),
        (
            lambda r: decode.greedy(chain(0), [1], END, -3),
            "limit: expected at least 0, got -3",
        ),
        (
            lambda r: decode.beam(chain(0), 1, END, 0, 3),
            "width: expected at least 1, got 0",
        ),
        (
            lambda r: decode.beam(chain(0), 1, END, 2, 0),
            "limit: expected at least 1, got 0",
        ),
        (
            lambda r: decode.beam(chain(0), 1, END, 2, 3, -1),
            "alpha: expected a number ≥ 0, got -1",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call(np.random.default_rng(0))


def test_logits_that_are_no_numbers_choose_nothing():
    def step(ids, state):
        return np.full((len(ids), 4), np.nan), state

    rng = np.random.default_rng(0)
    for call in (
        lambda: decode.sample(step, rng, 3, prime=[0]),
        lambda: decode.greedy(step, np.array([0]), 1, 3),
        lambda: decode.beam(step, 0, 1, 2, 3),
    ):
        with complains("logits: expected numbers, got NaN"):
            call()


def walls(*dead):
    """A model of three symbols after which, for those in dead, nothing may follow."""

    def step(ids, state):
        logits = np.log(np.array([[0.1, 0.3, 0.6]])).repeat(len(ids), 0)
        logits[np.isin(ids, dead)] = -math.inf
        return logits, state

    return step


def test_a_row_without_a_possible_symbol_is_named():
    rng = np.random.default_rng(0)
    message = "logits: expected a symbol above -∞ in each row, got none in row {}"
    rows = np.array([[0.0, 1.0], [-math.inf, -math.inf]])
    for how in ({}, {"top_k": 1}, {"top_p": 0.5}):
        with complains(message.format(1)):
            decode.choose(rng, torch.tensor(rows), **how)
    with complains(message.format(0)):
        decode.sample(walls(1), rng, 1, prime=[1])
    with complains(message.format(1)):
        decode.greedy(walls(1), np.array([2, 1]), 0, 3)


def test_greedy_does_not_mind_a_row_that_has_ended():
    def step(ids, state):
        after = np.array([[0, 9, 0], [-math.inf] * 3, [0, 0, 9]])
        return after[ids], state

    assert decode.greedy(step, np.array([0, 2]), 1, 3) == [[], [2, 2, 2]]


def test_a_beam_goes_round_a_dead_end_and_says_where_all_ends_are_dead():
    found = decode.beam(walls(2), 1, 0, 2, 2)
    assert [h.ids for h in found] == [(1, 2), (1, 1)]
    with complains("logits: expected a symbol above -∞ for some hypothesis, got none"):
        decode.beam(walls(1, 2), 1, 0, 2, 3)
    ended = decode.beam(walls(0, 1, 2), 3, 0, 3, 9)
    assert [h.ids for h in ended] == [()]


def test_a_share_of_one_keeps_all():
    """In float32 the probabilities before the last add up to 1 or more."""
    logits = np.random.default_rng(0).standard_normal((3, 50_000)).astype("float32")
    probability = np.sort(np.exp(log_softmax(logits)), -1)[:, ::-1]
    assert probability[:, :-1].cumsum(-1).max() >= 1
    assert_close(decode.filter_top_p(logits, 1.0), logits, tol=0)
