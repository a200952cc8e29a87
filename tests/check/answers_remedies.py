"""Right answers to the tasks of `remedies`: the reference, and others."""

from collections import deque
from functools import partial

import numpy as np
import torch

from course_pkg import clipping, initialisers
from course_pkg.bptt import backward, forward
from course_pkg.check.cases.remedies import scan_skip, scan_skip_grad
from course_pkg.truncation import truncated


def without_the_constant(grads, limit):
    norm = np.sqrt(sum(np.sum(g * g) for g in grads.values()))
    if norm <= limit:
        return {k: g.copy() for k, g in grads.items()}, norm
    return {k: g * (limit / norm) for k, g in grads.items()}, norm


def joined(grads, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))
    factor = limit / max(norm, limit)
    return {k: factor * g for k, g in grads.items()}, float(norm)


def as_in_torch(grads, limit):
    params = [torch.nn.Parameter(torch.tensor(g)) for g in grads.values()]
    for p, g in zip(params, grads.values(), strict=True):
        p.grad = torch.tensor(g)
    norm = torch.nn.utils.clip_grad_norm_(params, limit)
    return {k: p.grad for k, p in zip(grads, params, strict=True)}, norm


def by_where(grads, limit):
    return {
        k: np.where(g > limit, limit, np.where(g < -limit, -limit, g))
        for k, g in grads.items()
    }


def by_minimum(grads, limit):
    return {k: np.maximum(np.minimum(g, limit), -limit) for k, g in grads.items()}


def by_sign(grads, limit):
    return {k: np.sign(g) * np.minimum(abs(g), limit) for k, g in grads.items()}


def one_vector(a, b):
    x, y = (np.concatenate([g[k].ravel() for k in a]) for g in (a, b))
    size = np.linalg.norm(x) * np.linalg.norm(y)
    return 0.0 if size == 0 else x @ y / size


def of_unit_vectors(a, b):
    def unit(g):
        norm = sum((v**2).sum() for v in g.values()) ** 0.5
        return {k: v / norm if norm > 0 else v for k, v in g.items()}

    u, w = unit(a), unit(b)
    return float(sum(np.vdot(u[k], w[k]) for k in u))


def in_torch(a, b):
    x, y = (torch.cat([torch.tensor(g[k]).flatten() for k in a]) for g in (a, b))
    return torch.nn.functional.cosine_similarity(x, y, dim=0)


