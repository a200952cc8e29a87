"""``course train gradients``: the net against torch, small runs, the book's records."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from course_pkg import losses
from course_pkg.commands import app
from course_pkg.runs import flow, gradients, plain

RESULTS = Path(__file__).parents[2] / "book" / "results"


def judge(w, batch):
    """Return the loss and its gradients by torch.nn.RNN and autograd."""
    x, y, mask = batch
    p = {name: torch.tensor(v, requires_grad=True) for name, v in w.items()}
    H, I = w["weight_ih"].shape  # noqa: E741
    cell = {f"{name}_l0": p[name] for name in plain.CELL}
    hs, _ = torch.func.functional_call(
        torch.nn.RNN(I, H).double(), cell, (torch.tensor(x),)
    )
    logp = torch.log_softmax(hs @ p["W_hy"].T + p["b_y"], -1)
    ell = -logp.gather(-1, torch.tensor(y)[..., None])
    loss = (ell * torch.tensor(mask)).sum() / mask.sum()
    loss.backward()
    return loss.item(), {name: v.grad.numpy() for name, v in p.items()}


def test_the_gradient_is_torchs():
    rng = np.random.default_rng(0)
    batch = gradients.symbol(2, 5, T=7)(rng)
    w = plain.start(rng, 4, 6, 4)
    want, grads = judge(w, batch)
    x, y, mask = batch
    assert losses.cross_entropy(plain.run(w, x)[2], y, mask) == pytest.approx(want)
    got = plain.gradient(w, batch, losses.cross_entropy_grad)
    assert set(got) == set(grads)
    for name, g in grads.items():
        np.testing.assert_allclose(got[name], g, atol=1e-12)


def test_training_lowers_the_loss_and_is_repeatable():
    def once():
        rng = np.random.default_rng(1)
        w = plain.start(rng, 4, 16, 4)
        test = gradients.symbol(1, 50, T=6)(np.random.default_rng(9))
        watch = lambda w: gradients.accuracy(w, test)  # noqa: E731
        draw, grad = gradients.symbol(1, 32, T=6), losses.cross_entropy_grad
        return plain.fit(draw, grad, w, rng, 200, 0.01, watch, every=100)

    (w, seen), (again, _) = once(), once()
    assert len(seen) == 2
    assert seen[-1] > 0.95
    assert all((w[name] == again[name]).all() for name in w)


@pytest.mark.parametrize("task", gradients.TASKS)
def test_a_run_leaves_a_record(tmp_path, task):
    options = "--seeds", "2", "--share", "0.002", "--out", str(tmp_path)
    done = CliRunner().invoke(app, ["train", "gradients", task, *options])
    assert done.exit_code == 0, done.output
    record = json.loads((tmp_path / f"gradients_{task}.json").read_text("utf8"))
    assert record["seeds"] == [0, 1]
    assert record["training"]["steps"] == 2
    small, kept = shape(record["results"]), shape(book(task)["results"])
    assert {name: rows[1:] for name, rows in small.items() if task != "adding"} == (
        {name: rows[1:] for name, rows in kept.items() if task != "adding"}
    )
    assert small.keys() == kept.keys()


def book(task):
    return json.loads((RESULTS / f"gradients_{task}.json").read_text("utf8"))


def shape(results):
    """Return name -> shape of the arrays of a record, nested names joined."""
    found = {}
    for name, value in results.items():
        inner = value if isinstance(value, dict) else {"": value}
        for key, rows in inner.items():
            found[f"{name} {key}"] = np.shape(rows)
    return found


@pytest.mark.parametrize("task", gradients.TASKS)
def test_the_books_records_have_ten_seeds_and_say_how(task):
    record = book(task)
    assert record["command"] == f"course train gradients {task}"
    assert record["seeds"] == list(range(10))
    assert record["training"]["steps"] == gradients.STEPS[task]
    assert {"device", "commit", "versions"} <= set(record)
    assert record["processor_seconds"] > 1
    rows = {
        n: s for n, s in shape(record["results"]).items() if not n.startswith("gaps")
    }
    assert {s[0] for s in rows.values()} == {10}


def test_only_the_last_step_is_judged():
    x, y, mask = gradients.sum_of_two(8, 5)(np.random.default_rng(3))
    np.testing.assert_allclose(y[-1, :, 0], (x[..., 0] * x[..., 1]).sum(0))
    assert (mask[..., 0] == (np.arange(8) == 7)[:, None]).all()
    x, y, mask = gradients.language(4, 50, least=4)(np.random.default_rng(3))
    assert x.shape == (6, 50, 19)
    assert (x[0].argmax(-1) == y[-1]).all()
    assert mask.sum() == mask[-1].sum() == 50


def test_answering_one_costs_a_sixth(monkeypatch):
    def answer_one(draw, grad, w, rng, steps, lr, watch):
        w = {name: 0 * value for name, value in w.items()}
        return w, [watch(w | {"b_y": np.ones(1)})]

    monkeypatch.setattr(gradients, "fit", answer_one)
    errors = np.array(list(gradients.adding(1, 1).values()))
    np.testing.assert_allclose(errors, 1 / 6, rtol=0.05)


def test_noise_is_decided_by_no_input():
    x, y, mask = gradients.symbol(0, 500)(np.random.default_rng(2))
    assert mask.all()
    assert (x.argmax(-1) == y).mean() == pytest.approx(0.25, abs=0.02)
    x, y, mask = gradients.symbol(3, 5)(np.random.default_rng(2))
    assert (x.argmax(-1)[:-3] == y[3:]).all()
    assert mask[:3].sum() == 0


@pytest.mark.parametrize("kind", flow.KINDS)
def test_flow_is_relative_to_lag_zero_and_repeatable(kind):
    norms = flow.flow(kind, 3, T=12, H=6)
    assert norms.shape == (12,)
    assert norms[0] == 1
    assert (norms == flow.flow(kind, 3, T=12, H=6)).all()
    assert (norms != flow.flow(kind, 4, T=12, H=6))[1:].any()


def test_special_weights_are_what_they_are_called():
    H, rng = 6, np.random.default_rng(0)
    W = {
        name: flow.fresh(rng, G, H, 3, special)
        for name, (_, G, special) in flow.KINDS.items()
    }
    Q = W["tanh, orthogonal"]["weight_hh"]
    np.testing.assert_allclose(Q @ Q.T, np.eye(H), atol=1e-12)
    np.testing.assert_array_equal(W["ReLU, identity"]["weight_hh"], np.eye(H))
    assert not W["ReLU, identity"]["bias_ih"].any()
    assert (W["LSTM, forget bias 3"]["bias_ih"][H : 2 * H] == 3).all()
    assert (W["GRU, keep bias 3"]["bias_ih"][H : 2 * H] == 3).all()
    assert np.abs(W["tanh"]["weight_hh"]).max() <= H**-0.5
    assert np.std(flow.fresh(rng, 1, 200, 3, "gain")["weight_hh"]) == pytest.approx(
        1.5 / 200**0.5, rel=0.02
    )
