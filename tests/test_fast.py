"""The fast pair against the reference pair, step for step; large products, too."""

import pytest
import torch
from oracle import B, H, I, T, assert_close, complains, draw, draw_mask, to

from course_pkg import bptt, fast
from course_pkg.bptt import REFERENCE, each
from course_pkg.cells import elman, gru, lstm, relu
from course_pkg.cells.gru_before import ResetBefore
from course_pkg.cells.lstm_peephole import Peephole
from course_pkg.fast import products

CELLS = {"elman": (elman, 1), "relu": (relu, 1), "lstm": (lstm, 4), "gru": (gru, 3)}
each_cell = pytest.mark.parametrize("name", CELLS)


def draw_state(seed, name, B=B, H=H):
    h, c = draw(seed, B, H), draw(seed + 1, B, H)
    return (h, c) if name == "lstm" else h


def draw_case(name, bias, mask, first, sizes=(T, B, I, H)):
    """Draw weights, x, the first state, a mask, and what comes from outside."""
    T, B, I, H = sizes  # noqa: E741
    GH = CELLS[name][1] * H
    shapes = {"weight_ih": (GH, I), "weight_hh": (GH, H)}
    shapes |= {"bias_ih": (GH,), "bias_hh": (GH,)} if bias else {}
    params = {k: 0.6 * draw(i, *s) for i, (k, s) in enumerate(shapes.items())}
    state = draw_state(10, name, B, H)
    if not first:
        state = each(lambda part: 0 * part, state)
    outside = draw(20, T, B, H), draw_state(21, name, B, H)
    return to("torch", (params, draw(9, T, B, I), state, mask, outside))


def both_ways(pair, cell, params, x, state, mask, outside):
    """Run forward and back: everything that a pair returns, and every gradient."""
    hs, last, tape = bptt.forward(cell, params, x, state, mask, pair)
    grads, dx, d_state = bptt.backward(cell, params, x, *outside, tape, mask, pair)
    W_hh = params["weight_hh"]
    inner = pair.scan_grad(cell, *outside, tape, W_hh, mask)
    return hs, last, tuple(tape), grads, dx, d_state, inner


@pytest.mark.parametrize("first", [True, False], ids=["state", "zeros"])
@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "bare"])
@each_cell
def test_all_that_comes_out_is_the_references(name, bias, mask, first):
    case = draw_case(name, bias, draw_mask(mask), first)
    cell = CELLS[name][0]
    assert fast.pick(cell, torch.device("cpu"), torch.float64) is fast.PAIR
    got, want = (both_ways(pair, cell, *case) for pair in (fast.PAIR, REFERENCE))
    assert_close(got, want, tol=1e-12)


@pytest.mark.parametrize("mask", ["none", "holes"])
@each_cell
def test_one_step_is_the_references(name, mask):
    mask = None if mask == "none" else draw_mask(mask)[:1]
    case = draw_case(name, True, mask, True, (1, B, I, H))
    cell = CELLS[name][0]
    got, want = (both_ways(pair, cell, *case) for pair in (fast.PAIR, REFERENCE))
    assert_close(got, want, tol=1e-12)


@pytest.mark.parametrize("enabled", [True, False], ids=["oneDNN", "plain"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "bare"])
@pytest.mark.parametrize("name", ["elman", "lstm", "gru"])
def test_large_products_in_float32_are_the_references(name, bias, enabled, monkeypatch):
    sizes, taken = (5, 3, 4, 6), []
    real = torch.ops.mkldnn._reorder_linear_weight

    def reorder(*args):
        taken.append(args)
        return real(*args)

    monkeypatch.setattr(products, "LARGE", 1)
    monkeypatch.setattr(torch.ops.mkldnn, "_reorder_linear_weight", reorder)
    params, x, state, mask, outside = draw_case(name, bias, None, True, sizes)
    params = {k: p.float() for k, p in params.items()}
    case = params, x.float(), each(torch.Tensor.float, state), mask
    outside = outside[0].float(), each(torch.Tensor.float, outside[1])
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", enabled)
    got = both_ways(fast.PAIR, CELLS[name][0], *case, outside)
    assert len(taken) == 3 * enabled
    want = both_ways(REFERENCE, CELLS[name][0], *case, outside)
    assert {a.dtype for a in got[3].values()} == {torch.float32}
    assert_close(got, want, tol=2e-5)


