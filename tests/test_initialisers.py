"""Initialisers: what they promise about matrices and gates, on NumPy and on torch."""

import copy

import numpy as np
import pytest
import torch
from oracle import H, assert_close, complains, draw, to
from torch import nn

from course_pkg import initialisers as init
from course_pkg.arrays import eye, sigmoid, to_numpy

KINDS = ("numpy", "torch")


def generator(kind, seed=0):
    if kind == "numpy":
        return np.random.default_rng(seed)
    return torch.Generator().manual_seed(seed)


def draw_biases(G, layers=2, bias=True):
    """Draw the weights of G gates in two layers, under a layer's names."""
    params = {}
    for k in range(layers):
        shapes = {"weight_ih": (G * H, H), "weight_hh": (G * H, H)}
        if bias:
            shapes |= {"bias_ih": (G * H,), "bias_hh": (G * H,)}
        for i, (name, shape) in enumerate(shapes.items()):
            params[f"{name}_l{k}"] = draw(10 * k + i, *shape)
    return params


def block(params, b, layer=0):
    """Return block b of both biases of a layer."""
    rows = slice(b * H, (b + 1) * H)
    return params[f"bias_ih_l{layer}"][rows], params[f"bias_hh_l{layer}"][rows]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("G", [1, 3, 4])
def test_orthogonal_keeps_every_length_in_every_block(kind, G):
    weight = to(kind, draw(0, G * H, H))
    W = init.orthogonal(weight, generator(kind), gain=1.5)
    assert W.dtype == weight.dtype
    assert type(W) is type(weight)
    for b in range(G):
        Q = W[b * H : (b + 1) * H]
        assert_close(Q @ Q.T, 1.5**2 * eye(H, W))
    again = init.orthogonal(weight, generator(kind), gain=1.5)
    assert_close(again, W, tol=0)
    assert abs(to_numpy(init.orthogonal(weight, generator(kind, 1)) - W)).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("G", [1, 3])
def test_projected_blocks_are_orthogonal_and_none_is_nearer(kind, G):
    drawn = draw(0, G * H, H)
    W = init.project_orthogonal(to(kind, drawn))
    assert type(W) is type(to(kind, drawn))
    for b in range(G):
        A, Q = (to_numpy(M)[b * H : (b + 1) * H] for M in (drawn, W))
        assert_close(Q.T @ Q, np.eye(H))
        # The nearest one is what leaves a symmetric factor with no negative eigenvalue.
        assert_close(Q.T @ A, A.T @ Q)
        assert np.linalg.eigvalsh(Q.T @ A).min() > 0
    assert_close(init.project_orthogonal(W), W)


def test_projecting_names_what_has_no_square_blocks():
    with complains("weight: expected (G·H, H), got (4, 3)"):
        init.project_orthogonal(np.zeros((4, 3)))


@pytest.mark.parametrize("kind", KINDS)
def test_orthogonal_prefers_no_direction(kind):
    """Uniform matrices have traces of mean 0 and variance 1; QR's own have not."""
    rng, like = generator(kind), to(kind, np.zeros((4, 4)))
    traces = [
        float(np.trace(to_numpy(init.orthogonal(like, rng)))) for _ in range(2000)
    ]
    assert abs(np.mean(traces)) < 0.1
    assert abs(np.var(traces) - 1) < 0.15


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_identity_in_every_block(kind, dtype):
    weight = to(kind, draw(0, 3 * H, H).astype(dtype))
    W = init.identity(weight, 0.5)
    assert str(W.dtype).endswith(dtype)
    assert_close(W, np.tile(0.5 * np.eye(H), (3, 1)), tol=0)


