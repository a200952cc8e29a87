"""``course train remedies``: chunks against whole sequences, and small runs."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from course_pkg import losses
from course_pkg.bptt import bind
from course_pkg.cells import elman, linear, relu
from course_pkg.commands import app
from course_pkg.runs import chunks, cliff, fresh, plain, remedies, wild

SIZES = (4, 6, 5)
RESULTS = Path(__file__).parents[2] / "book" / "results"
IN_PACKAGE = [task for task in remedies.TASKS if task != "threshold"]


def draw(T=9, B=3):
    """Return weights, inputs, targets and a state that is not zero."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(T, B, 4)), rng.integers(0, 5, (T, B))
    return plain.start(rng, *SIZES), x, y, rng.normal(size=(B, 6)) / 2


def test_one_chunk_is_the_whole_gradient():
    w, x, y, state = draw()
    batch = x, y, np.ones((9, 3, 1))
    whole = plain.gradient(w, batch, losses.cross_entropy_grad)
    got, _ = chunks.in_chunks(w, x, y, 0 * state, 9)
    assert set(got) == set(whole)
    for name, g in whole.items():
        np.testing.assert_allclose(got[name], g, atol=1e-14)


def test_chunks_carry_the_state_and_not_the_gradient():
    w, x, y, state = draw()
    whole, last = chunks.in_chunks(w, x, y, state, 9)
    got, carried = chunks.in_chunks(w, x, y, state, 4)
    np.testing.assert_allclose(carried, last)
    for name in plain.READOUT:  # which no later step hears of
        np.testing.assert_allclose(got[name], whole[name])
    assert not np.allclose(got["weight_hh"], whole["weight_hh"])
    parts, at = 0, state
    for t in (0, 4, 8):
        part, n = slice(t, t + 4), len(x[t : t + 4])
        grads, at = chunks.in_chunks(w, x[part], y[part], at, n)
        parts = parts + n / 9 * grads["weight_hh"]
    np.testing.assert_allclose(got["weight_hh"], parts)


@pytest.mark.parametrize("kind", {**remedies.KINDS, **remedies.WIRES}.items())
def test_a_remedy_changes_what_it_is_called_after(kind):
    name, (cell, special) = kind
    w = remedies.start(np.random.default_rng(0), SIZES, (cell, special))
    W, turned = w["weight_hh"], w["weight_hh"].T @ w["weight_hh"]
    assert np.allclose(turned, np.eye(6)) == bool(special)
    assert np.array_equal(W, np.eye(6)) == ("identity" in name)
    assert any(n.startswith("weight_skip") for n in w) == name.startswith("skip")
    assert w["bias_ih"].any() == ("identity" not in name)
    bind(cell, w)


def test_gradients_go_through_the_skips():
    w, x, y, _ = draw()
    cell = remedies.WIRES["skip of 5"][0]
    w = remedies.start(np.random.default_rng(0), SIZES, (cell, ""))
    batch = x, y, np.ones((9, 3, 1))
    grads = plain.gradient(w, batch, losses.cross_entropy_grad, cell)
    name, at, eps = "weight_skip5", (2, 3), 1e-6
    sides = []
    for sign in (1, -1):
        moved = w | {name: w[name].copy()}
        moved[name][at] += sign * eps
        logits = plain.run(moved, x, cell)[2]
        sides.append(losses.cross_entropy(logits, y, batch[2]))
    slope = (sides[0] - sides[1]) / (2 * eps)
    assert grads[name][at] == pytest.approx(slope, rel=1e-6)
    assert abs(slope) > 1e-6
    assert name not in plain.gradient(
        plain.start(np.random.default_rng(0), *SIZES),
        batch,
        losses.cross_entropy_grad,
        elman,
    )


@pytest.mark.parametrize("task", IN_PACKAGE)
def test_a_run_leaves_a_record(tmp_path, task):
    options = "--seeds", "2", "--share", "0.002", "--out", str(tmp_path)
    done = CliRunner().invoke(app, ["train", "remedies", task, *options])
    assert done.exit_code == 0, done.output
    record = json.loads((tmp_path / f"remedies_{task}.json").read_text("utf8"))
    assert record["seeds"] == [0, 1]
    assert {len(v) for k, v in record["results"].items() if k != "sizes"} == {2}


def test_a_low_limit_shortens_steps_on_characters():
    ids = np.random.default_rng(0).integers(0, 7, 200)
    loss, norms = remedies.characters(ids, 7, 0, 3, "descent", float("inf"))
    cut, same = remedies.characters(ids, 7, 0, 3, "descent", 0.01)
    assert norms[0] == same[0] > 0.01
    assert norms[1] != same[1]
    assert loss != cut


