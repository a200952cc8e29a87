"""Both GRUs: torch's against torch.nn.GRUCell, the papers' against autograd."""

import numpy as np
import pytest
import torch
from judging import halves, judge, problem, run
from oracle import KINDS, B, H, I, T, assert_close, complains, draw, to
from torch import nn

from course_pkg import bptt
from course_pkg.cells import elman, gru
from course_pkg.cells.gru_before import ResetBefore


def after(params, x, h):
    cell = nn.GRUCell(I, H, "bias_ih" in params, dtype=torch.float64)
    return torch.func.functional_call(cell, params, (x, h))


def before(params, x, h):
    gi, gh = halves(params, x, h)
    r, z = torch.sigmoid(gi + gh)[:, : 2 * H].chunk(2, -1)
    _, reset = halves(params, x, r * h)
    n = torch.tanh(gi + reset)[:, 2 * H :]
    return z * h + (1 - z) * n


CELLS = {"after": (gru, after), "before": (ResetBefore(), before)}


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CELLS)
def test_outputs_and_every_gradient_are_those_of_the_formula(name, kind, bias, mask):
    cell, formula = CELLS[name]
    case = problem(3, mask, bias)
    assert_close(run(cell, *to(kind, case)), judge(formula, *case))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CELLS)
def test_step_grad_is_that_of_autograd(name, kind):
    params = problem(3)[0]
    gi, gh, h, d = draw(0, B, 3 * H), draw(1, B, 3 * H), draw(2, B, H), draw(3, B, H)
    leaves = [torch.tensor(a, requires_grad=True) for a in (gi, gh, h)]
    cell = bptt.bind(CELLS[name][0], to("torch", params))
    new, _ = cell.step(*leaves)
    want = torch.autograd.grad(new, leaves, torch.tensor(d))
    cell = bptt.bind(CELLS[name][0], to(kind, params))
    gi, gh, h, d = to(kind, (gi, gh, h, d))
    assert_close(cell.step_grad(d, cell.step(gi, gh, h)[1]), want)


def test_the_two_resets_agree_in_the_first_step_only():
    params, x, *_ = problem(3)
    params["bias_hh"][2 * H :] = 0
    a, b = (
        bptt.forward(cell, params, x, np.zeros((B, H)))[0] for cell, _ in CELLS.values()
    )
    assert_close(a[0], b[0])
    assert abs(a[1] - b[1]).max() > 1e-2


@pytest.mark.parametrize("name", CELLS)
def test_open_gates_make_the_simple_net(name):
    """With r = 1 and z = 0 only the block n is left, and it is Elman's."""
    params, x, h, *_ = problem(3)
    simple = {name: p[2 * H :] for name, p in params.items()}
    for p in params.values():
        p[: 2 * H] = 0
    params["bias_ih"][:H], params["bias_ih"][H : 2 * H] = 60, -60
    got = bptt.forward(CELLS[name][0], params, x, h)[0]
    assert_close(got, bptt.forward(elman, simple, x, h)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_negate_update_converts_keep_into_change(kind):
    params, x, h, *_ = problem(3)

    def change(params, x, h):  # h_t = (1 - u) h_{t-1} + u n
        gi, gh = halves(params, x, h)
        r, u = torch.sigmoid(gi + gh)[:, : 2 * H].chunk(2, -1)
        n = torch.tanh(gi[:, 2 * H :] + r * gh[:, 2 * H :])
        return (1 - u) * h + u * n

    hs = bptt.forward(gru, to(kind, params), *to(kind, (x, h)))[0]
    negated = gru.negate_update(to(kind, params))
    assert list(negated) == list(params)
    p, h = {k: torch.as_tensor(v).cpu() for k, v in negated.items()}, torch.tensor(h)
    for t in range(T):
        h = change(p, torch.tensor(x[t]), h)
        assert_close(h, hs[t])


def test_negate_update_is_its_own_inverse_and_takes_a_whole_layer():
    weights = nn.GRU(I, H, 2, bidirectional=True).state_dict()
    negated = gru.negate_update(weights)
    assert_close(gru.negate_update(negated), dict(weights), tol=0)
    assert_close(negated["bias_hh_l1"][:H], weights["bias_hh_l1"][:H], tol=0)
    assert not torch.equal(negated["bias_hh_l1"], weights["bias_hh_l1"])


def test_negate_update_names_what_is_not_a_gru():
    with complains("bias_ih: expected 3H rows, blocks r z n, got 20"):
        gru.negate_update({"bias_ih": np.zeros(20)})


def test_a_high_bias_keeps_under_one_convention_and_erases_under_the_other():
    params, x, h, *_ = problem(3)
    params["bias_ih"][H : 2 * H] += 60
    assert_close(bptt.forward(gru, params, x, h)[1], h)
    params["weight_hh"][:] = 0
    erased = bptt.forward(gru, gru.negate_update(params), x, h)[1]
    assert_close(erased, bptt.forward(gru, gru.negate_update(params), x, -h)[1])
