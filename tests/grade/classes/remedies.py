"""The class that hands in `remedies`."""

import numpy as np

from course_pkg.bptt import backward, forward


class Ada:
    """Everything right."""

    one_seed = (
        "Two changes at once, one seed, one rate. I would train all four combinations "
        "at several rates with ten seeds each and compare the best rates. If clipping "
        "alone does as well, the claim is refuted."
    )

    def clip_norm(grads, limit):
        norm = np.sqrt(sum((g**2).sum() for g in grads.values()))
        factor = min(1.0, limit / (norm + 1e-6))
        return {k: factor * g for k, g in grads.items()}, norm

    def clip_value(grads, limit):
        return {k: np.minimum(np.maximum(g, -limit), limit) for k, g in grads.items()}

    def cosine(a, b):
        x = np.concatenate([v.ravel() for v in a.values()])
        y = np.concatenate([b[k].ravel() for k in a])
        size = np.linalg.norm(x) * np.linalg.norm(y)
        return x @ y / size if size > 0 else 0.0

    def orthogonal(weight, rng, gain=1.0):
        H = weight.shape[1]
        blocks = []
        for _ in range(len(weight) // H):
            U, _, V = np.linalg.svd(rng.standard_normal((H, H)))
            blocks.append(gain * U @ V)
        return np.vstack(blocks)

    def identity(weight, gain=1.0):
        H = weight.shape[1]
        return gain * np.tile(np.eye(H), (len(weight) // H, 1))

    def truncated(cell, params, x, state, loss_grad, size, mask=None):
        loss, grads = 0, {k: np.zeros_like(p) for k, p in params.items()}
        for a in range(0, len(x), size):
            b = min(a + size, len(x))
            m = None if mask is None else mask[a:b]
            hs, state, tape = forward(cell, params, x[a:b], state, m)
            part, dhs = loss_grad(hs, slice(a, b))
            end = np.zeros_like(state)
            new, _, _ = backward(cell, params, x[a:b], dhs, end, tape, m)
            loss = loss + part
            for k in grads:
                grads[k] = grads[k] + new[k]
        return loss, grads, state

    def scan_skip(gi, state, W_hh, W_skip, k):
        past = [np.zeros_like(state)] * (k - 1) + [state]
        for g in gi:
            past.append(np.tanh(g + past[-1] @ W_hh.T + past[-k] @ W_skip.T))
        return np.stack(past[k:])

    def scan_skip_grad(dhs, hs, W_hh, W_skip, k):
        d = np.concatenate([np.zeros((k, *dhs.shape[1:])), dhs])
        dgi = np.zeros_like(dhs)
        for t in reversed(range(len(dhs))):
            dgi[t] = d[t + k] * (1 - hs[t] ** 2)
            d[t + k - 1] += dgi[t] @ W_hh
            d[t] += dgi[t] @ W_skip
        return dgi, d[k - 1]


class Boris(Ada):
    """Clips array by array, and leaves the skip out on the way back."""

    def clip_norm(grads, limit):
        norm = np.sqrt(sum((g**2).sum() for g in grads.values()))
        cut = {}
        for k, g in grads.items():
            cut[k] = g * min(1.0, limit / (np.linalg.norm(g) + 1e-6))
        return cut, norm

    def scan_skip_grad(dhs, hs, W_hh, W_skip, k):
        d, dgi = np.zeros_like(dhs[0]), np.zeros_like(dhs)
        for t in reversed(range(len(dhs))):
            dgi[t] = (d + dhs[t]) * (1 - hs[t] ** 2)
            d = dgi[t] @ W_hh
        return dgi, d


class Chen(Ada):
    """Starts every chunk anew, has no right angles, and writes nothing."""

    one_seed = None

    def orthogonal(weight, rng, gain=1.0):
        return gain * rng.standard_normal(weight.shape) / np.sqrt(weight.shape[1])

    def truncated(cell, params, x, state, loss_grad, size, mask=None):
        loss, grads = 0, {k: np.zeros_like(p) for k, p in params.items()}
        for a in range(0, len(x), size):
            b = min(a + size, len(x))
            m = None if mask is None else mask[a:b]
            hs, last, tape = forward(cell, params, x[a:b], state, m)
            part, dhs = loss_grad(hs, slice(a, b))
            end = np.zeros_like(state)
            new, _, _ = backward(cell, params, x[a:b], dhs, end, tape, m)
            loss = loss + part
            grads = {k: grads[k] + new[k] for k in grads}
            state = np.zeros_like(last)
        return loss, grads, last


class Dora(Ada):
    """Detaches nothing, and does not ask whether a norm is zero."""

    def cosine(a, b):
        x = np.concatenate([v.ravel() for v in a.values()])
        y = np.concatenate([b[k].ravel() for k in a])
        return x @ y / (np.linalg.norm(x) * np.linalg.norm(y))

    def truncated(cell, params, x, state, loss_grad, size, mask=None):
        hs, last, tape = forward(cell, params, x, state, mask)
        loss, dhs = loss_grad(hs, slice(0, len(x)))
        end = np.zeros_like(last)
        grads, _, _ = backward(cell, params, x, dhs, end, tape, mask)
        return loss, grads, last


class Emil(Ada):
    """A bracket is missing in one answer, another does not end."""

    clip_value = """
    def clip_value(grads, limit):
        return {k: np.clip(g, -limit, limit for k, g in grads.items()}
    """

    def identity(weight, gain=1.0):
        while True:
            pass


class Hana:
    """Hands in the notebook as it was released."""


STUDENTS = (Ada, Boris, Chen, Dora, Emil, Hana)
LOST: dict[str, dict[str, tuple[float, str | None]]] = {
    "boris": {
        "clip_norm": (1.5, "one norm per array"),
        "scan_skip_grad": (1.75, "the skip sends nothing back"),
    },
    "chen": {
        "orthogonal": (1.5, "random numbers, scaled"),
        "truncated": (5, "the state is reset at every chunk"),
    },
    "dora": {
        "cosine": (0.25, "0 / 0 for a gradient of zeros"),
        "truncated": (4, "the state is not detached"),
    },
    "emil": {"clip_value": (1, None), "identity": (1, None)},
    "hana": {
        "clip_norm": (3, None),
        "clip_value": (1, None),
        "cosine": (1, None),
        "orthogonal": (2, None),
        "identity": (1, None),
        "truncated": (6, None),
        "scan_skip": (2, None),
        "scan_skip_grad": (2, None),
    },
}
