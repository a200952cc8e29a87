"""Stand-ins: another (scan, scan_grad) pair, and another cell, behind the contract."""

from typing import NamedTuple

import numpy as np
import torch
from oracle import H

from course_pkg import layers
from course_pkg.cells import elman


def loop_scan(cell, gi, state, W_hh, b_hh=None, mask=None):
    """Keep the contract of `scan` for Elman: sequence by sequence, entry by entry."""
    hs, prev = np.zeros((*gi.shape[:2], len(W_hh))), np.zeros((*gi.shape[:2], H))
    new, last = np.zeros_like(hs), state.copy()
    for b in range(gi.shape[1]):
        for t in range(len(gi)):
            prev[t, b] = last[b]
            for j in range(H):
                a = gi[t, b, j] + (W_hh[j] * prev[t, b]).sum()
                new[t, b, j] = np.tanh(a + (0 if b_hh is None else b_hh[j]))
            if mask is None or mask[t, b, 0]:
                last[b] = new[t, b]
            hs[t, b] = last[b]
    return hs, last, elman.Tape(new, prev)


def loop_scan_grad(cell, dhs, d_state, tape, W_hh, mask=None):
    """Keep the contract of `scan_grad` for Elman, sequence by sequence."""
    da, total, d_state = np.zeros_like(dhs), np.zeros_like(dhs), d_state.copy()
    for b in range(dhs.shape[1]):
        for t in range(len(dhs) - 1, -1, -1):
            d_state[b] = total[t, b] = d_state[b] + dhs[t, b]
            if mask is None or mask[t, b, 0]:
                da[t, b] = total[t, b] * (1 - tape.h[t, b] ** 2)
                d_state[b] = da[t, b] @ W_hh
    return da, da, d_state, total


class LstmTape(NamedTuple):
    """What an LSTM keeps: gates (B, 4H) after their squashing, and three states."""

    gates: torch.Tensor
    c: torch.Tensor
    c_prev: torch.Tensor
    h_prev: torch.Tensor


class LstmCell:
    """A cell whose state is (h, c), on tensors only, with gates i f g o."""

    @staticmethod
    def step(gi, gh, state):
        h, c = state
        i, f, g, o = (gi + gh).chunk(4, -1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        new = f * c + i * g
        tape = LstmTape(torch.cat([i, f, g, o], -1), new, c, h)
        return (o * new.tanh(), new), tape

    @staticmethod
    def step_grad(d_state, tape):
        (dh, dc), (i, f, g, o) = d_state, tape.gates.chunk(4, -1)
        dc = dc + dh * o * (1 - tape.c.tanh() ** 2)
        d_gates = (
            dc * g * i * (1 - i),
            dc * tape.c_prev * f * (1 - f),
            dc * i * (1 - g**2),
            dh * tape.c.tanh() * o * (1 - o),
        )
        da = torch.cat(d_gates, -1)
        return da, da, (torch.zeros_like(dh), dc * f)


class Lstm(layers.Layer):
    """torch.nn.LSTM, as a cell handed to the layer that all cells share."""

    cell, gates, parts = LstmCell, 4, 2
