"""The generated tasks: shapes, rules, and nothing but the seed decides."""

import re
from collections import Counter
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_pkg import datasets

SEEDS = st.integers(0, 2**32)
SIZES = st.integers(1, 9)


def rng(seed=0):
    return np.random.default_rng(seed)


CALLS = {
    "running_sum": lambda r: datasets.running_sum(r, 7, 5),
    "larger_total": lambda r: datasets.larger_total(r, 7, 5),
    "adding": lambda r: datasets.adding(r, 7, 5),
    "recall": lambda r: datasets.recall(r, 7, 5, 2, 3),
    "parity_ahead": lambda r: datasets.parity_ahead(r, 7, 5, 2),
    "copy_memory": lambda r: datasets.copy_memory(r, 7, 5),
    "temporal_order": lambda r: datasets.temporal_order(r, 17, 5),
    "country": lambda r: datasets.country(r, 7, 5),
    "negation": lambda r: datasets.negation(r, 7, 5),
    "reber": lambda r: datasets.reber(r, 5),
    "embedded_reber": lambda r: datasets.embedded_reber(r, 5),
    "brackets": lambda r: datasets.brackets(r, 8, 5),
    "dates": lambda r: datasets.dates(r, 5),
    "digits": lambda r: datasets.digits(r, 7, 5),
    "shapes": lambda r: datasets.shapes(r, 5),
    "waves": lambda r: datasets.waves(r, 9, 5),
    "letters": lambda r: datasets.letters(r, 5)[1],
    "melodies": lambda r: datasets.melodies(r, 12, 5),
    "split": lambda r: datasets.split(range(50), r),
}


def flat(result):
    arrays = result if isinstance(result, tuple) else (result,)
    return [a.tolist() if isinstance(a, np.ndarray) else a for a in arrays]


@pytest.mark.parametrize("name", CALLS)
def test_the_seed_decides_and_nothing_else(name):
    np.random.seed(1)
    a = flat(CALLS[name](rng(3)))
    np.random.seed(2)
    assert a == flat(CALLS[name](rng(3)))
    assert a != flat(CALLS[name](rng(4)))


def test_every_generator_is_tried_here():
    others = {"COUNTRIES", "COUNTRY_WORDS", "NOTES", "about", "load", "manifest"}
    others |= {"NEGATION_WORDS", "nearest", "reber_next", "word_vectors"}
    assert set(datasets.__all__) - others == set(CALLS)


@given(SEEDS, SIZES, SIZES)
def test_a_running_sum_grows_by_each_number(seed, T, B):
    x, y = datasets.running_sum(rng(seed), T, B)
    assert x.shape == y.shape == (T, B, 1)
    assert np.allclose(np.diff(y, axis=0, prepend=0), x)


@given(SEEDS, SIZES, SIZES)
def test_the_larger_total_is_named(seed, T, B):
    x, y = datasets.larger_total(rng(seed), T, B)
    assert x.shape == (T, B, 2)
    assert y.dtype == np.int64
    for b in range(B):
        assert y[b] == (sum(x[:, b, 0]) > sum(x[:, b, 1]))


