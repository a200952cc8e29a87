"""Right answers written differently: through time, contributions."""

import numpy as np
import torch

from course_pkg.cells.elman import Tape


def back_in_loops(cell, dhs, d_state, tape, W_hh, mask=None):
    """One sequence after the other, entry by entry."""
    T, B, H = dhs.shape
    dgi, dgh, total = (np.zeros((T, B, H)) for _ in range(3))
    first = np.zeros((B, H))
    for b in range(B):
        d = d_state[b].copy()
        for t in range(T - 1, -1, -1):
            d = d + dhs[t, b]
            total[t, b] = d
            if mask is not None and mask[t, b, 0] == 0:
                continue
            one = Tape(tape.h[t, b : b + 1], tape.h_prev[t, b : b + 1])
            gi, gh, direct = (x[0] for x in cell.step_grad(d[None], one))
            dgi[t, b], dgh[t, b] = gi, gh
            d = np.array([direct[j] + (gh * W_hh[:, j]).sum() for j in range(H)])
        first[b] = d
    return dgi, dgh, first, total


def jacobian(cell, tape, W_hh, t, mask):
    """Return, for every sequence, the gradient map (B, H, H) from h_t to h_{t-1}."""
    B, H = tape.h.shape[1:]
    rows = []
    for j in range(H):
        unit = np.zeros((B, H))
        unit[:, j] = 1
        _, dgh, direct = cell.step_grad(unit, Tape(tape.h[t], tape.h_prev[t]))
        d = direct + dgh @ W_hh
        rows.append(d if mask is None else np.where(mask[t] > 0, d, unit))
    return np.stack(rows, 1)


def back_as_a_double_sum(cell, dhs, d_state, tape, W_hh, mask=None):
    """Every loss by itself, O(T²), then added."""
    T = len(dhs)
    J = [jacobian(cell, tape, W_hh, t, mask) for t in range(T)]
    total, first = np.zeros_like(dhs), np.zeros_like(d_state)
    for k in range(T):
        d = dhs[k] + (d_state if k == T - 1 else 0)
        for t in range(k, -1, -1):
            total[t] += d
            d = np.einsum("bh,bhj->bj", d, J[t])
        first += d
    m = np.ones_like(dhs) if mask is None else mask * np.ones_like(dhs)
    at = [Tape(tape.h[t], tape.h_prev[t]) for t in range(T)]
    halves = [cell.step_grad(m[t] * total[t], at[t])[:2] for t in range(T)]
    return (
        np.stack([a for a, _ in halves]),
        np.stack([b for _, b in halves]),
        first,
        total,
    )


def back_by_forward_accumulation(cell, dhs, d_state, tape, W_hh, mask=None):
    """Carry ∂h_t/∂h_k for all k forward and read the gradients off at each loss."""
    T, B, H = dhs.shape
    total = np.zeros_like(dhs)
    first = np.zeros((B, H))
    ways = []  # ∂h_t/∂h_k (B, H, H) for k = 0 … t
    ways.append(np.broadcast_to(np.eye(H), (B, H, H)))
    for t in range(T):
        J = jacobian(cell, tape, W_hh, t, mask)
        ways = [np.einsum("bij,bjk->bik", J, way) for way in ways]
        ways.append(np.broadcast_to(np.eye(H), (B, H, H)))
        d = dhs[t] + (d_state if t == T - 1 else 0)
        first += np.einsum("bi,bik->bk", d, ways[0])
        for k in range(t + 1):
            total[k] += np.einsum("bi,bik->bk", d, ways[k + 1])
    m = np.ones_like(dhs) if mask is None else mask * np.ones_like(dhs)
    dgi, dgh, _ = cell.step_grad(m * total, tape)
    return dgi, dgh, first, total


def back_with_torch(cell, dhs, d_state, tape, W_hh, mask=None):
    as32 = [torch.tensor(x, dtype=torch.float32) for x in (dhs, d_state, W_hh, *tape)]
    dhs, d, W, h, h_prev = as32
    m = torch.ones_like(dhs[..., :1]) if mask is None else torch.tensor(mask).float()
    found = []
    for t in range(len(dhs) - 1, -1, -1):
        d = d + dhs[t]
        total = d
        dgi, dgh, direct = cell.step_grad(m[t] * d, Tape(h[t], h_prev[t]))
        d = (1 - m[t]) * d + m[t] * direct + dgh @ W
        found.insert(0, (dgi, dgh, total))
    dgi, dgh, total = (torch.stack(x) for x in zip(*found, strict=True))
    return dgi, dgh, d, total


def back_in_place(cell, dhs, d_state, tape, W_hh, mask=None):
    total = np.array(dhs, order="F")
    dgi, dgh = np.zeros_like(total), np.zeros_like(total)
    d = d_state.copy()
    for t in reversed(range(len(total))):
        total[t] += d
        keep = np.ones(len(d), bool) if mask is None else mask[t, :, 0] > 0
        d[:] = total[t]
        part = Tape(tape.h[t][keep], tape.h_prev[t][keep])
        dgi[t, keep], dgh[t, keep], direct = cell.step_grad(d[keep], part)
        d[keep] = direct + np.dot(dgh[t, keep], W_hh)
    return dgi, dgh, d, total


def map_from_jacobians(cell, dhs, tape, W_hh, mask=None):
    T, B, _ = dhs.shape
    J = [jacobian(cell, tape, W_hh, t, mask) for t in range(T)]
    C = np.zeros((T, T))
    for t in range(T):
        d = dhs[t]
        for k in range(t, -1, -1):
            C[t, k] = sum(np.linalg.norm(d[b]) for b in range(B)) / B
            d = np.einsum("bh,bhj->bj", d, J[k])
    return C


def map_from_sweeps(cell, dhs, tape, W_hh, mask=None):
    rows = []
    for t in range(len(dhs)):
        alone = np.zeros_like(dhs)
        alone[t] = dhs[t]
        total = back_in_loops(cell, alone, np.zeros_like(dhs[0]), tape, W_hh, mask)[3]
        rows.append(np.sqrt(np.einsum("tbh,tbh->tb", total, total)).mean(1))
    return np.stack(rows)


def map_all_rows_in_one_batch(cell, dhs, tape, W_hh, mask=None):
    """T copies of the batch, copy t with the loss of step t alone."""
    T, B, H = dhs.shape
    alone = np.zeros((T, T, B, H))
    alone[np.arange(T), np.arange(T)] = dhs
    wide = alone.swapaxes(0, 1).reshape(T, T * B, H)
    tiled = Tape(np.tile(tape.h, (1, T, 1)), np.tile(tape.h_prev, (1, T, 1)))
    m = None if mask is None else np.tile(mask, (1, T, 1))
    total = back_in_place(cell, wide, np.zeros((T * B, H)), tiled, W_hh, m)[3]
    lengths = np.linalg.norm(total, axis=-1).reshape(T, T, B).mean(-1)
    return np.tril(lengths.T).astype(np.float32)


RIGHT = {
    "scan_grad": [
        back_in_loops,
        back_as_a_double_sum,
        back_by_forward_accumulation,
        back_with_torch,
        back_in_place,
    ],
    "contributions": [map_from_jacobians, map_from_sweeps, map_all_rows_in_one_batch],
}
