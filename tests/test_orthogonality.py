"""Recurrent weights that stay orthogonal: before, during and after training."""

import copy

import pytest
import torch
from oracle import LENGTHS, B, H, I, T, assert_close, complains, draw
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from course_pkg import layers
from course_pkg.orthogonality import keep_orthogonal

KINDS = {"RNN": 1, "LSTM": 4, "GRU": 3}
NAMES = [f"weight_hh_l{k}{s}" for k in (0, 1) for s in ("", "_reverse")]
each_kind = pytest.mark.parametrize("kind", KINDS)


def build(kind, dtype=torch.float64):
    torch.manual_seed(0)
    make = getattr(layers, kind)
    return keep_orthogonal(make(I, H, 2, bidirectional=True, dtype=dtype))


def error(rnn):
    """Return how far Wᵀ W is from the identity in any block of any weight."""
    blocks = torch.cat(
        [getattr(rnn, name).detach().reshape(-1, H, H) for name in NAMES]
    )
    return float((blocks.mT @ blocks - torch.eye(H).to(blocks)).abs().max())


def train(rnn, steps=50):
    torch.manual_seed(1)
    x = torch.randn(T, B, I).to(rnn.weight_ih_l0)
    optimiser = torch.optim.Adam(rnn.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        loss = ((rnn(x)[0] - 0.3) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    return losses


@each_kind
def test_weights_stay_orthogonal_while_a_layer_learns(kind):
    rnn = build(kind, torch.float32)
    before = rnn.weight_hh_l1.detach().clone()
    assert before.shape == (KINDS[kind] * H, H)
    assert error(rnn) < 1e-5
    losses = train(rnn)
    assert error(rnn) < 1e-5
    assert losses[-1] < 0.2 * losses[0]
    moved = (rnn.weight_hh_l1 - before).reshape(-1, H, H).abs().amax((1, 2))
    assert moved.min() > 0.05  # every gate's block has moved


@each_kind
def test_gradients_pass_through_our_backward_and_torchs_map(kind):
    """As torch.nn's layer with the same weights, as functions of free numbers."""
    rnn, judge = build(kind), getattr(nn, kind)(I, H, 2, bidirectional=True).double()
    train(rnn, 3)
    free = dict(rnn.named_parameters())
    weights = {name: getattr(rnn, name) for name, _ in judge.named_parameters()}
    x = torch.tensor(draw(0, T, B, I), requires_grad=True)
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False)
    results = (
        rnn(packed)[0].data,
        torch.func.functional_call(judge, weights, (packed,))[0].data,
    )
    assert_close(*results)
    d = torch.tensor(draw(1, *results[0].shape))
    got, want = (
        torch.autograd.grad((r * d).sum(), (x, *free.values()), retain_graph=True)
        for r in results
    )
    assert_close(got, want)
    assert all(bool(g.any()) for g in got)


@each_kind
def test_a_copy_and_a_state_dict_are_whole(kind):
    rnn = build(kind)
    train(rnn, 3)
    x = torch.tensor(draw(0, T, B, I))
    fresh = keep_orthogonal(getattr(layers, kind)(I, H, 2, bidirectional=True)).double()
    fresh.load_state_dict(rnn.state_dict())
    for twin in (copy.deepcopy(rnn), fresh):
        assert_close(twin(x), rnn(x), tol=0)
        train(twin, 2)
        assert (twin(x)[0] - rnn(x)[0]).abs().max() > 1e-3
        assert error(twin) < 1e-10


def test_an_orthogonal_start_is_kept_and_a_weight_can_be_set():
    Q = torch.linalg.qr(torch.tensor(draw(0, H, H)))[0]
    rnn = layers.RNN(I, H).double()
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(Q)
    assert_close(keep_orthogonal(rnn).weight_hh_l0, Q)
    rnn.weight_hh_l0 = Q.T
    assert_close(rnn.weight_hh_l0, Q.T)


@pytest.mark.parametrize("make", [layers.LSTM, layers.Jordan])
def test_blocks_that_are_not_square_are_named(make):
    further = {"proj_size": 3} if make is layers.LSTM else {"output_size": 3}
    rnn = make(I, H, **further)
    shape = tuple(rnn.weight_hh_l0.shape)
    with complains(f"weight_hh_l0: expected (G·H, H), got {shape}"):
        keep_orthogonal(rnn)