@each_cell
def test_arguments_and_tape_are_left_as_they_were(name):
    cell, case = CELLS[name][0], draw_case(name, True, draw_mask("holes"), True)
    params, _, state, mask, outside = case
    before = draw_case(name, True, draw_mask("holes"), True)
    gi = torch.tensor(draw(0, T, B, CELLS[name][1] * H))
    gi_before, W, b = gi.clone(), params["weight_hh"], params["bias_hh"]
    _, last, tape = fast.scan(cell, gi, state, W, b, mask)
    tape_before = tuple(part.clone() for part in tape)
    first = fast.scan_grad(cell, *outside, tape, W, mask)
    assert_close(fast.scan_grad(cell, *outside, tape, W, mask), first, tol=0)
    assert_close((gi, *tape), (gi_before, *tape_before), tol=0)
    assert_close(case, before, tol=0)
    # The last state is no view: whoever keeps it does not keep all the steps.
    parts = last if isinstance(last, tuple) else (last,)
    assert {part.untyped_storage().nbytes() for part in parts} == {B * H * 8}


@pytest.mark.parametrize("cell", [ResetBefore(), Peephole()], ids=["before", "peep"])
def test_other_cells_fall_back_to_the_reference(cell):
    name = "lstm" if isinstance(cell, Peephole) else "gru"
    case = draw_case(name, True, draw_mask("ragged"), True)
    if name == "lstm":
        own = {n: torch.tensor(draw(i, H)) for i, n in enumerate(cell.own, 50)}
        case[0].update(own)
    assert fast.pick(cell, torch.device("cpu"), torch.float64) is None
    pairs = fast.PAIR._replace(weight_grads=REFERENCE.weight_grads), REFERENCE
    results = []
    for pair in pairs:
        params, x, state, mask, outside = case
        hs, last, tape = bptt.forward(cell, params, x, state, mask, pair)
        back = bptt.backward(cell, params, x, *outside, tape, mask, pair)
        results.append((hs, last, tuple(tape), *back))
    assert_close(*results, tol=1e-12)


def test_numpy_arrays_and_other_dtypes_fall_back_to_the_reference():
    h, gi, W = draw(0, B, H), draw(1, T, B, H), draw(2, H, H)
    got, want = (scan(elman, gi, h, W) for scan in (fast.scan, bptt.scan))
    assert_close(got, want, tol=0)
    dhs, tape = draw(3, T, B, H), want[2]
    got, want = (
        grad(elman, dhs, h, tape, W) for grad in (fast.scan_grad, bptt.scan_grad)
    )
    assert_close(got, want, tol=0)
    for device, dtype in (("cpu", torch.bfloat16), ("cuda", torch.float32)):
        assert fast.pick(elman, torch.device(device), dtype) is None
    half = (torch.tensor(a).bfloat16() for a in (gi, h, W))
    assert fast.scan(elman, *half)[0].dtype == torch.bfloat16


@pytest.mark.parametrize("pair", [fast.PAIR, REFERENCE], ids=["fast", "reference"])
def test_both_pairs_have_the_same_errors(pair):
    x, h, W = torch.zeros(6, 4, 20), torch.zeros(4, 5), torch.zeros(20, 5)
    with complains("gi: expected (T, B, G·H) with T ≥ 1 and G·H = 20, got (6, 4, 19)"):
        pair.scan(lstm, x[..., :19], (h, h), W)
    with complains("state: expected (B, H) = (4, 5), got (3, 5)"):
        pair.scan(lstm, x, (h, h[:3]), W)
    with complains("mask: expected (T, B, 1) = (6, 4, 1), got (6, 4)"):
        pair.scan(lstm, x, (h, h), W, None, x[..., 0])
    tape = pair.scan(lstm, x, (h, h), W)[2]
    with complains("dhs: expected (T, B, H) = (6, 4, 5), got (5, 4, 5)"):
        pair.scan_grad(lstm, x[:5, :, :5], (h, h), tape, W)
    with complains("d_state: expected (B, H) = (4, 5), got (4, 4)"):
        pair.scan_grad(lstm, x[..., :5], (h[:, :4], h), tape, W)


def test_bias_gradients_are_two_arrays():
    params, x, state, mask, outside = draw_case("lstm", True, None, True)
    _, _, tape = bptt.forward(lstm, params, x, state, mask, fast.PAIR)
    grads = bptt.backward(lstm, params, x, *outside, tape, mask, fast.PAIR)[0]
    assert grads["bias_ih"].data_ptr() != grads["bias_hh"].data_ptr()
