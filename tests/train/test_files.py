"""Weights and records: small files that others read."""

import json
import math
import subprocess

import pytest
import torch
from safetensors import SafetensorError

from course_pkg.models.charlm import CharLM
from course_pkg.train import describe, load, record, save, write_record

ARGUMENTS = {"V": 5, "E": 3, "H": 3, "cell": "gru"}


@pytest.mark.parametrize("tie", [False, True])
def test_a_model_comes_back_with_arguments_and_facts(tmp_path, tie):
    torch.manual_seed(0)
    model = CharLM(**ARGUMENTS, tie=tie)
    path = tmp_path / "deep" / "m.safetensors"
    save(model, path, {**ARGUMENTS, "tie": tie}, {"symbols": ["a", "é"]})
    again, about = load(CharLM, path)
    assert about == {"symbols": ["a", "é"]}
    assert not again.training
    for name, x in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], x.half().float())
        assert again.state_dict()[name].dtype == torch.float32
    assert (again.output.weight is again.embedding.weight) is tie


def test_float32_keeps_every_digit(tmp_path):
    model = CharLM(**ARGUMENTS)
    save(model, tmp_path / "m", ARGUMENTS, dtype=torch.float32)
    again, _ = load(CharLM, tmp_path / "m")
    x = torch.tensor([[1], [2]])
    assert torch.equal(model(x)[0], again(x)[0])


def test_what_is_no_file_of_weights_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(CharLM, tmp_path / "none")
    (tmp_path / "m").write_bytes(b"not weights")
    with pytest.raises(SafetensorError):
        load(CharLM, tmp_path / "m")
    save(CharLM(**ARGUMENTS), tmp_path / "m", {**ARGUMENTS, "H": 4})
    with pytest.raises(RuntimeError, match="size mismatch"):
        load(CharLM, tmp_path / "m")


def test_a_record_is_json_with_six_digits(tmp_path):
    path = tmp_path / "deep" / "r.json"
    write_record(
        path, {"loss": 1 / 3, "steps": 12345678, "curve": [(1, 2.0), {"é": 1}]}
    )
    want = {"loss": 0.333333, "steps": 12345678, "curve": [[1, 2.0], {"é": 1}]}
    assert json.loads(path.read_text("utf8")) == want
    assert "é" in path.read_text("utf8")
    assert [p.name for p in path.parent.iterdir()] == ["r.json"]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_record_without_a_number_is_not_written(tmp_path, bad):
    write_record(tmp_path / "r", {"loss": 1.0})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_record(tmp_path / "r", {"loss": bad})
    assert json.loads((tmp_path / "r").read_text()) == {"loss": 1.0}


def test_a_description_names_what_figures_depend_on():
    facts = describe()
    assert facts["threads"] == torch.get_num_threads()
    assert facts["versions"]["torch"] == torch.__version__
    assert facts["device"]


def test_the_commit_tells_of_changes(tmp_path, monkeypatch):
    def git(*words):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        return run.stdout.decode().strip()

    file = tmp_path / "course_pkg" / "train" / "record.py"
    file.parent.mkdir(parents=True)
    file.write_text("a")
    result = tmp_path / "result.json"
    result.write_text("a")
    monkeypatch.setattr(record, "__file__", str(file))
    assert record.commit() is None
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "a")
    head = git("rev-parse", "--short=12", "HEAD")
    assert record.commit() == head
    result.write_text("b")
    assert record.commit() == head
    file.write_text("b")
    assert record.commit() == head + "+"
