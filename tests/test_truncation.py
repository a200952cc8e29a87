"""Truncated backpropagation against autograd with detached states."""

import numpy as np
import pytest
import torch
from any_cell import Pair
from oracle import KINDS, B, H, I, T, assert_close, complains, draw, draw_mask, to
from oracle import draw_params as params_of
from torch import nn

from course_pkg import bptt, losses, truncation
from course_pkg.cells import elman
from course_pkg.truncation import Window

PARAMS, X, H0, Y = params_of(0), draw(1, T, B, I), draw(2, B, H), draw(3, T, B, H)
SIZES = [(k1, k2) for k1 in range(1, T + 2) for k2 in range(k1, T + 3)]


def loss_against(y):
    """Half the squared distance to y, summed over the steps that are asked for."""

    def loss_grad(hs, steps):
        return ((hs - y[steps]) ** 2).sum() / 2, hs - y[steps]

    return loss_grad


def states_of(cell, x, h, mask):
    """Step a torch cell, detached before each step whose number is in no window."""
    for x_t, m_t in zip(x, [None] * len(x) if mask is None else mask, strict=True):
        new = cell(x_t, h)
        h = new if m_t is None else torch.where(m_t > 0, new, h)
        yield h


def judge(k1, k2, on, mask):
    """Sum the windows' losses by autograd; the window's first state is detached."""
    params, x, h0, y, mask = to("torch", (PARAMS, X, H0, Y, mask))
    cell = nn.RNNCell(I, H, dtype=torch.float64)
    cell.load_state_dict(params)
    x.requires_grad_()
    every = [h0, *states_of(cell, x, h0, mask)]
    total = torch.zeros((), dtype=torch.float64)
    for new in range(0, T, k1):
        stop, start = min(new + k1, T), max(0, new + k1 - k2)
        m = None if mask is None else mask[start:stop]
        hs = torch.stack(list(states_of(cell, x[start:stop], every[start].detach(), m)))
        first = {"all": start, "new": new, "last": stop - 1}[on]
        total = total + ((hs[first - start :] - y[first:stop]) ** 2).sum() / 2
    total.backward()
    return total, {k: p.grad for k, p in cell.named_parameters()}, every[-1]


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("on", truncation.LOSSES)
@pytest.mark.parametrize(("k1", "k2"), SIZES)
def test_the_sum_over_windows_is_autograds(k1, k2, on, mask):
    mask = draw_mask(mask)
    got = truncation.truncated(
        elman, PARAMS, X, H0, loss_against(Y), k1, mask, reach=k2, on=on
    )
    assert_close(got, judge(k1, k2, on, mask))


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_of_every_kind(kind):
    params, x, h0, y = to(kind, (PARAMS, X, H0, Y))
    got = truncation.truncated(elman, params, x, h0, loss_against(y), 2, reach=5)
    assert_close(got, judge(2, 5, "new", None))
    assert all(type(g) is type(x) for g in got[1].values())


@pytest.mark.parametrize("on", ["all", "new"])
@pytest.mark.parametrize("size", [T, T + 4])
def test_a_window_over_everything_is_full_backpropagation(size, on):
    hs, last, tape = bptt.forward(elman, PARAMS, X, H0)
    grads, dx, _ = bptt.backward(elman, PARAMS, X, hs - Y, 0 * H0, tape)
    loss_grad = loss_against(Y)
    got = truncation.truncated(elman, PARAMS, X, H0, loss_grad, size, on=on)
    assert_close(got, (((hs - Y) ** 2).sum() / 2, grads, last))
    window = truncation.windows(T, size)[0]
    one = truncation.window_grads(elman, PARAMS, X, H0, loss_grad, window, on=on)
    assert_close((one.grads, one.dx, one.carried, one.last), (grads, dx, last, last))


def test_windows_that_reach_the_start_add_up_to_full_backpropagation():
    got = truncation.truncated(elman, PARAMS, X, H0, loss_against(Y), 1, reach=T)
    full = truncation.truncated(elman, PARAMS, X, H0, loss_against(Y), T)
    assert_close(got, full)
    short = truncation.truncated(elman, PARAMS, X, H0, loss_against(Y), 1, reach=T - 2)
    assert abs(short[1]["weight_hh"] - full[1]["weight_hh"]).max() > 1e-6


def test_a_mean_loss_divides_by_the_same_number_in_every_window():
    """The package's mean over a window, times the window's share, sums to the mean."""

    def loss_grad(hs, steps):
        share = len(hs) / T
        loss = losses.squared_error(hs, Y[steps])
        return share * loss, share * losses.squared_error_grad(hs, Y[steps])

    loss, _, _ = truncation.truncated(elman, PARAMS, X, H0, loss_grad, 4)
    hs = bptt.forward(elman, PARAMS, X, H0)[0]
    assert_close(loss, losses.squared_error(hs, Y))


