"""The LSTM's relatives: autograd on their formulas, and where they meet."""

import numpy as np
import pytest
import torch
from judging import halves, judge, problem, run
from oracle import KINDS, B, H, assert_close, complains, draw, to

from course_pkg import bptt
from course_pkg.cells import lstm, lstm_coupled, lstm_version0
from course_pkg.cells.lstm_peephole import Peephole
from course_pkg.cells.lstm_projected import Projected

P = 2


def cut(params, x, h, G):
    return sum(halves(params, x, h)).chunk(G, -1)


def version0(params, x, state):
    i, g, o = cut(params, x, state[0], 3)
    c = state[1] + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def coupled(params, x, state):
    i, g, o = cut(params, x, state[0], 3)
    i = i.sigmoid()
    c = state[1] + i * (g.tanh() - state[1])
    return o.sigmoid() * c.tanh(), c


def peephole(params, x, state):
    w_i, w_f, w_o = (params[f"weight_c{gate}"] for gate in "ifo")
    before, (i, f, g, o) = state[1], cut(params, x, state[0], 4)
    i, f = torch.sigmoid(i + w_i * before), torch.sigmoid(f + w_f * before)
    c = f * before + i * torch.tanh(g)
    return torch.sigmoid(o + w_o * c) * c.tanh(), c


def projected(params, x, state):
    i, f, g, o = cut(params, x, state[0], 4)
    c = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
    return (o.sigmoid() * c.tanh()) @ params["weight_hr"].T, c


PEEPHOLES = tuple((f"weight_c{gate}", (H,)) for gate in "ifo")
CELLS = {
    "version0": (lstm_version0, version0, 3, (H, H), ()),
    "coupled": (lstm_coupled, coupled, 3, (H, H), ()),
    "peephole": (Peephole(), peephole, 4, (H, H), PEEPHOLES),
    "projected": (Projected(), projected, 4, (P, H), [("weight_hr", (P, H))]),
}


@pytest.mark.parametrize("mask", ["none", "ragged", "holes"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CELLS)
def test_outputs_and_every_gradient_are_those_of_autograd(name, kind, bias, mask):
    cell, formula, G, widths, own = CELLS[name]
    case = problem(G, mask, bias, widths, own)
    assert_close(run(cell, *to(kind, case)), judge(formula, *case))


def insert_forget_gate(params, sign, value):
    """Turn blocks i g o into i f g o, with f's weights sign times those of i."""
    new = {}
    for name, p in params.items():
        f = sign * p[:H] + (value if name == "bias_ih" else 0)
        new[name] = np.concat([p[:H], f, p[H:]])
    return new


@pytest.mark.parametrize(
    ("cell", "sign", "value"), [(lstm_version0, 0, 60), (lstm_coupled, -1, 0)]
)
def test_it_is_an_lstm_with_a_forget_gate_of_a_certain_kind(cell, sign, value):
    params, x, state, *_ = problem(3, widths=(H, H))
    full = insert_forget_gate(params, sign, value)
    got, want = (
        bptt.forward(c, p, x, state)[:2] for c, p in ((cell, params), (lstm, full))
    )
    assert_close(got, want)


def test_version0_counts_without_bound_and_coupled_gates_stay_inside():
    one = np.ones((1, 1))
    gi = np.concat([50 * one, 50 * one, 50 * one], -1)
    for cell, want in ((lstm_version0, 100), (lstm_coupled, 1)):
        state = 0 * one, 0 * one
        for _ in range(100):
            state, _ = cell.step(gi, 0 * gi, state)
        assert_close(state[1], want * one)


def test_peepholes_of_zero_change_nothing():
    params, x, state, *_ = problem(4, widths=(H, H))
    closed = params | {name: np.zeros(shape) for name, shape in PEEPHOLES}
    got = bptt.forward(Peephole(), closed, x, state)[:2]
    assert_close(got, bptt.forward(lstm, params, x, state)[:2])


@pytest.mark.parametrize("gate", ["i", "f", "o"])
def test_a_peephole_looks_at_the_state_of_its_time(gate):
    """i and f see what was before, o sees what is now."""
    w = {name: np.zeros(H) for name, _ in PEEPHOLES} | {f"weight_c{gate}": np.ones(H)}
    gi, c = draw(0, B, 4 * H), draw(1, B, H)
    cell = Peephole().bind(w)
    (_, new), tape = cell.step(gi, 0 * gi, (0 * c, c))
    seen, block = (new, 3) if gate == "o" else (c, "if".index(gate))
    a = gi[:, block * H : (block + 1) * H]
    assert_close(getattr(tape, gate), 1 / (1 + np.exp(-a - seen)))


def test_a_state_of_the_wrong_width_is_named():
    params, x, (h, c), *_ = problem(4, widths=(P, H), own=[("weight_hr", (P, H))])
    with pytest.raises(ValueError, match=r"state: expected \(B, H\) = \(4, 5\), got"):
        bptt.forward(Projected(), params, x, (h, h))
    with pytest.raises(ValueError, match=r"state: expected \(B, H\) = \(4, 2\), got"):
        bptt.forward(Projected(), params, x, (c, c))


def test_missing_weights_of_the_cells_own_are_named():
    params, x, state, *_ = problem(4, bias=False, widths=(H, H))
    want = "the cell's weight_ci, weight_cf, weight_co"
    with complains(f"params: expected {want}, got ['weight_ih', 'weight_hh']"):
        bptt.forward(Peephole(), params, x, state)


@pytest.mark.parametrize("name", CELLS)
def test_float32_stays_float32_and_close(name):
    cell, formula, G, widths, own = CELLS[name]
    case = problem(G, "holes", True, widths, own)
    single = {k: p.astype("float32") for k, p in case[0].items()}
    pairs = (tuple(p.astype("float32") for p in case[k]) for k in (2, 5))
    state, d_state = pairs
    x, mask, dhs = (case[k].astype("float32") for k in (1, 3, 4))
    got = run(cell, single, x, state, mask, dhs, d_state)
    arrays = got["hs"], *got["last"], *got["grads"].values(), got["dx"]
    assert {str(a.dtype) for a in (*arrays, *got["d_state0"])} == {"float32"}
    assert_close(got, judge(formula, *case), tol=1e-4)
