"""The layers that torch has not: the GRU that resets before its product, and Jordan."""

import pytest
import torch
from oracle import LENGTHS, B, H, I, T, assert_close, complains, draw
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_pkg import layers

O = 2  # noqa: E741


def gru_step(w, x, h):
    gi, gh = w["weight_ih"] @ x + w["bias_ih"], w["weight_hh"] @ h + w["bias_hh"]
    r, z = torch.sigmoid(gi + gh)[: 2 * H].chunk(2)
    reset = w["weight_hh"][2 * H :] @ (r * h) + w["bias_hh"][2 * H :]
    new = z * h + (1 - z) * torch.tanh(gi[2 * H :] + reset)
    return new, new


def jordan_step(w, x, s):
    a = w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ s + w["bias_hh"]
    y = torch.sigmoid(w["weight_hy"] @ torch.tanh(a) + w["bias_y"])
    return y, 0.6 * s + y


KINDS = {
    "gru": (layers.GRU, (I, H), {"reset_after": False}, gru_step, H),
    "jordan": (layers.Jordan, (I, H, O), {"decay": 0.6}, jordan_step, O),
}


def one_by_one(rnn, step, x, hx, lengths):
    """Run each sequence alone, layer by layer and step by step: what it must be."""
    last = torch.zeros_like(hx)
    outs = []
    for b, n in enumerate(lengths):
        rows = list(x[:n, b])
        for layer in range(rnn.num_layers):
            sweeps = []
            for d in range(rnn.directions):
                k, suffix = layer * rnn.directions + d, f"_l{layer}" + "_reverse" * d
                names = (n for n, _ in rnn.named_parameters() if n.endswith(suffix))
                w = {n.removesuffix(suffix): getattr(rnn, n) for n in names}
                now, ys = hx[k, b], []
                for row in rows[::-1] if d else rows:
                    y, now = step(w, row, now)
                    ys.append(y)
                last = last.index_put((torch.tensor(k), torch.tensor(b)), now)
                sweeps.append(ys[::-1] if d else ys)
            rows = [torch.cat(both) for both in zip(*sweeps, strict=True)]
        outs.append(torch.stack(rows))
    return torch.nn.utils.rnn.pad_sequence(outs), last


@pytest.mark.parametrize("lengths", [(T,) * B, LENGTHS])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_that_of_autograd(kind, num_layers, bidirectional, lengths):
    Rnn, sizes, further, step, width = KINDS[kind]
    torch.manual_seed(0)
    rnn = Rnn(*sizes, num_layers, bidirectional=bidirectional, **further).double()
    for weight in rnn.parameters():
        nn.init.normal_(weight, std=0.6)
    leaf = {"requires_grad": True}
    x = torch.tensor(draw(0, T, B, I), **leaf)
    K = num_layers * rnn.directions
    hx = torch.tensor(draw(1, K, B, width), **leaf)
    leaves, results = (x, hx, *rnn.parameters()), []
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    out, last = rnn(packed, hx)
    full = lengths == (T,) * B
    ways = [(pad_packed_sequence(out)[0], last), *([rnn(x, hx)] if full else [])]
    for out, last in [one_by_one(rnn, step, x, hx, lengths), *ways]:
        loss = (out * torch.tensor(draw(2, *out.shape))).sum()
        loss = loss + (last * torch.tensor(draw(3, *last.shape))).sum()
        results.append((out, last, *torch.autograd.grad(loss, leaves)))
    for result in results[1:]:
        assert_close(result, results[0])


def test_both_grus_have_the_same_weights_and_differ():
    x = torch.tensor(draw(0, T, B, I), dtype=torch.float32)
    theirs, ours = nn.GRU(I, H), layers.GRU(I, H, reset_after=False)
    ours.load_state_dict(theirs.state_dict())
    assert (ours(x)[0] - theirs(x)[0]).abs().max() > 1e-4


def test_repr_names_what_is_not_usual():
    assert repr(layers.GRU(2, 3, reset_after=False)) == "GRU(2, 3, reset_after=False)"
    want = "Jordan(2, 3, bias=False, output_size=1, activation=sigmoid, decay=0.5)"
    assert repr(layers.Jordan(2, 3, 1, bias=False, decay=0.5)) == want


def test_jordan_without_biases_has_three_weights():
    names = [name for name, _ in layers.Jordan(I, H, O, bias=False).named_parameters()]
    assert names == ["weight_ih_l0", "weight_hh_l0", "weight_hy_l0"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Jordan(3, 5, 0), "output_size: expected an integer ≥ 1, got 0"),
        (
            lambda: layers.Jordan(3, 5, 2, activation="relu"),
            "activation: expected 'sigmoid', 'tanh' or 'linear', got 'relu'",
        ),
        (
            lambda: layers.Jordan(3, 5, 2, decay=-0.1),
            "decay: expected a number in [0, 1), got -0.1",
        ),
        (
            lambda: layers.LSTM(3, 5, proj_size=5),
            "proj_size: expected an integer in [0, hidden_size), got 5",
        ),
        (
            lambda: layers.LSTM(3, 5)(torch.zeros(6, 4, 3), torch.zeros(1, 4, 5)),
            "hx: expected 2 array(s), got 1",
        ),
        (
            lambda: layers.LSTM(3, 5, proj_size=2)(
                torch.zeros(6, 4, 3), (torch.zeros(1, 4, 2), torch.zeros(1, 4, 2))
            ),
            "hx: expected (K, B, H) = (1, 4, 5), got (1, 4, 2)",
        ),
        (
            lambda: layers.Jordan(3, 5, 2)(torch.zeros(6, 3), torch.zeros(1, 5)),
            "hx: expected (K, H) = (1, 2), got (1, 5)",
        ),
    ],
)
def test_what_does_not_fit_is_named(make, message):
    with complains(message):
        make()


@pytest.mark.parametrize("name", ["LSTM", "GRU", "Jordan"])
def test_it_learns(name):
    torch.manual_seed(0)
    further = {"activation": "linear"} if name == "Jordan" else {}
    sizes = (1, 8, 2) if name == "Jordan" else (1, 8)
    rnn = getattr(layers, name)(*sizes, **further)
    x = torch.randn(6, 32, 1)
    optimiser = torch.optim.Adam(rnn.parameters(), lr=0.03)
    losses = []
    for _ in range(100):
        loss = ((rnn(x)[0][-1, :, 0] - x.mean((0, 2))) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]
