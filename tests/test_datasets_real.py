"""The real data sets against their published counts, where COURSE_DATA has them."""

import os
from collections import Counter
from functools import cache

import numpy as np
import pytest

from course_pkg import datasets
from course_pkg.batches import buckets
from course_pkg.datasets.sets import SETS
from course_pkg.ngrams import NGram
from course_pkg.vocab import Vocab

pytestmark = pytest.mark.skipif(
    not os.environ.get("COURSE_DATA"), reason="COURSE_DATA points to no data sets"
)


@cache
def parts(name):
    return datasets.load(name)


def sizes(name):
    return {part: len(rows) for part, rows in parts(name).items()}


SIZES = {
    "tinyshakespeare": {"all": 1_115_394},
    "names_by_language": {"all": 20_050 - 2038},
    "first_names": {"all": 29_494},
    "sst2": {"train": 6920, "dev": 872, "test": 1821},
    "rt_polarity": {"all": 2 * 5331},
    "ud_english_ewt": {"train": 12_544, "dev": 2001, "test": 2077},
    "wnut17": {"train": 3394, "dev": 1009, "test": 1287},
    "multi30k": {"train": 29_000, "dev": 1014, "test": 1000, "test_2017": 1000},
    "tatoeba_eng_fra": {"all": 142_787},
    "omniglot_strokes": {"train": 30_000, "dev": 1000, "test": 1000},
    "kanjivg_strokes": {"train": 10_000, "dev": 600, "test": 500},
    "wikitext2": {"train": 2_088_628, "dev": 217_646, "test": 245_569},
}


@pytest.mark.parametrize("name", SETS)
def test_every_set_has_its_published_size(name):
    assert sizes(name) == SIZES[name]


def test_tinyshakespeare_has_65_characters():
    text = parts("tinyshakespeare")["all"]
    p = np.array(list(Counter(text).values())) / len(text)
    assert len(p) == 65
    assert -(p * np.log2(p)).sum() == pytest.approx(4.7794, abs=5e-5)


def test_names_are_distinct_pairs():
    rows = parts("names_by_language")["all"]
    languages = Counter(language for _, language in rows)
    assert len(languages) == 18
    names = Counter(name for name, _ in rows)
    assert len(names) == 17_450
    assert sum(n > 1 for n in names.values()) == 469
    assert all(name == name.strip() for name in names)
    assert len(set("".join(names))) == 83
    first = parts("first_names")["all"]
    assert set("".join(first)) == set("abcdefghijklmnopqrstuvwxyz")
    assert {min(map(len, first)), max(map(len, first))} == {2, 15}


def test_sentiment_has_its_classes_and_words():
    labels = {p: sum(y for _, y in rows) for p, rows in parts("sst2").items()}
    assert labels == {"train": 3610, "dev": 444, "test": 909}
    types = {w for s, _ in parts("sst2")["train"] for w in s.split()}
    assert len(types) == 13_838
    rows = parts("rt_polarity")["all"]
    assert Counter(y for _, y in rows) == {0: 5331, 1: 5331}
    assert len({w for s, _ in rows for w in s.split()}) == 21_425
    text = "".join(s for s, _ in rows)
    assert "…" in text
    assert "—" in text
    assert not any("\x80" <= c < "\xa0" for c in text), "read as latin-1"


def test_the_tree_bank_has_words_only():
    words = {p: sum(map(len, s)) for p, s in parts("ud_english_ewt").items()}
    assert words == {"train": 204_577, "dev": 25_147, "test": 25_094}
    train = [w for s in parts("ud_english_ewt")["train"] for w in s]
    assert Counter(w.upos for w in train).most_common(2) == [
        ("NOUN", 34_751),
        ("PUNCT", 23_596),
    ]
    assert len({w.xpos for w in train}) == 49
    assert len({w.form for w in train}) == 19_674


def test_the_floor_of_tagging_is_the_published_one():
    """The most frequent tag of each form, NOUN for unknown forms: 86.2 %."""
    tags = {}
    for sentence in parts("ud_english_ewt")["train"]:
        for word in sentence:
            tags.setdefault(word.form, Counter())[word.upos] += 1
    best = {form: count.most_common(1)[0][0] for form, count in tags.items()}
    test = [w for s in parts("ud_english_ewt")["test"] for w in s]
    right = np.mean([best.get(w.form, "NOUN") == w.upos for w in test])
    assert right == pytest.approx(0.862, abs=1e-3)


