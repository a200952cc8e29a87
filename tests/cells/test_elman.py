"""The Elman cells: a step against torch.nn.RNNCell, a step back against autograd."""

import numpy as np
import pytest
import torch
from oracle import KINDS, B, H, I, assert_close, draw, draw_params, to

from course_pkg import bptt
from course_pkg.arrays import linear
from course_pkg.cells import elman, relu
from course_pkg.cells import linear as linear_cell

CELLS = {"tanh": elman, "relu": relu}


@pytest.mark.parametrize("nonlinearity", CELLS)
@pytest.mark.parametrize("kind", KINDS)
def test_step_is_that_of_torch(kind, nonlinearity):
    params, x, h = draw_params(0), draw(1, B, I), draw(2, B, H)
    judge = torch.nn.RNNCell(I, H, nonlinearity=nonlinearity, dtype=torch.float64)
    judge.load_state_dict(to("torch", params))
    want = judge(*to("torch", (x, h)))
    params, x, h = to(kind, (params, x, h))
    gi = linear(x, params["weight_ih"], params["bias_ih"])
    gh = linear(h, params["weight_hh"], params["bias_hh"])
    new, tape = CELLS[nonlinearity].step(gi, gh, h)
    assert_close(new, want)
    assert_close(tuple(tape), (new, h), tol=0)


@pytest.mark.parametrize("nonlinearity", [*CELLS, "linear"])
@pytest.mark.parametrize("kind", KINDS)
def test_step_grad_is_that_of_autograd(kind, nonlinearity):
    gi, gh, h, d = (draw(i, B, H) for i in range(4))
    cell = (CELLS | {"linear": linear_cell})[nonlinearity]
    leaves = [torch.tensor(a, requires_grad=True) for a in (gi, gh, h)]
    judged = cell.step(*leaves)[0]
    want = torch.autograd.grad(judged, leaves, torch.tensor(d), allow_unused=True)
    gi, gh, h, d = to(kind, (gi, gh, h, d))
    dgi, dgh, d_prev = cell.step_grad(d, cell.step(gi, gh, h)[1])
    assert_close((dgi, dgh), want[:2])
    assert want[2] is None  # h_{t-1} acts through gh alone
    assert_close(d_prev, np.zeros((B, H)), tol=0)
    assert str(d_prev.dtype) == str(d.dtype)


def test_the_tape_holds_the_state_that_came_in():
    h = draw(0, B, H)
    assert elman.step(h, h, h)[1].h_prev is h


@pytest.mark.parametrize("kind", KINDS)
def test_one_linear_unit_is_a_running_sum(kind):
    x, one, start = to(kind, (draw(0, 9, B, 1), np.ones((1, 1)), draw(1, B, 1)))
    hs, last, tape = bptt.scan(linear_cell, x, start, one)
    assert_close(hs, draw(1, B, 1) + draw(0, 9, B, 1).cumsum(0))
    assert_close((last, tape.h), (hs[-1], hs), tol=0)