@pytest.mark.parametrize("bad", [(H,), (H, H + 1)])
def test_a_weight_without_square_blocks_is_named(bad):
    with complains(f"weight: expected (G·H, H), got {bad}"):
        init.identity(np.zeros(bad))
    with complains(f"weight: expected (G·H, H), got {bad}"):
        init.orthogonal(np.zeros(bad), generator("numpy"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("set_bias", "G"), [(init.forget_bias, 4), (init.keep_bias, 3)]
)
def test_the_two_biases_of_the_gate_sum_to_the_value(kind, set_bias, G):
    before = draw_biases(G)
    params = to(kind, before)
    untouched = copy.deepcopy(params)
    new = set_bias(params, 1.0)
    assert_close(params, untouched, tol=0)
    assert list(new) == list(params)
    for layer in (0, 1):
        b_ih, b_hh = block(new, 1, layer)
        assert_close(sigmoid(b_ih + b_hh), np.full(H, 1 / (1 + np.exp(-1))))
        for b in {*range(G)} - {1}:
            assert_close(block(new, b, layer), block(before, b, layer), tol=0)
        name = f"weight_hh_l{layer}"
        assert_close(new[name], before[name], tol=0)


def test_torchs_own_lstm_opens_its_forget_gate_as_far_as_asked():
    rnn = nn.LSTM(1, H)
    for weight in rnn.parameters():
        nn.init.zeros_(weight)
    rnn.load_state_dict(init.forget_bias(rnn.state_dict(), 2.0))
    _, (_, c) = rnn(torch.zeros(1, 1), (torch.zeros(1, H), torch.ones(1, H)))
    assert_close(c, np.full((1, H), 1 / (1 + np.exp(-2))), tol=1e-6)


def test_torchs_own_gru_keeps_with_a_high_bias():
    rnn = nn.GRU(1, H)
    h = torch.ones(1, H)
    rnn.load_state_dict(init.keep_bias(rnn.state_dict(), 20.0))
    assert_close(rnn(torch.zeros(1, 1), h)[1], h, tol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("G", [3, 4])
def test_chrono_spreads_half_lives_over_the_range(kind, G):
    params = draw_biases(G)
    params["bias_ih_l0"], params["bias_hh_l0"] = np.zeros((2, G * H))
    new = init.chrono(to(kind, params), 50, generator(kind))
    a, b = (to_numpy(x) for x in block(new, 1))
    u = np.exp(a + b)
    assert u.min() >= 1
    assert u.max() <= 49
    assert len(set(u.round(6))) == H
    first = sum(to_numpy(x) for x in block(new, 0))
    assert_close(first, -np.log(u) if G == 4 else np.zeros(H))
    for b in range(2, G):
        assert_close(block(new, b), block(params, b), tol=0)


def test_chrono_is_uniform():
    params = {"weight_hh": np.zeros((8000, 2000)), "bias_ih": np.zeros(8000)}
    params["bias_hh"] = np.zeros(8000)
    new = init.chrono(params, 11, generator("numpy"))
    u = np.exp(new["bias_ih"][2000:4000])
    assert_close(
        np.quantile(u, [0.25, 0.5, 0.75]), np.array([3.25, 5.5, 7.75]), tol=0.05
    )


@pytest.mark.parametrize("set_bias", [init.forget_bias, init.keep_bias])
def test_what_has_no_such_bias_is_named(set_bias):
    with complains("params: expected biases named bias_ih…, got ['weight_hh']"):
        set_bias({"weight_hh": np.zeros((H, H))}, 1.0)
    G = 4 if set_bias is init.forget_bias else 3
    with complains(f"bias_ih: expected {G}H numbers, got 7"):
        set_bias({"bias_ih": np.zeros(7), "bias_hh": np.zeros(7)}, 1.0)


def test_chrono_names_what_does_not_fit():
    with complains("longest: expected a number of steps ≥ 2, got 1"):
        init.chrono(draw_biases(4), 1, generator("numpy"))
    with complains("bias_ih_l0: expected 3H or 4H numbers, got 5"):
        init.chrono(draw_biases(1), 9, generator("numpy"))
    with complains("params: expected biases named bias_ih…, got ['weight_hh']"):
        init.chrono({"weight_hh": np.zeros((H, H))}, 9, generator("numpy"))