def test_entities_have_their_counts_and_no_empty_token():
    tokens = {p: sum(map(len, s)) for p, s in parts("wnut17").items()}
    assert tokens == {"train": 62_730, "dev": 15_733, "test": 23_394}
    begun = {
        p: sum(tag.startswith("B-") for s in sentences for _, tag in s)
        for p, sentences in parts("wnut17").items()
    }
    assert begun == {"train": 1975, "dev": 836, "test": 1079}
    assert all(token for s in parts("wnut17")["train"] for token, _ in s)


def test_translations_are_aligned():
    train = parts("multi30k")["train"]
    types = [len({w for row in train for w in row[n].split()}) for n in range(3)]
    assert types == [15_456, 24_889, 17_003]
    pairs = parts("tatoeba_eng_fra")["all"]
    assert len({english for english, _ in pairs}) == 98_659
    assert pairs[:2] == [("Go.", "Va !"), ("Run!", "Cours !")]
    spaces = {c for pair in pairs for c in "".join(pair) if c.isspace()}
    assert spaces == {" "}
    assert len({w for e, _ in pairs for w in e.split()}) == 25_510
    assert len({w for _, f in pairs for w in f.split()}) == 41_785


@pytest.mark.parametrize(
    ("name", "points", "lifts"),
    [("omniglot_strokes", 933_430, 0.0782), ("kanjivg_strokes", 406_111, 0.3166)],
)
def test_drawings_are_steps_with_pen_lifts(name, points, lifts):
    train = parts(name)["train"]
    assert {(d.dtype.name, d.shape[1]) for d in train} == {("int16", 3)}
    rows = np.concatenate(train)
    assert len(rows) == points
    assert rows[:, 2].mean() == pytest.approx(lifts, abs=5e-5)
    assert all(d[-1, 2] == 1 for d in train)


def test_wikitext_ends_its_lines():
    data = parts("wikitext2")
    assert len(set(data["train"])) == 33_278
    ends = {p: tokens.count("<eos>") for p, tokens in data.items()}
    assert ends == {"train": 36_718, "dev": 3760, "test": 4358}
    assert set(data["dev"]) | set(data["test"]) <= set(data["train"])


def test_no_english_sentence_lies_on_both_sides_of_a_split():
    pairs = parts("tatoeba_eng_fra")["all"][:5000]
    rng = np.random.default_rng(0)
    cut = datasets.split(pairs, rng, key=lambda pair: pair[0])
    assert sorted(p for rows in cut.values() for p in rows) == sorted(pairs)
    sides = [{english for english, _ in rows} for rows in cut.values()]
    assert sum(map(len, sides)) == len(set().union(*sides))


def test_counting_costs_less_nats_with_each_order_up_to_four():
    """On 300 kB, a tenth held out, 0.1 added: 3.40, 2.49, 1.91, 1.68."""
    text = parts("tinyshakespeare")["all"]
    vocab = Vocab.of(text, specials=())
    ids = vocab.encode(text[:300_000])
    train, held_out = ids[:270_000], ids[270_000:]
    models = [NGram(order, len(vocab)).fit(train) for order in (1, 2, 3, 4)]
    nats = [model.nats(held_out) for model in models]
    assert nats == pytest.approx([3.40, 2.49, 1.91, 1.68], abs=0.01)


def test_buckets_leave_little_padding():
    """Random batches of 32 English sentences are half padding, these nearly none."""
    pairs = parts("tatoeba_eng_fra")["all"]
    lengths = np.array([len(english.split()) for english, _ in pairs])

    def share(groups):
        sizes = [lengths[group] for group in groups]
        return 1 - lengths.sum() / sum(len(s) * s.max() for s in sizes)

    rng = np.random.default_rng(0)
    mixed = np.array_split(rng.permutation(len(lengths)), len(lengths) // 32)
    assert share(mixed) > 0.4
    assert share(buckets(lengths, 32, rng)) < 0.002
