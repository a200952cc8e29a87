"""Optimisers against torch.optim, several steps with changing gradients."""

import copy

import numpy as np
import pytest
import torch
from oracle import KINDS, assert_close, complains, draw, draw_params, to

from course_pkg import optim

STEPS = 7


def sgd(params, grads, state):
    return optim.sgd(params, grads, lr=0.1), state


def momentum(params, grads, state):
    return optim.momentum(params, grads, state, lr=0.1, mu=0.8)


def adam(params, grads, state):
    return optim.adam(params, grads, state, lr=0.02, betas=(0.8, 0.95), eps=1e-6)


def adam_as_it_comes(params, grads, state):
    return optim.adam(params, grads, state)


JUDGES = {
    sgd: lambda p: torch.optim.SGD(p, lr=0.1),
    momentum: lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8),
    adam: lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-6),
    adam_as_it_comes: torch.optim.Adam,
}


@pytest.mark.parametrize("step", JUDGES)
@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_those_of_torch(kind, step):
    params, state = to(kind, draw_params(0)), {}
    judged = {k: p.requires_grad_() for k, p in to("torch", draw_params(0)).items()}
    judge = JUDGES[step](judged.values())
    for n in range(STEPS):
        grads = {k: draw(n, *p.shape) for k, p in params.items()}
        for k, p in judged.items():
            p.grad = torch.tensor(grads[k])
        judge.step()
        params, state = step(params, to(kind, grads), state)
        assert_close(params, judged, tol=1e-12)


@pytest.mark.parametrize("step", JUDGES)
def test_nothing_that_came_in_is_changed(step):
    params, grads = draw_params(0), draw_params(1)
    kept, state = step(params, grads, {})
    before = copy.deepcopy((params, grads, state))
    step(params, grads, state)
    assert_close((params, grads), before[:2], tol=0)
    assert repr(state) == repr(before[2])
    assert_close(params, draw_params(0), tol=0)
    assert list(kept) == list(params)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            lambda p, g: optim.sgd(p, {"a": g["a"]}, 0.1),
            "grads: expected the keys ['a', 'b'], got ['a']",
        ),
        (
            lambda p, g: optim.momentum(p, g | {"c": g["a"]}, {}, 0.1),
            "grads: expected the keys ['a', 'b'], got ['a', 'b', 'c']",
        ),
        (
            lambda p, g: optim.adam(p, g | {"b": g["a"]}, {}),
            "grads['b']: expected the shape of its parameter = (2,), got (3, 2)",
        ),
        (lambda p, g: optim.sgd(p, g, -1), "lr: expected a number ≥ 0, got -1"),
        (
            lambda p, g: optim.momentum(p, g, {}, 0.1, mu=1.0),
            "mu: expected a number in [0, 1), got 1.0",
        ),
        (
            lambda p, g: optim.adam(p, g, {}, betas=(0.9, 1.0)),
            "betas: expected two numbers in [0, 1), got (0.9, 1.0)",
        ),
        (
            lambda p, g: optim.adam(p, g, {}, lr=float("nan")),
            "lr: expected a number ≥ 0, got nan",
        ),
    ],
)
def test_what_does_not_fit_is_named(step, message):
    params = {"a": np.ones((3, 2)), "b": np.ones(2)}
    with complains(message):
        step(params, params)