@given(SEEDS, st.integers(2, 9), SIZES)
def test_two_numbers_are_marked_one_in_each_half(seed, T, B):
    x, y = datasets.adding(rng(seed), T, B)
    assert x.shape == (T, B, 2)
    marks = x[..., 1]
    assert set(np.unique(marks)) <= {0, 1}
    assert (marks[: T // 2].sum(0) == 1).all()
    assert (marks[T // 2 :].sum(0) == 1).all()
    for b in range(B):
        first, second = x[marks[:, b] == 1, b, 0]
        assert y[b] == pytest.approx(first + second)


def test_every_step_can_be_marked_and_answering_1_costs_one_sixth():
    x, y = datasets.adding(rng(), 6, 20_000)
    assert (x[..., 1].sum(1) > 0).all()
    assert ((y - 1) ** 2).mean() == pytest.approx(1 / 6, abs=0.005)


@given(SEEDS, st.integers(1, 9), SIZES, st.integers(2, 5), st.data())
def test_recall_asks_for_what_was(seed, T, B, K, data):
    lag = data.draw(st.integers(0, T - 1))
    x, y, mask = datasets.recall(rng(seed), T, B, lag, K)
    assert x.shape == y.shape == (T, B)
    assert mask.shape == (T, B, 1)
    assert set(np.unique(x)) <= set(range(K))
    for t in range(T):
        assert (mask[t] == (t >= lag)).all()
        assert (y[t] == (x[t - lag] if t >= lag else 0)).all()


@given(SEEDS, st.integers(1, 9), SIZES, st.data())
def test_parity_asks_for_what_will_be(seed, T, B, data):
    ahead = data.draw(st.integers(0, T - 1))
    x, y, mask = datasets.parity_ahead(rng(seed), T, B, ahead)
    assert mask.shape == (T, B, 1)
    for t in range(T):
        there = t + ahead < T
        assert (mask[t] == there).all()
        assert (y[t] == (x[t + ahead] % 2 if there else 0)).all()


@given(SEEDS, SIZES, SIZES, SIZES, st.integers(2, 5))
def test_memory_is_copied_after_the_signal(seed, gap, B, length, K):
    x, y = datasets.copy_memory(rng(seed), gap, B, length, K)
    assert x.shape == y.shape == (gap + 2 * length, B)
    assert (x[:length] < K).all()
    assert (y[-length:] == x[:length]).all()
    assert (y[:-length] == K).all()
    signal = np.argwhere(x == K + 1)
    assert (signal[:, 0] == length + gap - 1).all()
    assert len(signal) == B
    rest = np.delete(x[length:], gap - 1, axis=0)
    assert (rest == K).all()


@given(SEEDS, st.integers(10, 40), SIZES)
def test_the_order_of_the_signals_is_the_class(seed, T, B):
    x, y = datasets.temporal_order(rng(seed), T, B)
    assert x.shape == (T, B)
    for b in range(B):
        (first, second) = np.flatnonzero(x[:, b] >= 4)
        assert T // 10 <= first < 2 * T // 10
        assert 5 * T // 10 <= second < 6 * T // 10
        assert y[b] == 2 * (x[first, b] == 5) + (x[second, b] == 5)


def test_all_four_orders_and_all_countries_occur_equally():
    orders = np.bincount(datasets.temporal_order(rng(), 20, 8000)[1]) / 8000
    assert orders == pytest.approx([0.25] * 4, abs=0.03)
    lands = np.bincount(datasets.country(rng(), 3, 8000)[1]) / 8000
    assert lands == pytest.approx([1 / 8] * 8, abs=0.02)


@given(SEEDS, st.integers(0, 9), SIZES)
def test_the_language_is_that_of_the_country(seed, gap, B):
    x, y = datasets.country(rng(seed), gap, B)
    assert x.shape == (gap + 2, B)
    words = datasets.COUNTRY_WORDS
    for b in range(B):
        text = [words[n] for n in x[:, b]]
        assert datasets.COUNTRIES[y[b]][0] == text[0]
        assert text[-1] == "so-I-speak"
        assert not set(text[1:]) & {land for land, _ in datasets.COUNTRIES}
        assert "so-I-speak" not in text[:-1]


@given(SEEDS, st.integers(3, 9), SIZES)
def test_not_turns_the_opinion_round_where_it_stands_before_it(seed, T, B):
    x, y = datasets.negation(rng(seed), T, B)
    assert x.shape == (T, B)
    for b in range(B):
        text = " ".join(datasets.NEGATION_WORDS[n] for n in x[:, b])
        (opinion,) = re.findall("good|great|fine|lovely|bad|poor|dull|awful", text)
        good = opinion in ("good", "great", "fine", "lovely")
        assert y[b] == (good != (f"not {opinion}" in text))
        assert text.split().count("not") == 1
        assert "<pad>" not in text


def test_words_without_their_order_tell_nothing_of_the_opinion():
    x, y = datasets.negation(rng(), 5, 20000)
    for word in range(1, len(datasets.NEGATION_WORDS)):
        assert y[(x == word).any(0)].mean() == pytest.approx(0.5, abs=0.04)
    assert set((x == 1).argmax(0)) == set(range(5))
    assert set(((x > 1) & (x < 10)).argmax(0)) == set(range(1, 5))


# The grammar as a regular expression, written from its diagram, not from the table.
INNER = r"B(TS*X|PT*VP)((XT*VP)*)(S|XT*VV)E|BPT*VVE"
REBER = re.compile(INNER)
EMBEDDED = re.compile(rf"BT(?:{INNER})TE|BP(?:{INNER})PE")


@given(SEEDS)
def test_reber_strings_belong_to_the_grammar(seed):
    for text in datasets.reber(rng(seed), 20):
        assert REBER.fullmatch(text), text
    for text in datasets.embedded_reber(rng(seed), 20):
        assert EMBEDDED.fullmatch(text), text
        assert text[1] == text[-2]


def test_every_short_reber_string_occurs_and_no_other():
    """All strings over the letters, up to length 7, that the expression accepts."""
    starts, whole = [""], set()
    for _ in range(7):
        starts = [s + c for s in starts for c in datasets.reber_next(s)]
        whole |= {s for s in starts if not datasets.reber_next(s)}
    letters = [""]
    for _ in range(5):
        letters += [s + c for s in letters for c in "TPSXV"]
    accepted = {f"B{s}E" for s in letters if REBER.fullmatch(f"B{s}E")}
    assert whole == accepted
    drawn = {s for s in datasets.reber(rng(), 3000) if len(s) <= 7}
    assert drawn == whole


def test_both_outer_letters_occur():
    seconds = Counter(s[1] for s in datasets.embedded_reber(rng(), 2000))
    assert seconds["T"] == pytest.approx(1000, abs=120)


def test_a_letter_out_of_place_is_named():
    assert datasets.reber_next("BT") == "SX"
    assert datasets.reber_next("BTXSE") == ""
    with pytest.raises(ValueError, match=r"text\[1\]: expected P or T, got 'X'"):
        datasets.reber_next("BX")
    with pytest.raises(ValueError, match=r"text\[5\]: expected the end, got 'E'"):
        datasets.reber_next("BTXSEE")


@given(SEEDS, SIZES, st.integers(1, 4), st.integers(1, 5))
def test_brackets_close_in_the_order_of_a_stack(seed, half, kinds, depth):
    for text in datasets.brackets(rng(seed), 2 * half, 4, kinds, depth):
        assert len(text) == 2 * half
        assert set(text) <= set("()[]{}<>"[: 2 * kinds])
        level = np.cumsum([1 if c in "([{<" else -1 for c in text])
        assert level.max() <= depth
        while text != (text := re.sub(r"\(\)|\[\]|{}|<>", "", text)):
            pass
        assert text == ""


def test_all_balanced_strings_occur():
    drawn = set(datasets.brackets(rng(), 6, 2000, kinds=1))
    assert drawn == {"()()()", "(())()", "()(())", "(()())", "((()))"}
    shallow = set(datasets.brackets(rng(), 4, 500, kinds=2, depth=1))
    assert shallow == {"()()", "()[]", "[]()", "[][]"}


FORMS = ("%d %B %Y", "%B %d, %Y", "%d.%m.%Y", "%a, %d %b %Y", "%Y %b %d")


def parse(text):
    found = set()
    for form in FORMS:
        try:
            found.add((form, datetime.strptime(text, form).date()))
        except ValueError:
            continue
    ((form, day),) = found
    if form.startswith("%a"):
        assert text[:3] == day.strftime("%a")
    return form, day.isoformat()


@given(SEEDS)
def test_a_written_date_is_the_day_of_its_iso_form(seed):
    written, iso = datasets.dates(rng(seed), 10)
    assert [parse(text)[1] for text in written] == iso


def test_all_forms_and_rare_days_occur():
    written, iso = datasets.dates(rng(), 5000)
    forms = Counter(parse(text)[0] for text in written)
    assert set(forms) == set(FORMS)
    assert min(forms.values()) > 850
    assert {day[5:] for day in iso} >= {"02-29", "12-31", "01-01"}
    assert min(iso)[:3] == "190"
    assert max(iso)[:3] == "209"


@given(SEEDS, SIZES, SIZES)
def test_digits_are_ids(seed, T, B):
    x = datasets.digits(rng(seed), T, B)
    assert x.shape == (T, B)
    assert x.dtype == np.int64
    assert x.min() >= 0
    assert x.max() <= 9


@given(SEEDS, st.lists(st.integers(0, 12)), st.floats(0, 0.45), st.floats(0, 0.45))
def test_a_split_deals_every_row_once_and_keeps_equal_keys_together(
    seed, rows, dev, test
):
    pairs = [(n % 5, n) for n in rows]
    cut = datasets.split(pairs, rng(seed), (dev, test), key=lambda pair: pair[0])
    assert list(cut) == ["train", "dev", "test"]
    assert Counter(p for part in cut.values() for p in part) == Counter(pairs)
    keys = [{key for key, _ in part} for part in cut.values()]
    assert sum(map(len, keys)) == len(set().union(*keys))
    assert len(keys[1]) == round(dev * len({n for n, _ in pairs}))


def test_a_split_of_texts_is_the_same_in_every_process():
    """Texts hash differently from run to run; their order must not come from that."""
    numbers = datasets.split(range(60), rng())
    texts = datasets.split([f"text {n}" for n in range(60)], rng())
    assert texts == {p: [f"text {n}" for n in ns] for p, ns in numbers.items()}


ERRORS = {
    "T: expected a number ≥ 1, got 0": lambda: datasets.running_sum(rng(), 0, 2),
    r"^rng: expected numpy.random.default_rng\(seed\), got 0": lambda: datasets.reber(
        0, 1
    ),
    "B: expected a number ≥ 1, got 0": lambda: datasets.larger_total(rng(), 3, 0),
    "T: expected a number ≥ 2, got 1": lambda: datasets.adding(rng(), 1, 2),
    "T: expected a number ≥ 4, got 3": lambda: datasets.recall(rng(), 3, 2, 3),
    "lag: expected a number ≥ 0, got -1": lambda: datasets.recall(rng(), 3, 2, -1),
    "K: expected a number ≥ 2, got 1": lambda: datasets.recall(rng(), 3, 2, 1, 1),
    "T: expected a number ≥ 3, got 2": lambda: datasets.parity_ahead(rng(), 2, 2, 2),
    "ahead: expected a number ≥ 0, got -2": lambda: datasets.parity_ahead(
        rng(), 2, 2, -2
    ),
    "gap: expected a number ≥ 1, got 0": lambda: datasets.copy_memory(rng(), 0, 2),
    "length: expected a number ≥ 1, got 0": lambda: datasets.copy_memory(
        rng(), 1, 2, 0
    ),
    "T: expected a number ≥ 10, got 9": lambda: datasets.temporal_order(rng(), 9, 2),
    "gap: expected a number ≥ 0, got -1": lambda: datasets.country(rng(), -1, 2),
    "^T: expected a number ≥ 3, got 2": lambda: datasets.negation(rng(), 2, 2),
    "^B: expected a number ≥ 1, got 0": lambda: datasets.reber(rng(), 0),
    "^B: expected a number ≥ 1, got -1": lambda: datasets.embedded_reber(rng(), -1),
    "T: expected an even number, got 5": lambda: datasets.brackets(rng(), 5, 2),
    "kinds: expected at most 4, got 5": lambda: datasets.brackets(rng(), 4, 2, 5),
    "depth: expected a number ≥ 1, got 0": lambda: datasets.brackets(
        rng(), 4, 2, depth=0
    ),
    "^B: expected a number ≥ 1, got -3": lambda: datasets.dates(rng(), -3),
    "^T: expected a number ≥ 1, got -3": lambda: datasets.digits(rng(), -3, 1),
    r"shares: expected two numbers ≥ 0 with a sum < 1, got \(0.5, 0.5\)": lambda: (
        datasets.split([1], rng(), (0.5, 0.5))
    ),
}


@pytest.mark.parametrize("message", ERRORS)
def test_bad_input_is_named(message):
    with pytest.raises(ValueError, match=message):
        ERRORS[message]()
