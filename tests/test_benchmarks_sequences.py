"""What the chapter on sequences records of real texts, here on made-up ones."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from course_pkg import datasets

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "sequences.py"
RECORD = Path(__file__).parents[1] / "book" / "results" / "sequences.json"


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    import sequences

    yield sequences
    del sys.modules["sequences"]


def test_the_counts_are_judged_on_each_tenth(benchmark, monkeypatch):
    text = "abcabd" * 50
    monkeypatch.setattr(datasets, "load", lambda name: {"all": text})
    found = benchmark.counting(300)
    nats = np.array(found["nats"])
    assert nats.shape == (7, 10)
    assert found["V"] == 5  # with the unknown
    assert nats[3].max() < 0.2 < 1 < nats[0].min()


def test_a_sign_of_the_test_alone_is_unknown(benchmark, monkeypatch):
    text = "ab" * 135 + "ax" * 15
    monkeypatch.setattr(datasets, "load", lambda name: {"all": text})
    found = benchmark.counting(300)
    assert found["V"] == 3
    assert np.argmax(found["nats"][0]) == 9


def test_vectors_are_asked_in_three_ways(benchmark):
    rng = np.random.default_rng(0)
    kinds = {"drink": ["tea", "milk", "water"], "eat": ["bread", "cake"]}
    texts = [
        [verb, "the", str(rng.choice(kinds[verb]))]
        for verb in rng.choice(list(kinds), 80)
    ]
    found = benchmark.vectors(texts, 8, 4)
    assert set(found["map"]) == {
        "tea",
        "milk",
        "water",
        "bread",
        "cake",
        "drink",
        "eat",
    }
    assert {name: len(row) for name, row in found["right"].items()} == dict.fromkeys(
        benchmark.WAYS, 10
    )
    lookup = benchmark.lookup(texts, list(found["map"]), 4)
    assert benchmark.nearest(lookup, lookup["cake"], {"cake"})[0] == "bread"


def test_padding_is_counted(benchmark):
    found = benchmark.padding([["w"] * n for n in [1] * 32 + [9] * 32])
    assert found["by length"] == [0.0] * 10
    assert min(found["random"]) > 0.3
    assert (found["longest"], found["median"]) == (9, 5.0)


def test_the_record_is_whole():
    record = json.loads(RECORD.read_text("utf8"))
    assert {"command", "seeds", "device", "commit", "seconds"} < set(record)
    assert [g["characters"] for g in record["ngrams"]] == [30_000, 300_000]
