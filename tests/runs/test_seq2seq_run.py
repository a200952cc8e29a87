"""``course train seq2seq``: what it learns from, and what it leaves behind."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from course_pkg import datasets, train
from course_pkg.commands import app
from course_pkg.models.pairs import Pairs
from course_pkg.models.seq2seq import Seq2Seq
from course_pkg.runs import seq2seq, tasks
from course_pkg.vocab import Vocab

RESULTS = Path(__file__).parents[2] / "book" / "results"
ROWS = [(f"{a} {b}.", f"{b}-là {a}") for a in "abcdefghij" for b in "klmnopqrst"]
ROWS += [(english, "autrement") for english, _ in ROWS]
ROWS += [("one two three four five six seven eight nine", "x")]


@pytest.fixture
def sentences(monkeypatch):
    monkeypatch.setattr(datasets, "load", lambda name, download: {"all": ROWS})


def task_of(name, seed=0):
    return tasks.make(name, 16, seed, False)


@pytest.mark.parametrize("name", ["dates", "digits", "tatoeba_eng_fra"])
def test_nothing_that_tests_was_trained_on(name, sentences):
    task = task_of(name)
    trained = [
        (tuple(x), tuple(y)) for e in range(3) for b in task.epoch(e) for x, y in b
    ]
    assert len(trained) > 150
    held = {tuple(x) for part in (task.dev, *task.tests.values()) for x, _ in part}
    assert len(held) > 2
    assert not held & {x for x, _ in trained}
    targets = {tuple(y) for part in (task.dev, *task.tests.values()) for _, y in part}
    if name != "tatoeba_eng_fra":
        assert not targets & {y for _, y in trained}
    assert max(len(y) for y in targets) < task.limit


@pytest.mark.parametrize("name", ["dates", "digits", "tatoeba_eng_fra"])
def test_an_epoch_is_a_function_of_its_number(name, sentences):
    task = task_of(name)
    for own_past in (0.0, 0.5):
        epoch, again = (seq2seq.batches(task_of(name), own_past, 4, 0) for _ in "ab")
        first = epoch(1)
        assert len(first[0]) == (5 if own_past else 4)
        for one, two in zip(first, again(1), strict=True):
            assert all((a == b).all() for a, b in zip(one, two, strict=True))
    pairs = [str(task.epoch(e)[0]) for e in (0, 1)]
    assert pairs[0] != pairs[1]
    assert str(task_of(name, 1).epoch(0)[0]) != pairs[0]


def test_own_past_rises_to_its_share():
    epoch = seq2seq.batches(task_of("dates"), 0.6, 4, 0)
    shares = [np.mean([b[4].double().mean() for b in epoch(e)]) for e in range(4)]
    assert shares == pytest.approx([0.075, 0.225, 0.375, 0.525], abs=0.01)


def test_digits_come_backwards_in_their_lengths():
    task = task_of("digits")
    drawn = [pair for batch in task.epoch(0) for pair in batch]
    assert {len(x) for x, _ in drawn} == set(range(2, 13))
    assert all(x == y[::-1] for x, y in drawn)
    assert {name: {len(x) for x, _ in p} for name, p in task.tests.items()} == {
        "4": {4},
        "8": {8},
        "12": {12},
        "16": {16},
    }


def test_sentences_are_words_of_limited_number(sentences):
    task = task_of("tatoeba_eng_fra")
    every = [p for b in task.epoch(0) for p in b] + task.dev
    every += [p for part in task.tests.values() for p in part]
    assert len(every) == len(ROWS) - 1
    assert (["b", "k", "."], ["k", "-", "là", "b"]) in every
    assert (["b", "k", "."], ["autrement"]) in every


class Parrot(Seq2Seq):
    """Answer each source by what it was told to say to the first symbol."""

    def translate(self, x, lengths, limit):
        return [self.says[int(first)] for first in x[0]]


def test_figures_take_any_right_answer_and_mean_over_positions(sentences):
    task = task_of("tatoeba_eng_fra")
    torch.manual_seed(0)
    model = Parrot(**seq2seq.arguments_of(task, seq2seq.Score.none), E=3, H=4)
    pairs = [(["a"], ["k", "a"]), (["a"], ["là"]), (["b"], ["a"])]
    told = {"a": ["là"], "b": ["k", "a"]}
    model.says = {
        task.sides.source.ids[x]: task.sides.target.encode(y) for x, y in told.items()
    }
    found = seq2seq.answers(model, task, pairs)
    assert found == [("a", "là", ["k a", "là"]), ("b", "k a", ["a"])]
    got = seq2seq.figures(model, task, pairs)
    alone = [model.loss(*task.sides.batch([pair])).item() for pair in pairs]
    want = (3 * alone[0] + 2 * alone[1] + 2 * alone[2]) / 7
    assert got["loss"] == pytest.approx(want, rel=1e-5)
    assert got["exact"] == 0.5
    assert 0 <= got["bleu"] < 1


def test_the_command_leaves_a_record_and_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "STEPS", 3)
    sizes = ["--hidden", "5", "--embedding", "4", "--columns", "6"]
    how = ["--epochs", "2", "--every", "2", "--own-past", "0.5", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, ["train", "seq2seq", *sizes, *how])
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "seq2seq.json").read_text("utf8"))
    assert set(record["runs"]) == {"none", "additive"}
    for run in record["runs"].values():
        assert [row["step"] for row in run["curve"]] == [2, 4, 6]
        assert {"loss", "exact", "train", "seconds"} <= set(run["curve"][0])
        assert 0 <= run["test"]["all"]["exact"] <= 1
    model, about = train.load(Seq2Seq, tmp_path / "seq2seq.safetensors")
    assert model.score == "additive"
    assert len(about["source"]) == record["runs"]["additive"]["model"]["V_x"]
    assert len(record["examples"]) == 4


def test_a_wrong_score_is_wrong_usage():
    result = CliRunner().invoke(app, ["train", "seq2seq", "--score", "sum"])
    assert result.exit_code == 2


def test_the_recorded_model_writes_dates_and_looks_where_it_should():
    """The first four rows of the alignment are the year's, wherever that stands."""
    record = json.loads((RESULTS / "seq2seq.json").read_text("utf8"))
    exact = {kind: run["test"]["all"]["exact"] for kind, run in record["runs"].items()}
    assert exact["additive"] > 0.99 > 0.5 > exact["none"]
    model, about = train.load(Seq2Seq, RESULTS / "seq2seq.safetensors")
    sides = Pairs(Vocab(tuple(about["source"])), Vocab(tuple(about["target"])))
    start, end = sides.ends
    for text in ("3 March 1984", "March 3, 1984", "1984 mar 03", "Sat, 03 Mar 1984"):
        x, lengths = sides.sources([text])
        (ids,) = model.translate(x, lengths, 12)
        assert "".join(sides.target.decode(ids)) == "1984-03-03"
        weights = model.alignment(x[:, 0], torch.tensor([start, *ids, end]))
        year = text.index("1984")
        assert weights.shape == (11, len(text))
        assert (weights[:4, year : year + 4].sum(1) > 0.9).all()
