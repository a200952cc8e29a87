"""``course train captioning`` and ``handwriting``: small runs, and what they leave."""

import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from course_pkg import train
from course_pkg.commands import app
from course_pkg.models.captioning import INJECTIONS, Captioner
from course_pkg.models.handwriting import MixtureRNN
from course_pkg.runs import captioning, handwriting


def run(name, out, *options):
    arguments = ["train", name, "--out", str(out), "--epochs", "2", *options]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return json.loads((out / f"{name}.json").read_text("utf8"))["runs"]


def test_captioning_leaves_a_run_for_each_injection(tmp_path, monkeypatch):
    monkeypatch.setattr(captioning, "STEPS", 2)
    sizes = "--hidden", "6", "--embedding", "4", "--columns", "5"
    runs = run("captioning", tmp_path, *sizes)
    assert tuple(runs) == INJECTIONS
    for kind, one in runs.items():
        assert one["model"]["inject"] == kind
        assert [row["step"] for row in one["curve"]] == [2, 4]
        assert set(one["test"]) == {"loss", "exact", "information", "exact_wrong"}
    model, about = train.load(Captioner, tmp_path / "captioning.safetensors")
    assert model.inject == "attention"
    assert tuple(about["symbols"]) == captioning.VOCAB.symbols


def test_a_captioners_figures_are_of_greedy_captions():
    class Parrot(Captioner):
        def greedy(self, images, limit):
            said = dict(zip(self.seen, self.said, strict=True))
            return [said[float(image.sum())] for image in images]

    torch.manual_seed(0)
    images, ids, mask = captioning.draw(np.random.default_rng(0), 6)
    assert ids[-1].tolist() == [1] * 6
    assert mask.shape == (9, 6, 1)
    model = Parrot(len(captioning.VOCAB), 4, 5)
    model.seen = [float(image.sum()) for image in images]
    model.said = [[i for i in row if i != 1] for row in ids.T.tolist()]
    texts = [" ".join(captioning.VOCAB.symbols[i] for i in row) for row in model.said]
    assert all(text.startswith("a ") and " at the " in text for text in texts)
    assert len(set(texts)) == 6
    got = captioning.figures(model, (images, ids, mask), 0)
    assert (got["exact"], got["exact_wrong"]) == (1, 0)
    assert got["loss"] == pytest.approx(model.loss(images, ids, mask).item(), rel=1e-6)
    model.said[2] = model.said[2][:-1]
    assert captioning.figures(model, (images, ids, mask), 0)["exact"] == 5 / 6


def test_handwriting_leaves_a_run_for_each_mixture_and_one_with_text(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(handwriting, "STEPS", 2)
    sizes = "--hidden", "6", "--columns", "5", "--components", "1", "--components", "3"
    runs = run("handwriting", tmp_path, *sizes)
    assert tuple(runs) == ("M = 1", "M = 3", "text")
    assert [one["model"]["M"] for one in runs.values()] == [1, 3, 3]
    for kind, one in runs.items():
        assert [row["step"] for row in one["curve"]] == [2, 4]
        assert ("wrong_text" in one["test"]) == (kind == "text")
        assert one["test"]["pen"] > 0
    assert set(runs["text"]["letters_and_end"]) == {"0.0", "0.5", "2.0"}
    model, about = train.load(MixtureRNN, tmp_path / "handwriting.safetensors")
    assert model.V == len(about["symbols"]) == 8


def test_a_pens_figures_are_its_losses():
    torch.manual_seed(0)
    batch = handwriting.draw(np.random.default_rng(0), 4)
    points, mask, text = batch
    assert text.shape == (handwriting.LENGTH, 4, 8)
    assert (points[..., 2].sum(0) == handwriting.LENGTH).all()
    assert mask.min() == 0
    model = MixtureRNN(5, 1, V=8)
    with torch.no_grad():
        model.out.weight.mul_(5)
    for p in model.parameters():
        p.requires_grad_(False)
    got = handwriting.figures(model, batch)
    want = model.loss(points, mask, text).item()
    assert got["loss"] == pytest.approx(want, rel=1e-6)
    turned = text[:, [3, 0, 1, 2]]
    assert got["wrong_text"] == pytest.approx(model.loss(points, mask, turned).item())
    assert got["wrong_text"] != pytest.approx(want, rel=1e-4)
    before = torch.cat([torch.zeros(1, 4, 3), points[:-1]])
    pens = model(before, text)[0][..., -1][mask[..., 0] > 0]
    lifts = points[..., 2][mask[..., 0] > 0]
    pen = torch.nn.functional.binary_cross_entropy_with_logits(pens, lifts)
    assert got["pen"] == pytest.approx(pen.item(), rel=1e-5)


def test_what_is_written_ends_with_a_lift_for_each_letter(monkeypatch):
    """Three made drawings: as asked, one lift short, and one that never ends."""
    drawn = torch.zeros(20, 3, 3)
    drawn[:8, 0, 0], drawn[:8, 1, 0], drawn[:, 2, 0] = 1, 1, 1
    drawn[1:8:2, 0, 2], drawn[1:6:2, 1, 2], drawn[1:8:2, 2, 2] = 1, 1, 1
    monkeypatch.setattr(handwriting, "generate", lambda *_, **__: drawn)
    model, batch = MixtureRNN(4, 1, V=8), (drawn, drawn, torch.zeros(4, 3, 8))
    assert handwriting.written(model, batch, 0, 0.0) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("module", "sizes"), [(captioning, (0, 5)), (handwriting, (0, 5, 8))]
)
def test_an_epoch_is_a_function_of_its_number(module, sizes, monkeypatch):
    monkeypatch.setattr(module, "STEPS", 2)
    one, two, three = (module.epoch(*sizes, e) for e in (1, 1, 2))
    for batch, same in zip(one, two, strict=True):
        assert len(batch) == 3
        assert all(torch.equal(a, b) for a, b in zip(batch, same, strict=True))
    firsts = {float(batch[0].sum()) for batch in (*one, *three)}
    assert len(firsts) == 4


def test_who_follows_no_text_gets_none(monkeypatch):
    monkeypatch.setattr(handwriting, "STEPS", 1)
    assert len(handwriting.epoch(0, 5, 0, 1)[0]) == 2
