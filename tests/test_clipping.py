"""Clipping against torch's, and state clipping against hooks of autograd."""

import copy
import math
import pickle

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
    judge,
    to,
)
from torch import nn

from course_pkg import bptt, clipping
from course_pkg.cells import elman
from course_pkg.cells.jordan import Jordan
from course_pkg.cells.lstm_projected import Projected
from course_pkg.clipping import ClippedCell

GRADS = {"weight": draw(0, 4, 3), "bias": 0.1 * draw(1, 4), "one": draw(2)}
NORM = np.linalg.norm(np.concat([g.reshape(-1) for g in GRADS.values()]))


def of_torch(clip, limit, grads=GRADS):
    """Clip with a function of torch.nn.utils; return the gradients and its result."""
    params = {
        k: nn.Parameter(torch.zeros(np.shape(g)).double()) for k, g in grads.items()
    }
    for k, p in params.items():
        p.grad = torch.tensor(grads[k])
    result = clip(params.values(), limit)
    return {k: p.grad for k, p in params.items()}, result


@pytest.mark.parametrize("limit", [0.3, 1.0, NORM, 1.0001 * NORM, 100.0])
@pytest.mark.parametrize("kind", KINDS)
def test_clip_norm_is_torchs(kind, limit):
    got = clipping.clip_norm(to(kind, GRADS), limit)
    assert_close(got, of_torch(nn.utils.clip_grad_norm_, limit), tol=1e-14)
    assert got[1] == pytest.approx(NORM)


def test_clip_norm_keeps_the_direction_and_never_lengthens():
    for limit in (1e-3, 1.0, 2 * NORM):
        clipped, norm = clipping.clip_norm(GRADS, limit)
        assert clipping.cosine(clipped, GRADS) == pytest.approx(1, abs=1e-12)
        assert clipping.global_norm(clipped) <= min(limit, norm)
    assert clipping.global_norm(clipping.clip_norm(GRADS, 1.0)[0]) > 1 - 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_a_zero_gradient_stays_zero(kind):
    zero = to(kind, {k: np.zeros_like(g) for k, g in GRADS.items()})
    with np.errstate(all="raise"):
        clipped, norm = clipping.clip_norm(zero, 1.0)
    assert_close((clipped, norm), (zero, np.zeros(())), tol=0)
    assert clipping.cosine(zero, to(kind, GRADS)) == 0


@pytest.mark.parametrize("limit", [0.05, 1.0, 10.0])
@pytest.mark.parametrize("kind", KINDS)
def test_clip_value_is_torchs(kind, limit):
    got = clipping.clip_value(to(kind, GRADS), limit)
    assert_close(got, of_torch(nn.utils.clip_grad_value_, limit)[0], tol=0)


def test_clip_value_turns_the_direction():
    g = {"a": np.array([10.0, 1.0])}
    assert_close(clipping.clip_value(g, 1.0)["a"], np.array([1.0, 1.0]), tol=0)
    assert clipping.cosine(g, clipping.clip_value(g, 1.0)) < 0.8


def test_nothing_changes_in_place():
    grads = copy.deepcopy(GRADS)
    clipping.clip_norm(grads, 0.1)
    clipping.clip_value(grads, 0.1)
    assert_close(grads, GRADS, tol=0)


def test_float32_stays_float32():
    grads = {k: np.asarray(g, "float32") for k, g in GRADS.items()}
    for clipped in clipping.clip_norm(grads, 0.1)[0], clipping.clip_value(grads, 0.1):
        assert {g.dtype for g in clipped.values()} == {np.dtype("float32")}


def test_parameter_norms_and_cosine():
    norms = clipping.parameter_norms(GRADS)
    assert math.hypot(*norms.values()) == pytest.approx(NORM)
    assert_close(norms["weight"], np.linalg.norm(GRADS["weight"]))
    a, b = (
        {"x": np.array([3.0, 0.0]), "y": np.array(4.0)},
        {"x": np.ones(2), "y": np.zeros(())},
    )
    assert clipping.cosine(a, b) == pytest.approx(3 / (5 * 2**0.5))
    assert clipping.cosine(a, {k: -g for k, g in a.items()}) == pytest.approx(-1)


def test_choose_limit_clips_the_share_that_is_asked_for():
    norms = np.random.default_rng(0).permutation(np.arange(1.0, 101.0))
    for share in (0.0, 0.05, 0.1, 0.5):
        limit = clipping.choose_limit(norms, share)
        assert (norms > limit).mean() == pytest.approx(share)
    assert clipping.choose_limit([1.0, math.nan, 2.0, math.inf], 0.5) == 2.0
    assert clipping.choose_limit(torch.tensor([0.4, 7.0]), 0.5) == pytest.approx(0.4)