def stacked(make, weight, gain):
    H = weight.shape[1]
    return np.concatenate([gain * make(H) for _ in range(len(weight) // H)])


def by_qr(weight, rng, gain=1.0):
    return stacked(lambda H: np.linalg.qr(rng.standard_normal((H, H)))[0], weight, gain)


def by_svd(weight, rng, gain=1.0):
    def draw(H):
        U, _, Vh = np.linalg.svd(rng.normal(size=(H, H)))
        return U @ Vh

    return stacked(draw, weight, gain)


def by_householder(weight, rng, gain=1.0):
    def draw(H):
        Q = np.eye(H)
        for _ in range(H):
            v = rng.standard_normal(H)
            Q = Q - 2 * np.outer(Q @ v, v) / (v @ v)
        return Q

    return stacked(draw, weight, gain)


def by_exponential(weight, rng, gain=1.0):
    def draw(H):
        A = torch.tensor(rng.standard_normal((H, H)))
        return torch.linalg.matrix_exp(A - A.T).numpy()

    return stacked(draw, weight, gain)


def by_symmetric_eigenvectors(weight, rng, gain=1.0):
    def draw(H):
        A = rng.standard_normal((H, H))
        return np.linalg.eigh(A + A.T)[1]

    return stacked(draw, weight, gain)


def by_tile(weight, gain=1.0):
    H = weight.shape[1]
    return gain * np.tile(np.eye(H), (len(weight) // H, 1))


def by_index(weight, gain=1.0):
    rows, H = np.arange(len(weight)), weight.shape[1]
    new = np.zeros_like(weight)
    new[rows, rows % H] = gain
    return new


def by_kron(weight, gain=1.0):
    G, H = len(weight) // weight.shape[1], weight.shape[1]
    return np.kron(np.ones((G, 1)), gain * np.eye(H))


def chunk_loop(cell, params, x, state, loss_grad, size, mask=None):
    total, grads, t = 0.0, {k: 0 * p for k, p in params.items()}, 0
    while t < len(x):
        piece = slice(t, t + size)  # beyond the end, which slices forgive
        m = mask[piece] if mask is not None else None
        hs, last, tape = forward(cell, params, x[piece], state.copy(), m)
        loss, dhs = loss_grad(hs, piece)
        new = backward(cell, params, x[piece], dhs, 0 * last, tape, m)[0]
        grads = {k: grads[k] + new[k] for k in grads}
        total, state, t = total + loss, last, t + size
    return total, grads, state


def recomputed(cell, params, x, state, loss_grad, size, mask=None):
    """Run once over everything for the states, then once more over each chunk."""
    hs, last, _ = forward(cell, params, x, state, mask)
    starts = range(0, len(x), size)
    results = []
    for t in starts:
        steps = slice(t, min(t + size, len(x)))
        first = state if t == 0 else hs[t - 1]
        m = None if mask is None else mask[steps]
        own, end, tape = forward(cell, params, x[steps], first, m)
        loss, dhs = loss_grad(own, steps)
        grads = backward(cell, params, x[steps], dhs, np.zeros_like(end), tape, m)[0]
        results.append((loss, grads))
    total = {k: np.sum([g[k] for _, g in results], axis=0) for k in params}
    return float(sum(loss for loss, _ in results)), total, last


def detached(cell, params, x, state, loss_grad, size, mask=None):
    """Let torch go back, and detach the state between the chunks."""
    leaves = {k: torch.tensor(p, requires_grad=True) for k, p in params.items()}
    h, total = torch.tensor(state), 0.0
    for t in range(0, len(x), size):
        steps = slice(t, min(t + size, len(x)))
        m = None if mask is None else torch.tensor(mask[steps])
        h = h.detach()
        hs, h, _ = forward(cell, leaves, torch.tensor(x[steps]), h, m)
        loss, dhs = loss_grad(hs.detach().numpy(), steps)
        hs.backward(torch.tensor(dhs))
        total += loss
    return total, {k: p.grad for k, p in leaves.items()}, h.detach()


def with_deque(gi, state, W_hh, W_skip, k):
    past, hs = deque([np.zeros_like(state)] * (k - 1) + [state], maxlen=k), []
    for g in gi:
        hs.append(np.tanh(g + past[-1] @ W_hh.T + past[0] @ W_skip.T))
        past.append(hs[-1])
    return np.stack(hs)


def with_padding(gi, state, W_hh, W_skip, k):
    T, B, H = gi.shape
    hs = np.zeros((k + T, B, H))
    hs[k - 1] = state
    for t in range(T):
        hs[k + t] = np.tanh(gi[t] + hs[k + t - 1] @ W_hh.T + hs[t] @ W_skip.T)
    return hs[k:]


def with_joined_state(gi, state, W_hh, W_skip, k):
    (B, H), hs = state.shape, []
    both = np.concatenate([state, np.zeros((B, (k - 1) * H))], axis=1)
    W = np.concatenate([W_hh, np.zeros((H, (k - 2) * H)), W_skip], axis=1)
    for g in gi:
        h = np.tanh(g + both @ W.T)
        both = np.concatenate([h, both[:, :-H]], axis=1)
        hs.append(h)
    return np.stack(hs)


def asked_for(dhs, hs, W_hh, W_skip, k):
    """Let every step fetch what reaches it, from the next one and k steps ahead."""
    T, dgi = len(dhs), np.zeros_like(dhs)

    def arriving(t):
        d = np.zeros_like(dhs[0])
        for ahead, W in ((1, W_hh), (k, W_skip)):
            if t + ahead < T:
                d = d + dgi[t + ahead] @ W
        return d

    for t in reversed(range(T)):
        dgi[t] = (dhs[t] + arriving(t)) * (1 - hs[t] ** 2)
    return dgi, arriving(-1)


def padded_back(dhs, hs, W_hh, W_skip, k):
    T, B, H = dhs.shape
    d = np.zeros((k + T, B, H))
    d[k:] = dhs
    dgi = np.zeros_like(dhs)
    for t in range(T - 1, -1, -1):
        dgi[t] = d[k + t] * (1 - hs[t]) * (1 + hs[t])
        d[k + t - 1] += dgi[t] @ W_hh
        d[t] += dgi[t] @ W_skip
    return dgi, d[k - 1]


def by_autograd(dhs, hs, W_hh, W_skip, k):
    """Find inputs that give these states from a first state of zeros, go back."""
    T = len(hs)
    W, V = torch.tensor(W_hh), torch.tensor(W_skip)
    h0 = torch.zeros(hs.shape[1:], dtype=torch.float64, requires_grad=True)
    known = [h0.detach(), *torch.tensor(hs)]
    wires = partial(_wires, W=W, V=V, k=k)
    gi = [torch.atanh(known[t + 1]) - wires(known, t + 1) for t in range(T)]
    gi = torch.stack(gi).requires_grad_()
    states = [h0]
    for t in range(T):
        states.append(torch.tanh(gi[t] + wires(states, t + 1)))
    torch.stack(states[1:]).backward(torch.tensor(dhs))
    return gi.grad, h0.grad


def _wires(states, t, W, V, k):
    near = states[t - 1] @ W.T
    return near + states[t - k] @ V.T if t >= k else near


REFERENCE = {
    "clip_norm": clipping.clip_norm,
    "clip_value": clipping.clip_value,
    "cosine": clipping.cosine,
    "orthogonal": initialisers.orthogonal,
    "identity": initialisers.identity,
    "truncated": truncated,
    "scan_skip": scan_skip,
    "scan_skip_grad": scan_skip_grad,
}
RIGHT = {
    "clip_norm": [without_the_constant, joined, as_in_torch],
    "clip_value": [by_where, by_minimum, by_sign],
    "cosine": [one_vector, of_unit_vectors, in_torch],
    "orthogonal": [
        by_qr,
        by_svd,
        by_householder,
        by_exponential,
        by_symmetric_eigenvectors,
    ],
    "identity": [by_tile, by_index, by_kron],
    "truncated": [chunk_loop, recomputed, detached],
    "scan_skip": [with_deque, with_padding, with_joined_state],
    "scan_skip_grad": [asked_for, padded_back, by_autograd],
}
