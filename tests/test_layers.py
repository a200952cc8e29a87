"""layers.RNN against torch.nn.RNN: everything that goes in, comes out, or is kept."""

import copy
import io
import pickle

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
    to,
)
from torch import nn
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
)

from course_pkg import bptt, layers

SORTED = tuple(sorted(LENGTHS, reverse=True))
BATCHES = {"full": None, "sorted": SORTED, "unsorted": LENGTHS}


def twins(seed=0, device="cpu", dtype=torch.float64, **arguments):
    """Make torch's layer and ours with the same weights, larger than fresh ones."""
    torch.manual_seed(seed)
    theirs = nn.RNN(I, H, **arguments)
    for weight in theirs.parameters():
        nn.init.normal_(weight, std=0.6)
    ours = layers.RNN(I, H, **arguments)
    ours.load_state_dict(theirs.state_dict())
    return theirs.to(device, dtype), ours.to(device, dtype)


def run(rnn, x, hx, lengths=None, device="cpu"):
    """Run a layer forward and back: outputs, last states, and every gradient.

    The loss is a random projection of all outputs and of all last states.
    """
    first = rnn.batch_first
    x, hx = (torch.tensor(a, device=device, requires_grad=True) for a in (x, hx))
    given = x.transpose(0, 1) if first and x.ndim == 3 else x
    if lengths is not None:
        in_order = list(lengths) == sorted(lengths, reverse=True)
        given = pack_padded_sequence(given, torch.tensor(lengths), first, in_order)
    out, last = rnn(given, hx)
    data = out.data if isinstance(out, PackedSequence) else out
    loss = sum((a * torch.tensor(draw(7, *a.shape)).to(a)).sum() for a in (data, last))
    loss.backward()
    grads = {name: p.grad for name, p in rnn.named_parameters()}
    # A packed sequence is compared in all its parts: data, sizes and both orders.
    out = tuple(out) if isinstance(out, PackedSequence) else (out,)
    out = tuple(a for a in out if a is not None)
    return {"out": out, "last": last, "dx": x.grad, "dhx": hx.grad} | grads


def inputs(num_layers=1, bidirectional=False, seed=3):
    K = num_layers * (2 if bidirectional else 1)
    return draw(seed, T, B, I), draw(seed + 1, K, B, H)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_everything_equals_torch(num_layers, bidirectional, bias, batch_first, batch):
    theirs, ours = twins(
        num_layers=num_layers,
        bidirectional=bidirectional,
        bias=bias,
        batch_first=batch_first,
    )
    case = *inputs(num_layers, bidirectional), BATCHES[batch]
    assert_close(run(ours, *case), run(theirs, *case))


def test_nothing_is_made_on_another_device():
    ours = layers.RNN(I, H, 2, bidirectional=True, dropout=0.5, device="meta")
    out, last = ours(torch.zeros(T, B, I, device="meta"))
    out.sum().backward()
    assert out.device.type == last.device.type == "meta"
    assert ours.weight_ih_l0.grad.shape == (H, I)


@pytest.mark.gpu
@pytest.mark.parametrize("batch", BATCHES)
def test_everything_equals_torch_on_cuda(batch):
    theirs, ours = twins(num_layers=2, bidirectional=True, device="cuda")
    case = *inputs(2, True), BATCHES[batch], "cuda"
    assert_close(run(ours, *case), run(theirs, *case))


@pytest.mark.parametrize("batch", BATCHES)
def test_the_rectifier_equals_torch(batch):
    arguments = {"nonlinearity": "relu", "num_layers": 2, "bidirectional": True}
    theirs, ours = twins(**arguments)
    case = *inputs(2, True), BATCHES[batch]
    assert_close(run(ours, *case), run(theirs, *case))


@pytest.mark.parametrize("batch_first", [False, True])
def test_a_sequence_without_batch_equals_torch(batch_first):
    theirs, ours = twins(num_layers=2, bidirectional=True, batch_first=batch_first)
    x, hx = inputs(2, True)
    assert_close(run(ours, x[:, 0], hx[:, 0]), run(theirs, x[:, 0], hx[:, 0]))


def test_the_first_state_is_zero_unless_given():
    theirs, ours = twins(num_layers=2, bidirectional=True)
    x = torch.tensor(draw(0, T, B, I))
    for given in (x, x[:, 0], pack_sequence([x[:4, 0], x[:2, 1]])):
        (out, last), (want, want_last) = ours(given), theirs(given)
        assert_close((out.data, last), (want.data, want_last))


def test_float32_is_close_to_torch():
    theirs, ours = twins(num_layers=2, bidirectional=True, dtype=torch.float32)
    x, hx = (a.astype("float32") for a in inputs(2, True))
    got = run(ours, x, hx, LENGTHS)
    assert got["dx"].dtype == got["last"].dtype == torch.float32
    assert_close(got, run(theirs, x, hx, LENGTHS), tol=1e-4)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_dropout_lies_between_layers_and_draws_torchs_numbers(bidirectional):
    theirs, ours = twins(num_layers=3, dropout=0.5, bidirectional=bidirectional)
    case = inputs(3, bidirectional)
    torch.manual_seed(1)
    want = run(theirs, *case)
    torch.manual_seed(1)
    assert_close(run(ours, *case), want)
    for rnn in (theirs, ours):
        rnn.zero_grad()
        rnn.eval()
    assert_close(run(ours, *case), run(theirs, *case))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_fresh_layer_is_torchs_fresh_layer(bidirectional, bias):
    fresh = []
    for RNN in (nn.RNN, layers.RNN):
        torch.manual_seed(5)
        fresh.append(RNN(I, H, 2, "tanh", bias, False, 0.1, bidirectional))
    theirs, ours = fresh
    assert_close(dict(ours.named_parameters()), dict(theirs.named_parameters()), tol=0)
    assert repr(ours) == repr(theirs)
    assert ours.weight_ih_l0.dtype == torch.float32


