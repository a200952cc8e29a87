"""layers.LSTM and layers.GRU against torch.nn's: outputs, states, every gradient."""

import pytest
import torch
from layer_oracle import BATCHES, KINDS, inputs, run, twins, whole
from oracle import H, I, T, assert_close, to
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from course_pkg import bptt, layers

each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 3])
@each_kind
def test_everything_is_torchs(
    kind, num_layers, bidirectional, bias, batch_first, batch
):
    shape = {"num_layers": num_layers, "bidirectional": bidirectional}
    theirs, ours = twins(kind, bias=bias, batch_first=batch_first, **shape)
    case = *inputs(kind, **shape), BATCHES[batch]
    assert_close(run(ours, *case), run(theirs, *case))


@pytest.mark.gpu
@pytest.mark.parametrize("batch", BATCHES)
@each_kind
def test_everything_is_torchs_on_cuda(kind, batch):
    shape = {"num_layers": 2, "bidirectional": True}
    theirs, ours = twins(kind, "cuda", **shape)
    case = *inputs(kind, **shape), BATCHES[batch], "cuda"
    assert_close(run(ours, *case), run(theirs, *case))


@each_kind
def test_a_sequence_without_batch_is_torchs(kind):
    shape = {"num_layers": 2, "bidirectional": True}
    theirs, ours = twins(kind, **shape)
    x, state = inputs(kind, **shape)
    case = x[:, 0], tuple(part[:, 0] for part in state)
    assert_close(run(ours, *case), run(theirs, *case))


@each_kind
def test_the_first_state_is_zero_unless_given(kind):
    theirs, ours = twins(kind, num_layers=2, bidirectional=True)
    x = torch.tensor(inputs(kind)[0])
    for given in (x, x[:, 0], pack_sequence([x[:4, 0], x[:2, 1]])):
        (out, last), (want, want_last) = ours(given), theirs(given)
        assert_close((out.data, last), (want.data, want_last))


@each_kind
def test_dropout_draws_torchs_numbers(kind):
    theirs, ours = twins(kind, num_layers=3, dropout=0.5)
    case = inputs(kind, 3)
    torch.manual_seed(1)
    want = run(theirs, *case)
    torch.manual_seed(1)
    assert_close(run(ours, *case), want)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [False, True])
@each_kind
def test_a_fresh_layer_is_torchs_fresh_layer(kind, bidirectional, bias):
    name, further = KINDS[kind]
    fresh = []
    for module in (nn, layers):
        torch.manual_seed(5)
        arguments = I, H, 2, bias, True, 0.1, bidirectional, *further.values()
        fresh.append(getattr(module, name)(*arguments))
    theirs, ours = fresh
    assert_close(dict(ours.named_parameters()), dict(theirs.named_parameters()), tol=0)
    assert repr(ours) == repr(theirs)


@each_kind
def test_weights_go_both_ways(kind):
    theirs, ours = twins(kind, num_layers=2, bidirectional=True)
    with torch.no_grad():
        for weight in ours.parameters():
            weight += 0.1
    theirs.load_state_dict(ours.state_dict())
    x = torch.tensor(inputs(kind)[0])
    assert_close(ours(x), theirs(x))


@each_kind
def test_each_sweep_goes_back_by_the_packages_own_function(kind, monkeypatch):
    real, lengths = bptt.backward, []

    def backward(cell, params, x, *rest):
        lengths.append(len(x))
        return real(cell, params, x, *rest)

    monkeypatch.setattr(bptt, "backward", backward)
    shape = {"num_layers": 2, "bidirectional": True}
    run(twins(kind, **shape)[1], *inputs(kind, **shape))
    assert lengths == [T] * 4


@each_kind
def test_one_piece_equals_many_pieces(kind):
    _, ours = twins(kind, num_layers=2)
    x, state = to("torch", inputs(kind, 2))
    out, last = ours(x, whole(state))
    pieces, now = [], whole(state)
    for piece in x.split([1, 3, 2]):
        hs, now = ours(piece, now)
        pieces.append(hs)
    assert_close((torch.cat(pieces), now), (out, last))
