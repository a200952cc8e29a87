"""scan and scan_grad against torch.nn.RNNCell and autograd, and their invariances."""

import copy

import numpy as np
import pytest
import torch
from oracle import (
    KINDS,
    LENGTHS,
    B,
    H,
    I,
    T,
    assert_close,
    draw,
    draw_mask,
    draw_params,
    judge,
    to,
)

from course_pkg import bptt
from course_pkg.cells import elman, relu

CELLS = {"tanh": elman, "relu": relu}
MASKS = ("none", "ragged", "holes")


def problem(mask="none", bias=True):
    """Everything that forward and backward take, with non-zero states and gradients."""
    x, h0, dhs, d_last = (
        draw(i, *s) for i, s in enumerate([(T, B, I), (B, H), (T, B, H), (B, H)])
    )
    return draw_params(10, bias), x, h0, draw_mask(mask), dhs, d_last


def run(params, x, h0, mask, dhs, d_last, cell=elman):
    """Run forward, then backward: all that the judge returns."""
    hs, last, tape = bptt.forward(cell, params, x, h0, mask)
    grads, dx, d_state0 = bptt.backward(cell, params, x, dhs, d_last, tape, mask)
    dh_total = bptt.scan_grad(cell, dhs, d_last, tape, params["weight_hh"], mask)[3]
    out = {"hs": hs, "last": last, "grads": grads, "dx": dx, "d_state0": d_state0}
    return out | {"dh_total": dh_total}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("nonlinearity", CELLS)
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_and_every_gradient_are_those_of_autograd(
    kind, nonlinearity, bias, mask
):
    case = problem(mask, bias)
    got = run(*to(kind, case), CELLS[nonlinearity])
    assert_close(got, judge(*case, nonlinearity=nonlinearity))


@pytest.mark.parametrize("mask", ["none", "ragged"])
def test_outputs_and_every_gradient_are_those_of_torch_nn_rnn(mask):
    params, x, h0, m, dhs, d_last = to("torch", problem(mask))
    dhs = dhs if m is None else m * dhs
    rnn = torch.nn.RNN(I, H, dtype=torch.float64)
    rnn.load_state_dict({f"{name}_l0": p for name, p in params.items()})
    given = x.requires_grad_()
    if m is not None:
        given = torch.nn.utils.rnn.pack_padded_sequence(
            x, torch.tensor(LENGTHS), enforce_sorted=False
        )
    hs, last = rnn(given, h0.requires_grad_()[None])
    if m is not None:
        hs = torch.nn.utils.rnn.pad_packed_sequence(hs)[0]
    ((hs * dhs).sum() + (last[0] * d_last).sum()).backward()
    with torch.no_grad():
        got = run(params, x, h0, m, dhs, d_last)
    assert_close(got["hs"] if m is None else m * got["hs"], hs)
    assert_close(got["last"], last[0])
    grads = {name.removesuffix("_l0"): p.grad for name, p in rnn.named_parameters()}
    assert_close(got["grads"], grads)
    assert_close((got["dx"], got["d_state0"]), (x.grad, h0.grad))


@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays_float32_and_close(kind):
    case = problem("holes")
    single = {name: p.astype("float32") for name, p in case[0].items()}
    single = single, *(x.astype("float32") for x in case[1:])
    got = run(*to(kind, single))
    assert_close(got, judge(*case), tol=2e-5)
    for x in (
        got["hs"],
        got["last"],
        got["dx"],
        got["d_state0"],
        *got["grads"].values(),
    ):
        assert str(x.dtype).endswith("float32")


def test_nothing_that_came_in_is_changed():
    case = problem("holes")
    before = copy.deepcopy(case)
    run(*case)
    assert_close(case[0], before[0], tol=0)
    assert_close(case[1:], before[1:], tol=0)