CLIPS = {
    "norm": lambda d: d * (0.7 / (d.norm(dim=-1, keepdim=True) + 1e-6)).clamp(max=1),
    "value": lambda d: d.clamp(-0.7, 0.7),
}


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("by", CLIPS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_clipped_cell_is_autograd_with_hooks(kind, by, mask):
    case = draw_params(0), draw(1, T, B, I), draw(2, B, H), draw_mask(mask)
    dhs = draw(3, T, B, H)
    cell = ClippedCell(elman, 0.7, by)
    params, x, h, m = to(kind, case)
    tape = bptt.forward(cell, params, x, h, m)[2]
    got = bptt.backward(cell, params, x, to(kind, dhs), 0 * h, tape, m)
    want = judge(*case, dhs, 0 * draw(2, B, H), CLIPS[by])
    assert_close(got, (want["grads"], want["dx"], want["d_state0"]))


@pytest.mark.parametrize("name", GATED)
def test_a_limit_that_is_never_met_changes_nothing_in_any_cell(name):
    cell, params, state = draw_gated(name)
    x, dhs, got = draw(5, T, B, I), draw(6, T, B, H), []
    for c in (cell, ClippedCell(cell, 1e9), ClippedCell(cell, 1e-9)):
        _, last, tape = bptt.forward(c, params, x, state)
        zero = bptt.each(np.zeros_like, last)
        got.append(bptt.backward(c, params, x, dhs, zero, tape))
    assert_close(got[1], got[0], tol=0)
    assert abs(got[2][0]["weight_hh"]).max() < 1e-6


def test_the_norm_of_a_state_is_that_of_all_its_parts():
    d = np.full((2, 3), 2.0), np.zeros((2, 3))
    d[1][1, 0], d[0][0] = 4.0, 0.1
    h, c = clipping.clip_state(d, 1.0)
    assert_close((h[0], c[0]), (d[0][0], d[1][0]), tol=0)
    size = 28**0.5 + 1e-6
    assert_close((h[1], c[1]), (d[0][1] / size, d[1][1] / size))


def test_a_clipped_cell_passes_on_what_it_is_asked_for():
    class Owner:
        width = 3

        def bind(self, params):
            other = Owner()
            other.width = params["width"]
            return other

    cell = ClippedCell(Owner(), 1.0, "value")
    assert (cell.width, cell.bind({"width": 5}).width) == (3, 5)
    assert cell.bind({"width": 5}).by == "value"
    assert not hasattr(cell, "own_grads")
    clipped = ClippedCell(elman.Tape, 2.0)
    assert pickle.loads(pickle.dumps(clipped)) == copy.deepcopy(clipped) == clipped
    assert ClippedCell(elman, 1.0).bind({}).cell is elman


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: clipping.clip_norm(GRADS, 0.0),
            "limit: expected a number > 0, got 0.0",
        ),
        (
            lambda: clipping.clip_value(GRADS, -1),
            "limit: expected a number > 0, got -1",
        ),
        (lambda: ClippedCell(elman, 0), "limit: expected a number > 0, got 0"),
        (
            lambda: ClippedCell(elman, 1, "size"),
            "by: expected norm or value, got size",
        ),
        (
            lambda: ClippedCell(Projected(), 1),
            "by: expected value, as weight_hr hears of h without c, got norm",
        ),
        (
            lambda: clipping.clip_norm({"a": np.array([1.0, math.nan])}, 1),
            "grads: expected a finite norm, got nan",
        ),
        (
            lambda: clipping.clip_norm({"a": torch.tensor([math.inf])}, 1),
            "grads: expected a finite norm, got inf",
        ),
        (
            lambda: clipping.cosine(GRADS, {}),
            "b: expected the keys ['bias', 'one', 'weight'], got []",
        ),
        (
            lambda: clipping.choose_limit([]),
            "norms: expected at least one norm, got none",
        ),
        (
            lambda: clipping.choose_limit([1.0], 1.0),
            "share: expected a share in [0, 1), got 1.0",
        ),
        (
            lambda: clipping.choose_limit([1.0, math.nan], 0.05),
            "norms: expected at most a share of 0.05 that is not finite, got 1",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()


@pytest.mark.parametrize("by", CLIPS)
def test_the_weights_of_the_cell_itself_hear_of_the_clipped_gradient(by):
    O = 2  # noqa: E741
    params = {"weight_ih": draw(0, H, I), "weight_hh": draw(1, H, O)}
    params |= {"weight_hy": draw(2, O, H), "bias_y": draw(3, O)}
    x, s, got = draw(4, T, B, I), draw(5, B, O), []
    dhs = np.zeros((T, B, O))
    dhs[-1] = 5 * draw(6, B, O)
    for cell, d in (
        (ClippedCell(Jordan(), 0.7, by), dhs),
        (Jordan(), to("numpy", CLIPS[by](torch.tensor(dhs)).numpy())),
    ):
        one = x[-1:], d[-1:]
        _, _, tape = bptt.forward(cell, params, one[0], s)
        got.append(bptt.backward(cell, params, *one, 0 * s, tape))
    assert_close(got[0], got[1])


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
def test_a_clipped_projection_is_autograd_with_hooks(mask):
    P, m = 2, draw_mask(mask)
    params = {"weight_ih": draw(0, 4 * H, I), "weight_hh": draw(1, 4 * H, P)}
    params |= {"weight_hr": draw(2, P, H)}
    x, state, dhs = draw(3, T, B, I), (draw(4, B, P), draw(5, B, H)), draw(6, T, B, P)
    cell = ClippedCell(Projected(), 0.3, "value")
    _, last, tape = bptt.forward(cell, params, x, state, m)
    zero = bptt.each(np.zeros_like, last)
    got = bptt.backward(cell, params, x, dhs, zero, tape, m)[0]
    params, x, state, dhs, m = to("torch", (params, x, state, dhs, m))
    bound = Projected(params["weight_hr"].requires_grad_())
    W_ih, W_hh = (params[n].requires_grad_() for n in ("weight_ih", "weight_hh"))
    loss = 0
    for t in range(T):
        new, _ = bound.step(x[t] @ W_ih.T, state[0] @ W_hh.T, state)
        new = bptt.each(torch.clone, new)  # c as the next step sees it, and not h
        for part in new:
            part.register_hook(lambda d: d.clamp(-0.3, 0.3))
        state = new if m is None else bptt.hold(m[t], new, state)
        loss = loss + (state[0] * dhs[t]).sum()
    loss.backward()
    assert_close(got, {name: p.grad for name, p in params.items()})
