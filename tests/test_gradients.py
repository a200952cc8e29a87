"""The instruments against closed forms and autograd."""

import numpy as np
import pytest
import torch
from any_cell import GATED, draw_gated
from oracle import (
    KINDS,
    B,
    H,
    I,
    T,
    assert_close,
    complains,
    draw,
    draw_mask,
    draw_params,
    to,
)

from course_pkg import bptt, gradients
from course_pkg.arrays import namespace
from course_pkg.cells import elman


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_finite_difference_of_a_known_function(kind, shape):
    x = draw(0, *shape)
    given = to(kind, np.array(x))
    got = gradients.finite_difference(lambda x: namespace(x).sin(x).sum(), given)
    assert_close(got, np.cos(x), tol=1e-9)
    assert_close(given, x, tol=0)
    assert type(got) is type(given)


def test_finite_difference_is_central_and_takes_the_step_it_is_given():
    x, eps = np.array([2.0]), 0.1
    cube = gradients.finite_difference(lambda x: (x**3).sum(), x, eps)
    assert_close(cube, 3 * x**2 + eps**2)  # the error of a one-sided step is 3 x eps


@pytest.mark.parametrize(
    ("x", "eps", "message"),
    [
        (np.arange(3), 1e-5, "x: expected floating-point numbers, got int64"),
        (np.ones(3), 0.0, "eps: expected a step > 0, got 0.0"),
        (np.ones(3), -1e-5, "eps: expected a step > 0, got -1e-05"),
    ],
)
def test_finite_difference_names_what_does_not_fit(x, eps, message):
    with complains(message):
        gradients.finite_difference(np.sum, x, eps)


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_check_passes_right_and_fails_wrong(kind):
    x = to(kind, draw(0, 4, 3))
    cube = lambda x: (x**3).sum()  # noqa: E731
    assert gradients.gradient_check(cube, x, 3 * x**2) < 1e-9
    assert gradients.gradient_check(cube, x, 3.01 * x**2) > 1e-3
    assert gradients.gradient_check(cube, x, -3 * x**2) == pytest.approx(1)
    assert type(gradients.gradient_check(cube, x, 3 * x**2)) is float


def test_gradient_check_of_zero_against_zero_is_zero():
    assert gradients.gradient_check(lambda x: 0.0, np.ones(3), np.zeros(3)) == 0


def test_gradient_check_does_not_broadcast():
    with complains("grad: expected the shape of x = (4, 3), got (3,)"):
        gradients.gradient_check(np.sum, np.ones((4, 3)), np.ones(3))


def test_signal_norms_are_means_of_norms():
    dh_total = np.zeros((2, 3, H))
    dh_total[0, 0, :2] = 3, 4
    dh_total[0, 2, 0] = -1
    assert_close(gradients.signal_norms(dh_total), np.array([2.0, 0.0]))


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["elman", *GATED])
def test_contributions_are_those_of_autograd(name, kind, mask):
    cell, params, state = elman, draw_params(0), draw(2, B, H)
    if name != "elman":
        cell, params, state = draw_gated(name)
    case = (params, draw(1, T, B, I), state, draw(3, T, B, H), draw_mask(mask))
    params, x, state, dhs, m = to(kind, case)
    tape = bptt.forward(cell, params, x, state, m)[2]
    bound = bptt.bind(cell, params)
    got = gradients.contributions(bound, dhs, tape, params["weight_hh"], m, state)
    params, x, state, dhs, m = to("torch", case)
    hs = []
    bptt.each(torch.Tensor.requires_grad_, state)
    for t in range(T):
        now = None if m is None else m[[t]]
        state = bptt.forward(cell, params, x[[t]], state, now)[1]
        hs.append(bptt.hidden(state))
    want = torch.zeros(T, T, dtype=torch.float64)
    for t in range(T):
        told = torch.autograd.grad(hs[t], hs[: t + 1], dhs[t], retain_graph=True)
        want[t, : t + 1] = gradients.signal_norms(torch.stack(told))
    assert_close(got, want)
