"""The bridge to autograd: what it calls, what it keeps, what it refuses."""

import pytest
import torch
from oracle import B, H, I, T, assert_close, draw, draw_mask, draw_params, judge, to

from course_pkg import bptt
from course_pkg.autograd import Scan, parts, whole
from course_pkg.bptt import REFERENCE
from course_pkg.cells import elman

PARAMS, X, H0 = draw_params(10), draw(0, T, B, I), draw(1, B, H)
DHS, D_LAST, MASK = draw(2, T, B, H), draw(3, B, H), draw_mask("holes")


def leaves():
    """Return x, h0 and the weights as tensors that want a gradient."""
    return {
        name: torch.tensor(a, requires_grad=True)
        for name, a in {"x": X, "h0": H0, **PARAMS}.items()
    }


def run(x, h0, **params):
    mask = torch.tensor(MASK)
    return Scan.apply(REFERENCE, elman, 1, x, mask, h0, *params.values())


@pytest.mark.parametrize("used", ["both", "hs", "last"])
def test_every_gradient_is_that_of_autograd_whichever_output_is_used(used):
    dhs = 0 * DHS if used == "last" else DHS
    d_last = 0 * D_LAST if used == "hs" else D_LAST
    want = judge(PARAMS, X, H0, MASK, dhs, d_last)
    given = leaves()
    outputs = dict(zip(("hs", "last"), run(**given), strict=True))
    assert_close(outputs, {name: want[name] for name in outputs})
    projections = to("torch", {"hs": DHS, "last": D_LAST})
    names = list(outputs) if used == "both" else [used]
    sum((outputs[name] * projections[name]).sum() for name in names).backward()
    wanted = {"x": want["dx"], "h0": want["d_state0"]} | want["grads"]
    assert_close({name: leaf.grad for name, leaf in given.items()}, wanted)


def test_the_gradients_are_the_packages_own(monkeypatch):
    def backward(*args):
        grads, dx, d_state0 = real(*args)
        return grads, 7 * dx, d_state0

    real = bptt.backward
    monkeypatch.setattr(bptt, "backward", backward)
    given = leaves()
    (run(**given)[0] * torch.tensor(DHS)).sum().backward()
    want = judge(PARAMS, X, H0, MASK, DHS, 0 * D_LAST)
    assert_close(given["x"].grad, 7 * want["dx"])


@pytest.mark.parametrize("frozen", ["x", "h0", "weight_hh", "bias_ih"])
def test_what_needs_no_gradient_gets_none(frozen):
    given = leaves()
    given[frozen].requires_grad_(False)
    run(**given)[0].sum().backward()
    assert [name for name, leaf in given.items() if leaf.grad is None] == [frozen]


@pytest.mark.parametrize("name", ["x", "weight_ih", "weight_hh"])
def test_what_is_changed_before_the_way_back_is_noticed(name):
    given = leaves()
    hs, _ = run(**given)
    with torch.no_grad():
        given[name] += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        hs.sum().backward()


def test_second_derivatives_are_refused_rather_than_wrong():
    given = leaves()
    loss = (run(**given)[0] ** 2).sum()
    (dx,) = torch.autograd.grad(loss, given["x"], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        dx.sum().backward()


def test_a_state_comes_apart_and_together():
    h, c = to("torch", (H0, 2 * H0))
    assert parts(h) == (h,)
    assert whole([h]) is h
    assert whole(list(parts((h, c)))) == (h, c)
