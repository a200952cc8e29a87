"""``course train tagging``: its batches, its record, and the weights of the book."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from course_pkg import datasets, train
from course_pkg.commands import app
from course_pkg.datasets.sets import Word
from course_pkg.models.lexicon import UNKNOWN, Lexicon
from course_pkg.models.tagging import Tagger, score, tag
from course_pkg.runs import tagging

RESULTS = Path(__file__).parents[2] / "book" / "results"
TEXT = {
    "train": "the/DET dog/NOUN walks/VERB|a/DET cat/NOUN|dogs/NOUN|the/DET cat/NOUN "
    "walks/VERB with/ADP a/DET dog/NOUN|walk/VERB|cats/NOUN walk/VERB",
    "dev": "the/DET cat/NOUN|the/VERB walk/NOUN",
    "test": "birds/NOUN walk/VERB with/ADP the/DET dog/NOUN",
}


@pytest.fixture
def sentences(monkeypatch):
    def words(sentence):
        pairs = [word.split("/") for word in sentence.split()]
        return [Word(form, upos, "none") for form, upos in pairs]

    bank = {part: list(map(words, text.split("|"))) for part, text in TEXT.items()}
    monkeypatch.setattr(datasets, "load", lambda name, download: {name: bank}[BANK])
    return tagging.read_sentences(False)


BANK = "ud_english_ewt"


def make(parts, share=0.0, seed=0):
    lexicon = Lexicon.of(parts["train"])
    return lexicon, tagging.epochs_of(lexicon, parts["train"], 4, share, seed)


def test_the_sentences_are_pairs_of_word_and_tag(sentences):
    assert sentences["dev"][0] == [("the", "DET"), ("cat", "NOUN")]
    assert {part: len(rows) for part, rows in sentences.items()} == {
        "train": 6,
        "dev": 2,
        "test": 1,
    }


def test_an_epoch_has_each_sentence_once_among_neighbours_in_length(sentences):
    lexicon, batches = make(sentences)
    found = []
    sizes = []
    for features, lengths, tags in batches(0):
        assert features.shape[:2] == tags.shape == (max(lengths), len(lengths))
        sizes.append(sorted(lengths.tolist()))
        for b, n in enumerate(lengths):
            row = features[:n, b].tolist(), tags[:n, b].tolist()
            found.append(row)
    want = [lexicon.batch([s]) for s in sentences["train"]]
    rows = [(x[:, 0].tolist(), y[:, 0].tolist()) for x, _, y in want]
    assert sorted(found) == sorted(rows)
    assert sorted(sizes) == [[1, 1, 2, 2], [3, 6]]


def test_an_epoch_is_a_function_of_its_number(sentences):
    def drawn(epoch, seed=0):
        return [
            [x.tolist() for x in part] for part in make(sentences, 2, seed)[1](epoch)
        ]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert drawn(1) != drawn(1, seed=1)


def test_words_are_forgotten_by_how_rare_they_are(sentences):
    """Of the fifteen words twelve occur twice; the others are unknown already."""
    unknown = []
    for share in (0.0, 2.0):
        _, batches = make(sentences, share)
        ids = [[x[..., 0] for x, *_ in batches(epoch)] for epoch in range(400)]
        counts = [sum(int((x == UNKNOWN).sum()) for x in epoch) for epoch in ids]
        unknown.append(np.mean(counts))
    assert unknown[0] == 3
    assert unknown[1] == pytest.approx(3 + 12 * 0.5, abs=0.4)


def test_the_floor_is_that_of_the_training_part(sentences):
    assert tagging.floor(sentences) == {"dev": 0.5, "test": 1.0}


def run(out, *more):
    sizes = ["--hidden", "5", "--embedding", "4", "--columns", "2"]
    how = ["--epochs", "3", "--out", str(out)]
    return CliRunner().invoke(app, ["train", "tagging", *sizes, *how, *more])


@pytest.mark.parametrize("more", [[], ["--forward", "--no-letters", "--crf"]])
def test_the_command_leaves_a_record_and_weights(sentences, tmp_path, more):
    result = run(tmp_path, *more)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "tagging.json").read_text("utf8"))
    assert [row["epoch"] for row in record["curve"]] == [1, 2, 3]
    assert {"train", "loss", "accuracy", "unknown"} <= set(record["curve"][0])
    assert record["floor"] == {"dev": 0.5, "test": 1.0}
    assert record["training"] == {"share": 0.25, "columns": 2, "rate": 3e-3}
    model, symbols = train.load(Tagger, tmp_path / "tagging.safetensors")
    lexicon = Lexicon.of_symbols(symbols)
    assert lexicon == Lexicon.of(sentences["train"])
    assert (model.speller is None) == bool(more)
    assert (model.transitions is not None) == bool(more)
    assert model.recurrent.bidirectional == (not more)
    assert record["parameters"] == sum(p.numel() for p in model.parameters())
    for part in ("dev", "test"):
        got = score(model, lexicon, sentences[part])
        assert record[part] == pytest.approx(got, rel=1e-5)
    assert record["dev_sample"] == record["dev"]


def test_the_seed_decides(sentences, tmp_path):
    def weights(folder, seed):
        assert run(tmp_path / folder, "--seed", seed).exit_code == 0
        model, _ = train.load(Tagger, tmp_path / folder / "tagging.safetensors")
        return torch.cat([p.flatten() for p in model.parameters()])

    one = weights("a", "1")
    assert (one == weights("b", "1")).all()
    assert (one != weights("c", "2")).any()


def test_an_unknown_cell_is_wrong_usage():
    result = CliRunner().invoke(app, ["train", "tagging", "--cell", "elman"])
    assert result.exit_code == 2


def test_data_that_are_not_there_are_told_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    error = run(tmp_path).exception
    assert "course data get ud_english_ewt" in str(error)


def test_the_recorded_tagger_is_as_good_as_its_record():
    """The weights in the book give the figure of the first sentences again."""
    record = json.loads((RESULTS / "tagging.json").read_text("utf8"))
    path = RESULTS / "tagging.safetensors"
    assert path.stat().st_size <= 2_000_000
    model, symbols = train.load(Tagger, path)
    lexicon = Lexicon.of_symbols(symbols)
    parts = tagging.read_sentences(False)
    got = score(model, lexicon, parts["dev"][: tagging.SAMPLE])
    # One word of the sample is a quarter of a thousandth.
    assert got == pytest.approx(record["dev_sample"], abs=1e-3)
    assert tagging.floor(parts) == pytest.approx(record["floor"], abs=1e-6)
    assert record["floor"]["test"] < 0.863
    assert record["test"]["accuracy"] >= 0.93
    sentence = ["The", "old", "man", "the", "boat", "."]
    words, tags, p = zip(*tag(model, lexicon, sentence), strict=True)
    assert list(words) == sentence
    assert (tags[0], tags[-1]) == ("DET", "PUNCT")
    assert min(p) > 1 / len(lexicon.tags)
