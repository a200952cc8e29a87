"""``course train charlm``: a small run, and the weights that the book loads."""

import json
import math
import os
import signal
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from course_pkg import train
from course_pkg.commands import app
from course_pkg.models.charlm import CharLM, nats
from course_pkg.runs import charlm, common
from course_pkg.vocab import Vocab

RESULTS = Path(__file__).parents[2] / "book" / "results"
SMALL = "--hidden", "8", "--embedding", "4", "--window", "10", "--columns", "8"


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("to be, or not to be: that is the question.\n" * 60)
    return path


def invoke(*words):
    return CliRunner().invoke(app, ["train", "charlm", *map(str, words)])


def test_a_text_is_cut_in_order_and_completely(text):
    parts = charlm.read_text(str(text), False)
    whole = text.read_text()
    assert "".join(parts.values()) == whole
    shares = [round(100 * len(part) / len(whole)) for part in parts.values()]
    assert shares == [85, 5, 10]


def test_a_run_leaves_a_record_and_weights(tmp_path, text):
    out = tmp_path / "out"
    options = "--data", text, *SMALL, "--epochs", 3, "--rate", 0.05, "--name", "small"
    done = invoke(*options, "--out", out, "--bfloat16", "--dropout", 0.1)
    assert done.exit_code == 0, done.output
    record = json.loads((out / "small.json").read_text("utf8"))
    steps = -(-((len(text.read_text()) * 85 // 100 - 1) // 8) // 10)
    assert [row["step"] for row in record["curve"]] == [steps, 2 * steps, 3 * steps]
    losses = [row["loss"] for row in record["curve"]]
    assert record["nats"]["dev"] == pytest.approx(min(losses), 1e-5)
    in_bits = record["nats"]["test"] / math.log(2)
    assert record["bits"]["test"] == pytest.approx(in_bits, 1e-5)
    assert losses[-1] < losses[0] < math.log(record["model"]["V"])
    assert record["seed"] == 0
    model, about = train.load(CharLM, out / "small.safetensors")
    vocab = Vocab(tuple(about["symbols"]))
    ids = torch.as_tensor(vocab.encode(charlm.read_text(str(text), False)["test"]))
    assert nats(model, ids, B=charlm.B) == pytest.approx(record["nats"]["test"], 1e-2)


def test_a_final_run_trains_on_the_development_part_too(tmp_path, text):
    options = "--data", text, *SMALL, "--epochs", 2, "--final", "--out", tmp_path
    assert invoke(*options).exit_code == 0
    record = json.loads((tmp_path / "charlm.json").read_text("utf8"))
    steps = -(-((len(text.read_text()) * 90 // 100 - 1) // 8) // 10)
    assert [row["step"] for row in record["curve"]] == [steps, 2 * steps]
    assert set(record["nats"]) == set(record["bits"]) == {"test"}


def test_a_stopped_run_says_so_and_goes_on(tmp_path, text, monkeypatch):
    options = "--data", text, *SMALL, "--epochs", 2, "--rate", 0.05
    assert invoke(*options, "--out", tmp_path / "whole").exit_code == 0
    loss, calls = CharLM.loss, []

    def watched(self, *batch):
        calls.append(1)
        if len(calls) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return loss(self, *batch)

    keep = "--out", tmp_path / "parts", "--checkpoint", tmp_path / "run.ckpt"
    with monkeypatch.context() as patch:
        patch.setattr(CharLM, "loss", watched)
        stopped = invoke(*options, *keep)
    assert stopped.exit_code == 130
    assert "stopped after 5 steps" in stopped.output
    assert not (tmp_path / "parts").exists()
    assert invoke(*options, *keep).exit_code == 0
    whole, parts = (
        json.loads((tmp_path / name / "charlm.json").read_text("utf8"))
        for name in ("whole", "parts")
    )
    assert parts["nats"] == whole["nats"]
    assert parts["sample"] == whole["sample"]


def test_missing_data_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    done = invoke("--out", tmp_path)
    assert done.exit_code == 1
    assert "course data get tinyshakespeare" in str(done.exception)


def test_the_command_is_told_without_its_places():
    words = [
        "train",
        "charlm",
        "--out",
        "/a",
        "--hidden",
        "3",
        "--checkpoint=/b/c",
        "--name",
        "x",
    ]
    assert common.command(words) == "course train charlm --hidden 3 --name x"


def test_the_weights_of_the_book_have_the_recorded_losses():
    record = json.loads((RESULTS / "charlm.json").read_text("utf8"))
    model, about = train.load(CharLM, RESULTS / "charlm.safetensors")
    parameters = sum(p.numel() for p in model.parameters())
    assert parameters == record["parameters"]
    vocab = Vocab(tuple(about["symbols"]))
    text = charlm.read_text("tinyshakespeare", False, final=True)["test"]
    got = nats(model, torch.as_tensor(vocab.encode(text)), B=charlm.B)
    assert got == pytest.approx(record["nats"]["test"], abs=2e-3)
    assert got < record["baseline"]["nats"] - 0.15
