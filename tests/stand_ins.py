"""A stand-in: another (scan, scan_grad) pair behind the contract."""

import numpy as np
from oracle import H

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
