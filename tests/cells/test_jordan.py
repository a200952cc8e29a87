"""The Jordan cell against autograd on its formula."""

import numpy as np
import pytest
import torch
from judging import halves, judge, problem, run
from oracle import KINDS, B, H, assert_close, complains, draw, to

from course_pkg import bptt
from course_pkg.cells.jordan import Jordan

O = 2  # noqa: E741
SIGMA_Y = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "linear": lambda a: a}


def formula(activation, decay):
    def step(params, x, s):
        h = torch.tanh(sum(halves(params, x, s)))
        a = torch.nn.functional.linear(h, params["weight_hy"], params.get("bias_y"))
        return decay * s + SIGMA_Y[activation](a)

    return step


def jordan_problem(mask="none", bias=True):
    own = [("weight_hy", (O, H)), ("bias_y", (O,))][: 2 if bias else 1]
    return problem(1, mask, bias, (O,), own)


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", SIGMA_Y)
@pytest.mark.parametrize("decay", [0, 0.7])
@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_that_of_autograd(kind, decay, activation, bias, mask):
    case = jordan_problem(mask, bias)
    got = run(Jordan(activation, decay), *to(kind, case))
    assert_close(got, judge(formula(activation, decay), *case))


def test_without_decay_the_state_is_the_output_after_its_activation():
    params, x, y0, *_ = jordan_problem()
    ys, last, tape = bptt.forward(Jordan(), params, x, y0)
    assert_close(ys, tape.y, tol=0)
    assert_close(last, ys[-1], tol=0)
    assert 0 < ys.min() < ys.max() < 1
    assert_close(tape.h_prev, np.concat([y0[None], ys[:-1]]), tol=0)


def test_memory_holds_only_what_the_output_shows():
    """Two pasts that end in the same output have the same future."""
    params, x, *_ = jordan_problem()
    params["weight_hy"][:] = 0
    futures = [
        bptt.forward(Jordan(), params, x, draw(seed, B, O))[2] for seed in (1, 2)
    ]
    assert abs(futures[0].h[0] - futures[1].h[0]).max() > 0.1
    assert_close(futures[0].h[1:], futures[1].h[1:], tol=0)


def test_the_context_is_a_fading_sum_of_outputs():
    params, x, y0, *_ = jordan_problem()
    _, last, tape = bptt.forward(Jordan("tanh", 0.5), params, x, y0)
    ys = [y0, *tape.y]
    assert_close(last, sum(0.5**k * y for k, y in enumerate(ys[::-1])))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("relu",), "activation: expected 'sigmoid', 'tanh' or 'linear', got 'relu'"),
        (("tanh", 1.0), "decay: expected a number in [0, 1), got 1.0"),
    ],
)
def test_what_is_unknown_is_named(arguments, message):
    params, x, y0, *_ = jordan_problem()
    with complains(message):
        bptt.forward(Jordan(*arguments), params, x, y0)