@pytest.mark.parametrize("task", remedies.TASKS)
def test_the_books_records_have_ten_seeds_and_say_how(task):
    record = json.loads((RESULTS / f"remedies_{task}.json").read_text("utf8"))
    assert record["command"] == f"course train remedies {task}"
    assert record["seeds"] == list(range(10))
    assert record["training"]["steps"] == remedies.STEPS[task]
    assert {"device", "commit", "versions"} <= set(record)
    assert record["processor_seconds"] > 1
    rows = record["results"]
    assert {len(v) for name, v in rows.items() if name != "sizes"} == {10}


def test_a_rotation_without_slopes_keeps_every_vector():
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    assert fresh.kept(Q, linear, 1.0, 0, T=9) == pytest.approx((1, 1))
    mean, middle = fresh.kept(np.diag([2.0, 1, 1, 1, 1, 0]), linear, 1.0, 0, T=2)
    assert (mean, middle) == pytest.approx(((20 / 6) ** 0.5, 1))
    assert fresh.kept(Q, relu, 1.0, 0, T=9)[0] < 0.5


def test_dropout_scales_what_it_keeps():
    none = [fresh.dropped(kind, 0.0, 3, H=8, T=4) for kind in ("new", "kept")]
    assert max(none) < 1
    for kind in ("new", "kept"):
        squares = [fresh.dropped(kind, 0.5, seed, H=8, T=1) ** 2 for seed in range(300)]
        assert np.mean(squares) == pytest.approx(2, rel=0.1)


def test_a_kept_mask_is_the_same_at_every_step():
    """One unit that is kept stays; one whose mask is drawn anew rarely does."""
    alive = {
        kind: sum(fresh.dropped(kind, 0.5, seed, H=1, T=4) > 0 for seed in range(100))
        for kind in ("new", "kept")
    }
    assert 35 < alive["kept"] < 65
    assert alive["new"] < 15


def test_a_skip_starts_from_zeros():
    w, x, _, _ = draw()
    cell = remedies.WIRES["skip of 5"][0]
    wired = w | {"weight_skip5": np.ones((6, 6))}
    plainly, skipping = plain.run(w, x)[0], plain.run(wired, x, cell)[0]
    np.testing.assert_array_equal(skipping[:5], plainly[:5])
    assert not np.allclose(skipping[5:], plainly[5:])


def test_only_what_should_learn_is_changed(monkeypatch):
    seen = []
    adam = chunks.optim.adam
    monkeypatch.setattr(
        chunks.optim, "adam", lambda w, g, *rest: seen.append(g) or adam(w, g, *rest)
    )
    for learn in (plain.READOUT, (*plain.CELL, *plain.READOUT)):
        chunks.stream(0, 2, 3, learn)
        assert {name for name, g in seen.pop().items() if g.any()} == set(learn)


def test_descent_does_not_use_adam(monkeypatch):
    ids, calls = np.random.default_rng(0).integers(0, 7, 200), []
    adam = remedies.optim.adam
    monkeypatch.setattr(
        remedies.optim, "adam", lambda *given: calls.append(given) or adam(*given)
    )
    remedies.characters(ids, 7, 0, 2, "descent", 1.0)
    assert calls == []
    remedies.characters(ids, 7, 0, 2, "Adam", 1.0)
    assert len(calls) == 2


def test_a_clipped_descent_takes_steps_of_bounded_length():
    at, norms = cliff.descend(2.0, -0.3, 0.05, 1.0, steps=40)
    assert np.linalg.norm(np.diff(at, axis=0), axis=1).max() < 0.05
    assert norms.max() > 50
    np.testing.assert_allclose(
        at[1] - at[0], -0.05 * np.array(cliff.cliff(2.0, -0.3)[1:]) / max(1, norms[0])
    )


def test_a_large_gain_is_lost_without_a_limit():
    assert wild.training(0, 2.5, np.inf).max() > 1e6
    assert wild.training(0, 2.5, 1.0, steps=20).max() < 100
    rng = np.random.default_rng(0)
    assert wild.net(rng, 2.0)["weight_hh"].std() == pytest.approx(2 / 32**0.5, rel=0.05)
    x, y, mask = wild.running_sum(rng, T=9, B=4)
    np.testing.assert_allclose(3 * np.diff(y, axis=0), x[1:])
    assert mask.all()
