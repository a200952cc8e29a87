"""A cell with skip connections over time, in the pair itself, on arrays of any kind."""

import numpy as np
import pytest
import torch
from any_cell import GATED
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

from course_pkg import bptt, spectra
from course_pkg.cells import elman
from course_pkg.skips import Skip, with_past

DELAYS = 3, 2
CELLS = GATED | {"elman": (elman, 1)}


def draw_case(name, mask):
    """Draw weights, x, first states with their past, and a mask."""
    G = CELLS[name][1]
    wires = {f"weight_skip{d}": 0.6 * draw(d, G * H, H) for d in DELAYS}
    states = tuple(draw(10 + i, B, H) for i in range(4 if name == "lstm" else 3))
    return draw_params(0, G=G) | wires, draw(20, T, B, I), states, draw_mask(mask)


def judge(name, params, x, states, mask):
    """Let autograd differentiate a loop that looks its past up in a list."""
    cell = bptt.bind(CELLS[name][0], params)
    m, *older = states[:-2], *states[-2:]
    now, hs = m if len(m) > 1 else m[0], []
    # Each sequence has a history of its own: with a mask, they age differently.
    ages = [[older[1][b], older[0][b], bptt.hidden(now)[b]] for b in range(B)]
    for t in range(T):
        gi = x[t] @ params["weight_ih"].T + params["bias_ih"]
        gh = bptt.hidden(now) @ params["weight_hh"].T + params["bias_hh"]
        for d in DELAYS:
            past = torch.stack([age[-d] for age in ages])
            gi = gi + past @ params[f"weight_skip{d}"].T
        new = cell.step(gi, gh, now)[0]
        now = new if mask is None else bptt.hold(mask[t], new, now)
        for b in range(B):
            if mask is None or mask[t, b] == 1:
                ages[b].append(bptt.hidden(now)[b])
        hs.append(bptt.hidden(now))
    past = [torch.stack([age[-d] for age in ages]) for d in (2, 3)]
    return torch.stack(hs), (*(now if isinstance(now, tuple) else (now,)), *past)


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_pair_is_autograd_with_a_list_of_states(kind, name, mask):
    params, x, states, m = to("torch", draw_case(name, mask))
    leaves = (*params.values(), x, *states)
    for leaf in leaves:
        leaf.requires_grad_()
    hs, last = judge(name, params, x, states, m)
    dhs, d_last = draw(30, T, B, H), tuple(draw(31 + i, B, H) for i in range(len(last)))
    pairs = zip((hs, *last), to("torch", (dhs, *d_last)), strict=True)
    grads = torch.autograd.grad(sum((a * d).sum() for a, d in pairs), leaves)
    n = len(params)
    want = dict(zip(params, grads[:n], strict=True)), grads[n], grads[n + 1 :]

    cell = Skip(CELLS[name][0], DELAYS)
    params, x, states, m, dhs, d_last = to(kind, (*draw_case(name, mask), dhs, d_last))
    got_hs, got_last, tape = bptt.forward(cell, params, x, states, m)
    assert_close((got_hs, got_last), (hs, last))
    assert type(got_hs) is type(x)
    assert_close(bptt.backward(cell, params, x, dhs, d_last, tape, m), want)


def test_jacobians_are_of_the_whole_state():
    """The past is a shift; the newest state hears of the oldest through its wire."""
    params, x, states, _ = draw_case("elman", "none")
    cell = bptt.bind(Skip(elman, DELAYS), params)
    hs, last, tape = bptt.forward(cell, params, x, states)
    J = spectra.jacobians(cell, last, tape, params["weight_hh"])
    assert J.shape == (T, B, 3 * H, 3 * H)
    assert_close(J[:, :, H:, : 2 * H], np.zeros((T, B, 1, 1)) + np.eye(2 * H))
    slope = (1 - hs**2)[..., None]
    assert_close(J[:, :, :H, 2 * H :], slope * params["weight_skip3"])
    assert_close(J[:, :, :H, H : 2 * H], slope * params["weight_skip2"])


def test_a_first_state_gets_a_past_of_zeros():
    h, c = draw(0, B, H), draw(1, B, H)
    assert_close(with_past(h, 2), (h, 0 * h, 0 * h), tol=0)
    assert_close(with_past((h, c), 1), (h, c, 0 * h), tol=0)


def test_a_state_without_its_past_is_named():
    params, x, states, _ = draw_case("elman", "none")
    with complains("state: expected a tuple that ends in 2 earlier h, got 1 array(s)"):
        bptt.forward(Skip(elman, DELAYS), params, x, states[0])
