"""layers.RNN, LSTM and GRU against torch.nn's: what goes in, comes out, or is kept."""

import pytest
import torch
from layer_oracle import BATCHES, KINDS, inputs, parts, run, twins, whole
from oracle import LENGTHS, H, I, T, assert_close, to
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence

from course_pkg import bptt, layers

DEEP = {"num_layers": 2, "bidirectional": True}
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
    theirs, ours = twins(kind, "cuda", **DEEP)
    case = *inputs(kind, **DEEP), BATCHES[batch], "cuda"
    assert_close(run(ours, *case), run(theirs, *case))


@pytest.mark.parametrize("batch_first", [False, True])
@each_kind
def test_a_sequence_without_batch_is_torchs(kind, batch_first):
    theirs, ours = twins(kind, batch_first=batch_first, **DEEP)
    x, state = inputs(kind, **DEEP)
    case = x[:, 0], tuple(part[:, 0] for part in state)
    assert_close(run(ours, *case), run(theirs, *case))


@each_kind
def test_the_first_state_is_zero_unless_given(kind):
    theirs, ours = twins(kind, **DEEP)
    x = torch.tensor(inputs(kind)[0])
    for given in (x, x[:, 0], pack_sequence([x[:4, 0], x[:2, 1]])):
        (out, last), (want, want_last) = ours(given), theirs(given)
        assert_close((out.data, last), (want.data, want_last))


@pytest.mark.parametrize("bidirectional", [False, True])
@each_kind
def test_dropout_lies_between_layers_and_draws_torchs_numbers(kind, bidirectional):
    shape = {"num_layers": 3, "bidirectional": bidirectional}
    theirs, ours = twins(kind, dropout=0.5, **shape)
    case = inputs(kind, **shape)
    torch.manual_seed(1)
    want = run(theirs, *case)
    torch.manual_seed(1)
    assert_close(run(ours, *case), want)
    assert_close(run(ours.eval(), *case), run(theirs.eval(), *case))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [False, True])
@each_kind
def test_a_fresh_layer_is_torchs_fresh_layer(kind, bidirectional, bias):
    """All arguments by position: each class has its own where torch has them."""
    name, further = KINDS[kind]
    before = tuple(further.values() or ["tanh"]) if name == "RNN" else ()
    behind = tuple(further.values()) if name != "RNN" else ()
    fresh = []
    for module in (nn, layers):
        torch.manual_seed(5)
        arguments = I, H, 2, *before, bias, True, 0.1, bidirectional, *behind
        fresh.append(getattr(module, name)(*arguments))
    theirs, ours = fresh
    assert_close(dict(ours.named_parameters()), dict(theirs.named_parameters()), tol=0)
    assert repr(ours) == repr(theirs)
    assert ours.weight_ih_l0.dtype == torch.float32


@each_kind
def test_repr_names_what_is_not_usual(kind):
    name, further = KINDS[kind]
    for given in ({}, {"bias": False, "batch_first": True}):
        arguments = given | further
        ours, theirs = (getattr(m, name)(2, 3, **arguments) for m in (layers, nn))
        assert repr(ours) == repr(theirs)


@each_kind
def test_weights_go_both_ways(kind):
    theirs, ours = twins(kind, **DEEP)
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
    run(twins(kind, **DEEP)[1], *inputs(kind, **DEEP))
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


@each_kind
def test_a_sequence_alone_is_the_sequence_in_the_batch(kind):
    _, ours = twins(kind, **DEEP)
    x, state = to("torch", inputs(kind, **DEEP))
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False)
    out, last = ours(packed, whole(state))
    out, _ = pad_packed_sequence(out)
    for b, n in enumerate(LENGTHS):
        alone = ours(x[:n, b], whole(tuple(part[:, b] for part in state)))
        assert_close(alone, (out[:n, b], whole([part[:, b] for part in parts(last)])))


@each_kind
def test_batch_order_does_not_matter(kind):
    _, ours = twins(kind, **DEEP)
    x, state = to("torch", inputs(kind, **DEEP))
    lengths, p = torch.tensor(LENGTHS), torch.tensor([2, 0, 3, 1])
    mixed_state = tuple(part[:, p] for part in state)
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    mixed = pack_padded_sequence(x[:, p], lengths[p], enforce_sorted=False)
    (out, last), (out_p, last_p) = (
        ours(packed, whole(state)),
        ours(mixed, whole(mixed_state)),
    )
    assert_close(parts(last_p), tuple(part[:, p] for part in parts(last)))
    assert_close(pad_packed_sequence(out_p)[0], pad_packed_sequence(out)[0][:, p])


@each_kind
def test_all_weights_are_torchs(kind):
    theirs, ours = twins(kind, num_layers=2, bidirectional=True)
    for mine, other in zip(ours.all_weights, theirs.all_weights, strict=True):
        assert len(mine) == len(other)
        assert all(torch.equal(a, b) for a, b in zip(mine, other, strict=True))