def test_training_uses_new_parameters_and_the_carried_state():
    """An update between windows: autograd with the same updates, k1 = 2 and k2 = 3."""
    params, h, p, g = PARAMS, H0, to("torch", PARAMS), torch.tensor(H0)
    plan = truncation.windows(T, 2, 3)
    for i, window in enumerate(plan):
        following = plan[i + 1].start if window is not plan[-1] else None
        result = truncation.window_grads(
            elman, params, X, h, loss_against(Y), window, following=following
        )
        params = {k: v - 0.1 * result.grads[k] for k, v in params.items()}
        p = {k: v.requires_grad_() for k, v in p.items()}
        cell = nn.RNNCell(I, H, dtype=torch.float64)
        x, y = torch.tensor(X[window.start : window.stop]), torch.tensor(Y)
        run = torch.func.functional_call
        hs = [g]
        for x_t in x:
            hs.append(run(cell, p, (x_t, hs[-1])))
        fresh = torch.stack(hs[1:])[window.new - window.start :]
        loss = ((fresh - y[window.new : window.stop]) ** 2).sum() / 2
        grads = torch.autograd.grad(loss, list(p.values()))
        carried = hs[-1] if following is None else hs[following - window.start]
        assert_close((result.loss, result.carried), (loss, carried))
        p = {
            k: (v - 0.1 * d).detach()
            for (k, v), d in zip(p.items(), grads, strict=True)
        }
        h, g = result.carried, carried.detach()
    assert_close(params, p)


def test_a_state_of_two_parts_is_carried_whole():
    state = draw(5, B, H), draw(6, B, H)
    full = bptt.forward(Pair, PARAMS, X, state)[1]
    loss_grad = loss_against(Y)
    for k1, k2 in SIZES:
        got = truncation.truncated(Pair, PARAMS, X, state, loss_grad, k1, reach=k2)
        assert_close(got[2], full)
    want = truncation.truncated(Pair, PARAMS, X, state, loss_grad, T)[1]
    got = truncation.truncated(Pair, PARAMS, X, state, loss_grad, 1, reach=T)[1]
    assert_close(got, want)


def test_no_graph_grows_from_window_to_window():
    params, x, h0, y = to("torch", (PARAMS, X, H0, Y))
    params = {k: p.requires_grad_() for k, p in params.items()}
    window = truncation.windows(T, 2)[0]
    result = truncation.window_grads(elman, params, x, h0, loss_against(y), window)
    assert not result.carried.requires_grad
    assert not result.last.requires_grad


def test_windows_of_seven_steps():
    assert truncation.windows(7, 3) == [(0, 0, 3), (3, 3, 6), (6, 6, 7)]
    assert truncation.windows(7, 3, 5) == [(0, 0, 3), (1, 3, 6), (4, 6, 7)]
    assert truncation.windows(3, 1, 2) == [(0, 0, 1), (0, 1, 2), (1, 2, 3)]
    assert [len(c) for c in truncation.chunks(np.zeros((7, 2)), 3)] == [3, 3, 1]
    np.testing.assert_array_equal(np.concat([*truncation.chunks(X, 4)]), X)


@pytest.mark.parametrize(("size", "reach"), [(5, None), (5, 5), (3, 7), (1, 4)])
def test_reach_share_counts_the_losses_that_reach_back(size, reach):
    k2 = reach or size
    for lag in range(10):
        reached = [k2 - size + i >= lag for i in range(size)]
        assert truncation.reach_share(lag, size, reach) == np.mean(reached)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((0, 1), "T: expected at least 1 step, got 0"),
        ((5, 0), "size: expected at least 1 step, got 0"),
        ((5, 3, 2), "reach: expected at least size = 3, got 2"),
    ],
)
def test_windows_names_what_does_not_fit(args, message):
    with complains(message):
        truncation.windows(*args)


def test_window_grads_names_what_does_not_fit():
    window, loss_grad = Window(2, 3, 5), loss_against(Y)
    with complains("on: expected all or new or last, got newest"):
        truncation.loss_steps(window, "newest")
    for following in (1, 6):
        with complains(
            f"following: expected a step inside the window, got {following - 2}"
        ):
            truncation.window_grads(
                elman, PARAMS, X, H0, loss_grad, window, following=following
            )
    with complains("loss_grad: expected a gradient of shape (2, 4, 5), got (2, 4, 1)"):
        truncation.window_grads(
            elman, PARAMS, X, H0, lambda hs, _: (0.0, hs[..., :1]), window
        )
