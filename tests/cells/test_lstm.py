"""The LSTM against torch.nn.LSTMCell, and its limits in closed form."""

import numpy as np
import pytest
import torch
from judging import judge, problem, run
from oracle import KINDS, B, H, I, assert_close, complains, draw, to
from torch import nn

from course_pkg import bptt
from course_pkg.cells import lstm

PAIR = (H, H)


def torchs(params, x, state):
    cell = nn.LSTMCell(I, H, "bias_ih" in params, dtype=torch.float64)
    return torch.func.functional_call(cell, params, (x, state))


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_outputs_and_every_gradient_are_those_of_torch(kind, bias, mask):
    case = problem(4, mask, bias, PAIR)
    assert_close(run(lstm, *to(kind, case)), judge(torchs, *case))


@pytest.mark.parametrize("kind", KINDS)
def test_step_grad_is_that_of_autograd(kind):
    gi, gh, h, c, dh, dc = (draw(i, B, 4 * H if i < 2 else H) for i in range(6))
    leaves = [torch.tensor(a, requires_grad=True) for a in (gi, gh, h, c)]
    (h_new, c_new), _ = lstm.step(*leaves[:2], tuple(leaves[2:]))
    loss = (h_new * torch.tensor(dh)).sum() + (c_new * torch.tensor(dc)).sum()
    want = torch.autograd.grad(loss, leaves, allow_unused=True)
    assert want[2] is None  # h_{t-1} acts through gh alone
    gi, gh, h, c, dh, dc = to(kind, (gi, gh, h, c, dh, dc))
    tape = lstm.step(gi, gh, (h, c))[1]
    dgi, dgh, d_prev = lstm.step_grad((dh, dc), tape)
    assert_close((dgi, dgh, d_prev[1]), (want[0], want[1], want[3]))
    assert_close(d_prev[0], np.zeros((B, H)), tol=0)


def test_the_tape_shows_the_gates_and_the_state_that_came_in():
    gi, h, c = draw(0, B, 4 * H), draw(1, B, H), draw(2, B, H)
    (new_h, new_c), tape = lstm.step(gi, 0 * gi, (h, c))
    assert tape.h_prev is h
    assert tape.c_prev is c
    assert_close(tape.f * c + tape.i * tape.g, new_c)
    assert_close(tape.o * np.tanh(new_c), new_h)


@pytest.mark.parametrize(
    ("name", "i", "f"),
    [("erase", 0, 0), ("overwrite", 1, 0), ("keep", 0, 1), ("add", 1, 1)],
)
def test_the_four_regimes_follow_from_biases(name, i, f):
    g, c = draw(0, B, H), draw(1, B, H)
    one = np.ones((B, H))
    gi = np.concat([(100 * i - 50) * one, (100 * f - 50) * one, g, 50 * one], -1)
    (_, new), _ = lstm.step(gi, 0 * gi, (0 * c, c))
    assert_close(new, f * c + i * np.tanh(g))


def test_the_overwriting_cell_is_not_the_simple_net():
    a = np.linspace(-9, 9, 7)[None]
    gi = np.concat([0 * a + 50, 0 * a - 50, a, 0 * a + 50], -1)
    (h, _), _ = lstm.step(gi, 0 * gi, (0 * a, 5 + a))
    assert_close(h, np.tanh(np.tanh(a)))
    assert abs(h).max() < 0.7616


@pytest.mark.parametrize("order", ["fico", "gifo", "ofig", "giof"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_matrix_for_h_and_x_becomes_torchs_weights(kind, order):
    W, b = draw(0, 4 * H, H + I), draw(1, 4 * H)
    x, h, c = draw(2, 1, B, I), draw(3, B, H), draw(4, B, H)
    params = lstm.from_concat(to(kind, W), to(kind, b), order)
    got = bptt.forward(lstm, params, *to(kind, (x, (h, c))))[1]
    a = np.concat([h, x[0]], -1) @ W.T + b
    blocks = np.split(a, 4, -1)
    i, f, o = (1 / (1 + np.exp(-blocks[order.index(gate)])) for gate in "ifo")
    g = np.tanh(blocks[order.replace("c", "g").index("g")])
    new = f * c + i * g
    assert_close(got, (o * np.tanh(new), new))


def test_from_concat_names_what_does_not_fit():
    W, b = np.zeros((4 * H, H + I)), np.zeros(4 * H)
    with complains("order: expected letters i f c o, got 'ifco2'"):
        lstm.from_concat(W, b, "ifco2")
    want = "W, b: expected (G·H, H + I), (G·H,) with G = 4, got "
    with complains(want + "((20, 5), (20,))"):
        lstm.from_concat(W[:, :H], b)
    with complains(want + "((20, 8), (5,))"):
        lstm.from_concat(W, b[:H])
