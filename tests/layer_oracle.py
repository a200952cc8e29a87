"""Run a layer of ours and one of torch's on the same numbers, forward and back."""

import torch
from oracle import LENGTHS, B, H, I, T, draw
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from course_pkg import layers

SORTED = tuple(sorted(LENGTHS, reverse=True))
BATCHES = {"full": None, "sorted": SORTED, "unsorted": LENGTHS}
P = 2
KINDS = {
    "RNN": ("RNN", {}),
    "RNN with rectifier": ("RNN", {"nonlinearity": "relu"}),
    "LSTM": ("LSTM", {}),
    "LSTM with projection": ("LSTM", {"proj_size": P}),
    "GRU": ("GRU", {}),
}


def twins(kind, device="cpu", dtype=torch.float64, **arguments):
    """Make torch's layer and ours with the same weights, larger than fresh ones."""
    name, further = KINDS[kind]
    torch.manual_seed(0)
    theirs = getattr(nn, name)(I, H, **arguments, **further)
    for weight in theirs.parameters():
        nn.init.normal_(weight, std=0.6)
    ours = getattr(layers, name)(I, H, **arguments, **further)
    ours.load_state_dict(theirs.state_dict())
    return theirs.to(device, dtype), ours.to(device, dtype)


def inputs(kind, num_layers=1, bidirectional=False, seed=3):
    """Draw x (T, B, I) and a first state: a tuple of one or two arrays (K, B, ·)."""
    K = num_layers * (2 if bidirectional else 1)
    widths = {"LSTM": (H, H), "LSTM with projection": (P, H)}.get(kind, (H,))
    state = tuple(draw(seed + 1 + i, K, B, W) for i, W in enumerate(widths))
    return draw(seed, T, B, I), state


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def whole(state):
    return tuple(state) if len(state) > 1 else state[0]


def run(rnn, x, state, lengths=None, device="cpu"):
    """Run a layer forward and back: outputs, last states, and every gradient.

    The loss is a random projection of all outputs and of all last states.
    """
    x, *state = (
        torch.tensor(a, device=device, requires_grad=True) for a in (x, *state)
    )
    given = x.transpose(0, 1) if rnn.batch_first and x.ndim == 3 else x
    if lengths is not None:
        in_order = list(lengths) == sorted(lengths, reverse=True)
        sizes = torch.tensor(lengths)
        given = pack_padded_sequence(given, sizes, rnn.batch_first, in_order)
    out, last = rnn(given, whole(tuple(state)))
    data, last = out.data if isinstance(out, PackedSequence) else out, parts(last)
    leaves = x, *state, *rnn.parameters()
    loss = sum(
        (a * torch.tensor(draw(30 + i, *a.shape)).to(a)).sum()
        for i, a in enumerate((data, *last))
    )
    # A packed sequence is compared in all its parts: data, sizes and both orders.
    out = tuple(out) if isinstance(out, PackedSequence) else (out,)
    grads = torch.autograd.grad(loss, leaves)
    return {"out": tuple(a for a in out if a is not None), "last": last, "d": grads}
