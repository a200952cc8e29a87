"""The one idea, claim by claim: one step and one step_grad run everything.

Each test states its claim and holds it to torch.nn, to autograd or to a closed form.
"""

import numpy as np
import pytest
import torch
from oracle import (
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
from stand_ins import loop_scan, loop_scan_grad
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_pkg import bptt, gradients, layers
from course_pkg.cells import elman

PARAMS, X, H0 = draw_params(10), draw(0, T, B, I), draw(1, B, H)
DHS, D_LAST = draw(2, T, B, H), draw(3, B, H)
W_HH, HOLES, RAGGED = PARAMS["weight_hh"], draw_mask("holes"), draw_mask("ragged")


def forward_and_backward(params=PARAMS, x=X, h0=H0, mask=None, dhs=DHS, d_last=D_LAST):
    hs, last, tape = bptt.forward(elman, params, x, h0, mask)
    return hs, last, *bptt.backward(elman, params, x, dhs, d_last, tape, mask)


def torch_rnn(RNN=nn.RNN, **arguments):
    torch.manual_seed(0)
    return RNN(I, H, dtype=torch.float64, **arguments)


def project(rnn, x, hx):
    """Run a layer on a ragged batch; return outputs, last states, every gradient."""
    x, hx = x.clone().requires_grad_(), [h.clone().requires_grad_() for h in hx]
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False)
    out, last = rnn(packed, hx[0] if len(hx) == 1 else tuple(hx))
    last = last if isinstance(last, tuple) else (last,)
    outputs = pad_packed_sequence(out)[0], *last
    loss = sum((a * torch.tensor(draw(5, *a.shape))).sum() for a in outputs)
    leaves = [x, *hx, *rnn.parameters()]
    return outputs, torch.autograd.grad(loss, leaves)


def test_01_one_source_runs_on_numpy_and_on_torch():
    """The same functions take NumPy arrays and torch tensors; the numbers agree."""
    got = forward_and_backward(mask=HOLES)
    case = to("torch", (PARAMS, X, H0, HOLES, DHS, D_LAST))
    same = forward_and_backward(*case)
    assert isinstance(got[0], np.ndarray)
    assert isinstance(same[0], torch.Tensor)
    assert_close(same, got, tol=1e-13)


def test_02_forward_equals_torch():
    """`scan` with the Elman step is torch.nn.RNN, weights under the same names."""
    rnn = torch_rnn()
    rnn.load_state_dict({f"{k}_l0": torch.tensor(p) for k, p in PARAMS.items()})
    hs, last, _ = bptt.forward(elman, PARAMS, X, H0)
    want, want_last = rnn(*to("torch", (X, H0[None])))
    assert_close((hs, last), (want, want_last[0]))


def test_03_backpropagation_through_time_is_scan_grad():
    """Every gradient of a loss at all steps and at the last state is autograd's."""
    want = judge(PARAMS, X, H0, HOLES, DHS, D_LAST)
    _, _, grads, dx, d_state0 = forward_and_backward(mask=HOLES)
    assert_close(grads, want["grads"])
    assert_close((dx, d_state0), (want["dx"], want["d_state0"]))


def test_04_finite_differences_agree():
    """No derivative is taken on trust: differences of the forward pass confirm each."""
    _, _, grads, dx, d_state0 = forward_and_backward(mask=HOLES)

    def loss(params=PARAMS, x=X, h0=H0):
        hs, last, _ = bptt.forward(elman, params, x, h0, HOLES)
        return (hs * DHS).sum() + (last * D_LAST).sum()

    for name, g in grads.items():
        error = gradients.gradient_check(
            lambda p, name=name: loss(PARAMS | {name: p}), PARAMS[name], g
        )
        assert error < 1e-8, name
    assert gradients.gradient_check(lambda x: loss(x=x), X, dx) < 1e-8
    assert gradients.gradient_check(lambda h0: loss(h0=h0), H0, d_state0) < 1e-8


def test_05_signal_norms_are_a_by_product():
    """`scan_grad` passes ∂L/∂h_t on its way, for every t: autograd's, so the norms."""
    tape = bptt.forward(elman, PARAMS, X, H0, HOLES)[2]
    dh_total = bptt.scan_grad(elman, DHS, D_LAST, tape, W_HH, HOLES)[3]
    want = judge(PARAMS, X, H0, HOLES, DHS, D_LAST)["dh_total"]
    assert_close(dh_total, want)
    norms = np.stack([np.linalg.norm(d, axis=-1).mean() for d in want.numpy()])
    assert_close(gradients.signal_norms(dh_total), norms)


