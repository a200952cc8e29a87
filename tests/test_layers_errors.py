"""layers.RNN names what does not fit: the argument, what was expected, what came."""

import pytest
import torch
from oracle import complains
from torch.nn.utils.rnn import pack_sequence

from course_pkg import layers


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5), "input_size: expected an integer ≥ 1, got 0"),
        ((3, 2.5), "hidden_size: expected an integer ≥ 1, got 2.5"),
        ((3, 5, 0), "num_layers: expected an integer ≥ 1, got 0"),
        ((3, 5, 1, "tan"), "nonlinearity: expected 'tanh' or 'relu', got 'tan'"),
        (
            (3, 5, 2, "tanh", True, False, 1.5),
            "dropout: expected a number in [0, 1], got 1.5",
        ),
    ],
)
def test_the_constructor_names_what_does_not_fit(arguments, message):
    with complains(message):
        layers.RNN(*arguments)


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU, layers.Jordan])
def test_the_other_layers_name_it_too(kind):
    more = {"output_size": 2} if kind is layers.Jordan else {}
    with complains("hidden_size: expected an integer ≥ 1, got 0"):
        kind(3, 0, **more)
    with complains("dropout: expected a number in [0, 1], got -0.5"):
        kind(3, 5, dropout=-0.5, **more)


def zeros(*shape, dtype=torch.float32):
    return torch.zeros(shape, dtype=dtype)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (zeros(6, 4, 2),),
            "input: expected (T, B, I) or (T, I) with I = 3, got (6, 4, 2)",
        ),
        ((zeros(3),), "input: expected (T, B, I) or (T, I) with I = 3, got (3,)"),
        (
            (zeros(0, 4, 3),),
            "x: expected (T, B, I) with T ≥ 1 and I = 3, got (0, 4, 3)",
        ),
        (
            (zeros(6, 4, 3, dtype=torch.float64),),
            "input: expected torch.float32 as the weights, got torch.float64",
        ),
        (
            (pack_sequence([zeros(6, 2)]),),
            "input: expected packed (N, I) with I = 3, got (6, 2)",
        ),
        (
            (zeros(6, 4, 3), zeros(1, 4, 5)),
            "hx: expected (K, B, H) = (2, 4, 5), got (1, 4, 5)",
        ),
        (
            (zeros(6, 3), zeros(2, 1, 5)),
            "hx: expected (K, H) = (2, 5), got (2, 1, 5)",
        ),
        (
            (zeros(6, 4, 3), zeros(2, 4, 5, dtype=torch.float64)),
            "hx: expected torch.float32 as the input, got torch.float64",
        ),
        (
            (zeros(6, 4, 3), (zeros(2, 4, 5), zeros(2, 4, 5))),
            "hx: expected 1 array(s), got 2",
        ),
    ],
)
def test_forward_names_what_does_not_fit(arguments, message):
    with complains(message):
        layers.RNN(3, 5, 2)(*arguments)


def test_forward_names_the_layout_of_batch_first():
    with complains("input: expected (B, T, I) or (T, I) with I = 3, got (4, 6, 2)"):
        layers.RNN(3, 5, batch_first=True)(zeros(4, 6, 2))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_dropout_in_a_single_layer_warns_as_torchs_does(kind):
    with pytest.warns(UserWarning, match="dropout"):
        getattr(torch.nn, kind)(3, 5, dropout=0.1)
    with pytest.warns(UserWarning, match="dropout acts between layers") as heard:
        getattr(layers, kind)(3, 5, dropout=0.1)
    assert heard[0].filename == __file__


def test_states_may_come_as_a_list_and_weights_need_no_flattening():
    lstm, x = layers.LSTM(3, 5), torch.randn(4, 2, 3)
    state = torch.randn(1, 2, 5), torch.randn(1, 2, 5)
    lstm.flatten_parameters()
    assert torch.equal(lstm(x, list(state))[0], lstm(x, state)[0])
