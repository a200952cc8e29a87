"""Terms and paths of gated cells against autograd, in which a way can be cut."""

import numpy as np
import pytest
import torch
from oracle import KINDS, B, H, I, T, assert_close, complains, draw, draw_params, to

from course_pkg import bptt, gradients, spectra
from course_pkg.cells import elman, gru, gru_before, lstm, lstm_coupled, lstm_version0
from course_pkg.cells.lstm_peephole import Peephole


def each_row(f, *arrays):
    """Return the Jacobian (T, B, H, H) of f, which takes rows (H,), at every (t, b)."""
    rows = [a.reshape(-1, a.shape[-1]) for a in arrays]
    Js = [
        torch.autograd.functional.jacobian(f(*r), r[0]) for r in zip(*rows, strict=True)
    ]
    return torch.stack(Js).reshape(*arrays[0].shape, -1)


@pytest.mark.parametrize(
    "cell", [gru, gru_before.ResetBefore()], ids=["after", "before"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_gru_terms(kind, cell):
    drawn = draw_params(0, G=3), draw(5, T, B, I), draw(6, B, H)
    params, x, h = to(kind, drawn)
    _, last, tape = bptt.forward(cell, params, x, h)
    got = gradients.gru_terms(params, tape)
    J = spectra.jacobians(bptt.bind(cell, params), last, tape, params["weight_hh"])
    assert_close(sum(got), J)

    p, x, h = to("torch", drawn)
    hs = torch.cat([h[None], bptt.forward(cell, p, x, h)[0][:-1]])
    W_r, W_z, W_n = p["weight_hh"].split(H)
    b_r, b_z, b_n = p["bias_hh"].split(H)
    i_r, i_z, i_n = (x @ p["weight_ih"].T + p["bias_ih"]).split(H, -1)

    def n_of(h, i_r, i_n):
        r = torch.sigmoid(i_r + W_r @ h + b_r)
        m = r * (W_n @ h + b_n) if cell is gru else W_n @ (r * h) + b_n
        return torch.tanh(i_n + m)

    def z_of(h, i_z):
        return torch.sigmoid(i_z + W_z @ h + b_z)

    def keep(h, *i):
        return lambda v: z_of(h, i[1]) * v

    def candidate(h, *i):
        return lambda v: (1 - z_of(h, i[1])) * n_of(v, i[0], i[2])

    def gate(h, *i):
        n = n_of(h, i[0], i[2])
        return lambda v: (1 - z_of(v, i[1])) * n + z_of(v, i[1]) * h

    want = (each_row(f, hs, i_r, i_z, i_n) for f in (keep, candidate, gate))
    assert_close(tuple(got), tuple(want))


CELLS = {
    "lstm": (lstm, 4),
    "coupled": (lstm_coupled, 3),
    "version 0": (lstm_version0, 3),
}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("kind", KINDS)
def test_paths(kind, name):
    cell, G = CELLS[name]
    drawn = draw_params(0, G=G), draw(5, T, B, I), (draw(6, B, H), draw(7, B, H))
    params, x, state = to(kind, drawn)
    tape = bptt.forward(cell, params, x, state)[2]
    got = gradients.paths(cell, params, tape)
    if name == "lstm":
        assert_close(got.direct, tape.f)
    p, x, (h, c) = to("torch", drawn)
    directs, totals, o = [], [], None
    for t in range(T):
        D, J = torch.zeros(B, H).double(), torch.zeros(B, H, H).double()
        for b in range(B):

            def total(v, t=t, b=b, o=o, h=h):
                # From c alone: h is held in the first step, and o tanh c in all others.
                before = h[[b]] if o is None else o[[b]] * torch.tanh(v)
                return bptt.forward(cell, p, x[[t]][:, [b]], (before, v))[1][1][0]

            def direct(v, t=t, b=b, h=h):
                return bptt.forward(cell, p, x[[t]][:, [b]], (h[[b]], v))[1][1][0]

            jacobian = torch.autograd.functional.jacobian
            J[b] = jacobian(total, c[[b]])[:, 0]
            D[b] = jacobian(direct, c[[b]])[:, 0].diagonal()
        directs.append(D)
        totals.append(J)
        _, (h, c), step = bptt.forward(cell, p, x[[t]], (h, c))
        o = step.o[0]
    assert_close(tuple(got), (torch.stack(directs), torch.stack(totals)))


def test_cells_that_do_not_fit_are_named():
    params, x = draw_params(0, G=4), draw(5, T, B, I)
    own = {f"weight_c{k}": np.ones(H) for k in "ifo"}
    pair = draw(6, B, H), draw(7, B, H)
    tape = bptt.forward(Peephole(), params | own, x, pair)[2]
    with complains(
        f"tape: expected that of an LSTM whose h is o tanh c, got {tape._fields}"
    ):
        gradients.paths(Peephole(), params | own, tape)
    tape = bptt.forward(elman, draw_params(0), x, pair[0])[2]
    with complains("tape: expected that of a GRU, got ('h', 'h_prev')"):
        gradients.gru_terms(draw_params(0), tape)
