"""Norms by lag against contributions and the whole gradient; the verdict on curves."""

import math

import numpy as np
import pytest
import torch
from any_cell import GATED, Pair, draw_gated
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

from course_pkg import bptt, gradients, lags
from course_pkg.cells import elman

CASE = draw_params(0), draw(1, T, B, I), draw(3, T, B, H)
STATES = {elman: draw(2, B, H), Pair: (draw(2, B, H), draw(4, B, H))}


def run(kind, cell, mask):
    params, x, dhs, state, m = to(kind, (*CASE, STATES[cell], draw_mask(mask)))
    _, last, tape = bptt.forward(cell, params, x, state, m)
    return params, x, dhs, last, tape, m


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("kind", KINDS)
def test_norms_by_lag_are_means_along_the_diagonals_of_contributions(kind, mask):
    params, _, dhs, last, tape, m = run(kind, elman, mask)
    W_hh = params["weight_hh"]
    got = lags.norms_by_lag(elman, dhs, last, tape, W_hh, m)
    C = gradients.contributions(elman, dhs, tape, W_hh, m)
    C = C.cpu().numpy() if kind == "cuda" else np.asarray(C)
    assert_close(got, np.array([np.diagonal(C, -k).mean() for k in range(T)]))
    assert type(got) is type(dhs)


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("cell", STATES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_lags_add_up_to_the_gradient(kind, cell, mask):
    params, x, dhs, last, tape, m = run(kind, cell, mask)
    zero = bptt.each(lambda p: 0 * p, last)
    want = bptt.backward(cell, params, x, dhs, zero, tape, m)[0]
    parts = list(lags.weight_grads_by_lag(cell, params, x, dhs, last, tape, m))
    assert len(parts) == T
    assert_close({k: sum(p[k] for p in parts) for k in params}, want)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lag_holds_the_messages_that_went_back_so_many_steps(kind):
    """The messages up to lag k are the gradient with a state detached k steps back."""
    params, x, dhs, last, tape, _ = run(kind, elman, "none")
    parts = list(lags.weight_grads_by_lag(elman, params, x, dhs, last, tape))
    p, x, dhs, h0 = to("torch", (*CASE, STATES[elman]))
    every = [h0, *bptt.forward(elman, p, x, h0)[0]]
    p = {k: v.requires_grad_() for k, v in p.items()}
    for k in range(T):
        loss = 0
        for t in range(T):
            first = max(0, t - k)
            h = bptt.forward(elman, p, x[first : t + 1], every[first].detach())[1]
            loss = loss + (h * dhs[t]).sum()
        want = torch.autograd.grad(loss, list(p.values()))
        got = [sum(part[name] for part in parts[: k + 1]) for name in p]
        assert_close(tuple(got), tuple(want))


def test_own_weights_of_a_cell_are_counted():
    class Owner:
        """Elman, and a weight of its own on the state it puts out."""

        def bind(self, params):
            bound = Owner()
            bound.own = params["own"]
            return bound

        step = staticmethod(elman.step)
        step_grad = staticmethod(elman.step_grad)

        def own_grads(self, tape, dgi, dh):
            return {"own": self.own * (dh * tape.h).sum()}

    params, x, dhs, last, tape, m = run("numpy", elman, "holes")
    params = params | {"own": np.array(2.0)}
    parts = list(lags.weight_grads_by_lag(Owner(), params, x, dhs, last, tape, m))
    W_hh = params["weight_hh"]
    dh_total = bptt.scan_grad(elman, dhs, 0 * last, tape, W_hh, m)[3]
    want = 2 * (m * dh_total * tape.h).sum()
    assert_close(sum(p["own"] for p in parts), want)


@pytest.mark.parametrize("name", GATED)
def test_gated_cells_add_up_too(name):
    """Their two halves of the pre-activation, or their own weights, differ."""
    cell, params, state = draw_gated(name)
    _, x, dhs = CASE
    _, last, tape = bptt.forward(cell, params, x, state)
    zero = bptt.each(np.zeros_like, last)
    want = bptt.backward(cell, params, x, dhs, zero, tape)[0]
    parts = list(lags.weight_grads_by_lag(cell, params, x, dhs, last, tape))
    assert_close({k: sum(p[k] for p in parts) for k in params}, want)


FADES, HOLDS = 0.5 ** np.arange(40), 0.95 ** np.arange(40)


@pytest.mark.parametrize(
    ("curve", "control", "verdict"),
    [
        (HOLDS, None, "healthy"),
        (1e-9 * HOLDS, None, "healthy"),
        (FADES, None, "vanishing"),
        (FADES, FADES, "vanishing"),
        (FADES, HOLDS, "nothing there"),
        (1e9 * FADES, 1e-9 * HOLDS, "nothing there"),
        (HOLDS, FADES, "healthy"),
        (1.3 ** np.arange(40), HOLDS, "exploding"),
        (np.append(HOLDS, math.nan), None, "exploding"),
        (np.append(FADES, math.inf), HOLDS, "exploding"),
        ([math.inf, 1.0], None, "exploding"),
        (np.append(FADES[:20], np.zeros(20)), None, "vanishing"),
        (np.zeros(40), None, "vanishing"),
        (np.zeros(40), HOLDS, "nothing there"),
        (np.append([0.0, 0.0], HOLDS), None, "healthy"),
        (torch.tensor(FADES), torch.tensor(HOLDS), "nothing there"),
    ],
)
def test_diagnose(curve, control, verdict):
    with np.errstate(all="raise"):
        assert lags.diagnose(curve, control) == verdict


def test_diagnose_takes_other_bounds():
    assert lags.diagnose(FADES, floor=1e-9) == "healthy"
    assert lags.diagnose(1.2 ** np.arange(40), ceiling=1e4) == "healthy"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (([1.0],), "curve: expected (T,) with T ≥ 2, got (1,)"),
        ((np.ones((3, 2)),), "curve: expected (T,) with T ≥ 2, got (3, 2)"),
        (([1.0, -1.0],), "curve: expected norms ≥ 0, got -1.0"),
        ((FADES, [1.0]), "control: expected (T,) with T ≥ 2, got (1,)"),
    ],
)
def test_diagnose_names_what_does_not_fit(args, message):
    with complains(message):
        lags.diagnose(*args)