def test_06_the_tape_is_enough():
    """The way back reads weights, inputs and the tape; the tape is what plots draw."""
    _, _, *want = forward_and_backward()
    h0 = H0.copy()
    hs, last, tape = bptt.forward(elman, PARAMS, X, h0)
    assert_close(tuple(tape), (hs, np.concat([H0[None], hs[:-1]])), tol=0)
    for gone in (hs, last, h0):
        gone[:] = np.nan
    got = bptt.backward(elman, PARAMS, X, DHS, D_LAST, tape)
    assert_close(tuple(got), tuple(want))


def test_07_the_jacobian_is_scan_grad_fed_with_unit_vectors():
    """∂h_T/∂h_0 is one backward pass over a batch of unit vectors."""
    x, h0 = X[:, :1], H0[:1]
    tape = bptt.forward(elman, PARAMS, x, h0)[2]
    tape = elman.Tape(*(np.repeat(a, H, axis=1) for a in tape))
    jacobian = bptt.scan_grad(elman, np.zeros((T, H, H)), np.eye(H), tape, W_HH)[2]
    params, x = to("torch", (PARAMS, x))
    want = torch.autograd.functional.jacobian(
        lambda h: bptt.forward(elman, params, x, h[None])[1][0], torch.tensor(h0[0])
    )
    assert_close(jacobian, want)
    factors = [np.diag(1 - h**2) @ W_HH for h in tape.h[:, 0]]
    assert_close(jacobian, np.linalg.multi_dot(factors[::-1]))


def test_08_truncated_backpropagation_is_scan_on_pieces():
    """With the gradient handed over, windows give the whole; cut, autograd's detach."""
    params, x, h0, dhs = to("torch", (PARAMS, X, H0, DHS))
    leaves = {k: p.clone().requires_grad_() for k, p in params.items()}
    state, loss, pieces = h0, 0, []
    for w in (slice(0, 2), slice(2, 5), slice(5, 6)):
        hs, _, _ = bptt.forward(elman, leaves, x[w], state.detach())
        loss = loss + (hs * dhs[w]).sum()
        _, state, tape = bptt.forward(elman, params, x[w], state)
        pieces.insert(0, (x[w], dhs[w], tape))
    joined, cut, d_state = dict.fromkeys(params, 0), dict.fromkeys(params, 0), 0 * h0
    for x_w, dhs_w, tape in pieces:
        alone = bptt.backward(elman, params, x_w, dhs_w, 0 * h0, tape)[0]
        grads, _, d_state = bptt.backward(elman, params, x_w, dhs_w, d_state, tape)
        joined = {k: joined[k] + grads[k] for k in params}
        cut = {k: cut[k] + alone[k] for k in params}
    _, last, grads, _, d_state0 = forward_and_backward(params, x, h0, None, dhs, 0 * h0)
    assert_close((state, joined, d_state), (last, grads, d_state0))
    want = torch.autograd.grad(loss, list(leaves.values()))
    assert_close(tuple(cut.values()), want)
    assert (cut["weight_hh"] - joined["weight_hh"]).abs().max() > 0.1


def test_09_a_torch_layer_is_the_pair_in_an_autograd_function():
    """layers.RNN is torch.nn.RNN: names, weights both ways, results, gradients."""
    theirs, ours = torch_rnn(num_layers=2), torch_rnn(layers.RNN, num_layers=2)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict({k: 2 * p for k, p in theirs.state_dict().items()})
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    case = torch.tensor(X), [torch.tensor(draw(6, 2, B, H))]
    assert_close(project(ours, *case), project(theirs, *case))


def test_10a_another_pair_keeps_the_same_contract(monkeypatch):
    """`forward` and `backward` run on any (scan, scan_grad): here on naive loops."""
    want = forward_and_backward(mask=HOLES)
    monkeypatch.setattr(bptt, "scan", loop_scan)
    monkeypatch.setattr(bptt, "scan_grad", loop_scan_grad)
    assert_close(forward_and_backward(mask=HOLES), want)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_10b_the_same_pair_runs_another_cell(bidirectional):
    """A cell with a state of two parts runs unchanged: torch.nn.LSTM, ragged."""
    arguments = {"num_layers": 2, "bidirectional": bidirectional}
    theirs, ours = torch_rnn(nn.LSTM, **arguments), torch_rnn(layers.LSTM, **arguments)
    ours.load_state_dict(theirs.state_dict())
    K = 4 if bidirectional else 2
    case = torch.tensor(X), to("torch", (draw(6, K, B, H), draw(7, K, B, H)))
    assert_close(project(ours, *case), project(theirs, *case))


def test_11_both_directions_of_a_ragged_batch():
    """The backward direction starts at each sequence's own end, not at the padding."""
    arguments = {"num_layers": 2, "bidirectional": True}
    theirs, ours = torch_rnn(**arguments), torch_rnn(layers.RNN, **arguments)
    ours.load_state_dict(theirs.state_dict())
    case = torch.tensor(X), [torch.tensor(draw(6, 4, B, H))]
    assert_close(project(ours, *case), project(theirs, *case))