def test_repr_names_what_is_not_usual():
    arguments = {"bias": False, "batch_first": True, "nonlinearity": "relu"}
    assert repr(layers.RNN(2, 3, **arguments)) == repr(nn.RNN(2, 3, **arguments))
    assert repr(layers.RNN(2, 3)) == repr(nn.RNN(2, 3))


def test_weights_go_both_ways():
    theirs, _ = twins(num_layers=2, bidirectional=True)
    ours = layers.RNN(I, H, 2, bidirectional=True, dtype=torch.float64)
    ours.load_state_dict(theirs.state_dict())
    again = nn.RNN(I, H, 2, bidirectional=True, dtype=torch.float64)
    again.load_state_dict(ours.state_dict())
    x = torch.tensor(inputs()[0])
    assert_close(ours(x), theirs(x))
    assert_close(again(x), theirs(x), tol=0)


@pytest.mark.parametrize("copier", ["deepcopy", "pickle", "save"])
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_a_copy_is_whole_and_separate(copier, nonlinearity):
    rnn = layers.RNN(I, H, 2, nonlinearity, dtype=torch.float64)
    if copier == "deepcopy":
        twin = copy.deepcopy(rnn)
    elif copier == "pickle":
        twin = pickle.loads(pickle.dumps(rnn))
    else:
        torch.save(rnn, file := io.BytesIO())
        file.seek(0)
        twin = torch.load(file, weights_only=False)
    x = torch.tensor(inputs()[0])
    want = rnn(x)
    assert_close(twin(x), want, tol=0)
    with torch.no_grad():
        rnn.weight_hh_l0.zero_()
    assert_close(twin(x), want, tol=0)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_gradcheck(nonlinearity):
    torch.manual_seed(0)
    rnn = layers.RNN(2, 3, 2, nonlinearity, bidirectional=True, dtype=torch.float64)
    x = torch.tensor(draw(0, 4, 2, 2), requires_grad=True)
    hx = torch.tensor(draw(1, 4, 2, 3), requires_grad=True)
    names = [name for name, _ in rnn.named_parameters()]

    def f(x, hx, *weights):
        weights = dict(zip(names, weights, strict=True))
        packed = pack_padded_sequence(x, torch.tensor([2, 4]), enforce_sorted=False)
        out, last = torch.func.functional_call(rnn, weights, (packed, hx))
        return out.data, last

    assert torch.autograd.gradcheck(f, (x, hx, *rnn.parameters()))


def test_each_sweep_goes_back_by_the_packages_own_function(monkeypatch):
    real, lengths = bptt.backward, []

    def backward(cell, params, x, *rest):
        lengths.append(len(x))
        return real(cell, params, x, *rest)

    monkeypatch.setattr(bptt, "backward", backward)
    run(twins(num_layers=2, bidirectional=True)[1], *inputs(2, True))
    assert lengths == [T] * 4


def test_one_piece_equals_many_pieces():
    _, ours = twins(num_layers=2)
    x, hx = to("torch", inputs(2))
    hs, last = ours(x, hx)
    state, pieces = hx, []
    for piece in x.split([1, 3, 2]):
        out, state = ours(piece, state)
        pieces.append(out)
    assert_close((torch.cat(pieces), state), (hs, last))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_sequence_alone_is_the_sequence_in_the_batch(bidirectional):
    _, ours = twins(num_layers=2, bidirectional=bidirectional)
    x, hx = to("torch", inputs(2, bidirectional))
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False)
    out, last = ours(packed, hx)
    out, _ = pad_packed_sequence(out)
    for b, n in enumerate(LENGTHS):
        alone = ours(x[:n, b], hx[:, b])
        assert_close((out[:n, b], last[:, b]), alone)


def test_batch_order_does_not_matter():
    _, ours = twins(num_layers=2, bidirectional=True)
    x, hx = to("torch", inputs(2, True))
    lengths, p = torch.tensor(LENGTHS), torch.tensor([2, 0, 3, 1])
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    mixed = pack_padded_sequence(x[:, p], lengths[p], enforce_sorted=False)
    (out, last), (out_p, last_p) = ours(packed, hx), ours(mixed, hx[:, p])
    assert_close(last_p, last[:, p])
    assert_close(pad_packed_sequence(out_p)[0], pad_packed_sequence(out)[0][:, p])


def test_it_learns():
    torch.manual_seed(0)
    rnn = layers.RNN(1, 8)
    x = torch.randn(6, 32, 1)
    optimiser = torch.optim.Adam(rnn.parameters(), lr=0.03)
    losses = []
    for _ in range(60):
        loss = ((rnn(x)[0][-1, :, 0] - x.mean((0, 2))) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.02 * losses[0]