@pytest.mark.parametrize("mask", MASKS)
def test_one_piece_equals_many_pieces(mask):
    params, x, h0, m, dhs, d_last = problem(mask)
    whole = run(params, x, h0, m, dhs, d_last)
    windows = [slice(0, 1), slice(1, 4), slice(4, 6)]
    masks = [None if m is None else m[w] for w in windows]
    state, hss, tapes = h0, [], []
    for w, m_w in zip(windows, masks, strict=True):
        hs, state, tape = bptt.forward(elman, params, x[w], state, m_w)
        hss.append(hs)
        tapes.append(tape)
    assert_close((np.concat(hss), state), (whole["hs"], whole["last"]))
    total, dxs, d_state = dict.fromkeys(params, 0), [], d_last
    for w, m_w, tape in zip(windows[::-1], masks[::-1], tapes[::-1], strict=True):
        grads, dx, d_state = bptt.backward(
            elman, params, x[w], dhs[w], d_state, tape, m_w
        )
        total = {name: total[name] + g for name, g in grads.items()}
        dxs.insert(0, dx)
    assert_close((np.concat(dxs), d_state), (whole["dx"], whole["d_state0"]))
    assert_close(total, whole["grads"])


def test_padding_does_not_matter():
    params, x, h0, m, dhs, d_last = problem("ragged")
    garbage = 1e3 * draw(50, T, B, I)
    dhs = m * dhs
    short = run(params, x, h0, m, dhs, d_last)
    longer = np.concat([m * x + (1 - m) * garbage, garbage])
    nothing = np.zeros((T, B, 1))
    m2, dhs2 = np.concat([m, nothing]), np.concat([dhs, nothing * dhs])
    long = run(params, longer, h0, m2, dhs2, d_last)
    for name in ("last", "grads", "d_state0"):
        assert_close(long[name], short[name])
    assert_close(m * long["hs"][:T], m * short["hs"])
    assert_close(long["dx"], np.concat([short["dx"], 0 * garbage]))
    assert np.all(short["dx"][np.broadcast_to(m == 0, x.shape)] == 0)


def test_a_sequence_alone_is_the_sequence_in_the_batch():
    params, x, h0, m, dhs, d_last = problem("ragged")
    batch = run(params, x, h0, m, m * dhs, d_last)
    total = dict.fromkeys(params, 0)
    for b, n in enumerate(LENGTHS):
        one = slice(b, b + 1)
        alone = run(params, x[:n, one], h0[one], None, dhs[:n, one], d_last[one])
        assert_close(alone["hs"], batch["hs"][:n, one])
        assert_close(alone["last"], batch["last"][one])
        assert_close(alone["dx"], batch["dx"][:n, one])
        assert_close(alone["d_state0"], batch["d_state0"][one])
        total = {name: total[name] + g for name, g in alone["grads"].items()}
    assert_close(total, batch["grads"])


def test_batch_order_does_not_matter():
    params, x, h0, m, dhs, d_last = problem("holes")
    p = np.array([2, 0, 3, 1])
    want = run(params, x, h0, m, dhs, d_last)
    got = run(params, x[:, p], h0[p], m[:, p], dhs[:, p], d_last[p])
    assert_close(got["grads"], want["grads"])
    assert_close((got["last"], got["d_state0"]), (want["last"][p], want["d_state0"][p]))
    assert_close((got["hs"], got["dx"]), (want["hs"][:, p], want["dx"][:, p]))


def test_hold_takes_every_part_of_a_state():
    m, new, old = np.array([[1.0], [0.0]]), draw(0, 2, H), draw(1, 2, H)
    want = np.stack([new[0], old[1]])
    assert_close(bptt.hold(m, new, old), want)
    assert_close(bptt.hold(m, (new, -new), (old, -old)), (want, -want))


def test_nothing_is_made_on_another_device():
    """A tensor of the CPU would not meet one of torch's device without memory."""
    params, *rest = to("torch", problem("holes"))
    params = {name: p.to("meta") for name, p in params.items()}
    got = run(params, *(a.to("meta") for a in rest))
    assert got["dx"].device.type == got["d_state0"].device.type == "meta"
