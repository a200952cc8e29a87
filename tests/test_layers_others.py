"""The layers that torch has not: the GRU that resets before its product, and Jordan."""

import pytest
import torch
from oracle import B, H, I, O, T, complains, draw
from torch import nn

from course_pkg import layers


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


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU", "Jordan"])
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
