"""Right answers written differently: from signals to weights."""

import numpy as np
import torch


def weights_in_loops(params, x, tape, dgi, dgh):
    grads = {name: np.zeros_like(w) for name, w in params.items()}
    dx = np.zeros_like(x)
    for t, b in np.ndindex(*x.shape[:2]):
        grads["weight_ih"] += np.outer(dgi[t, b], x[t, b])
        grads["weight_hh"] += np.outer(dgh[t, b], tape.h_prev[t, b])
        if "bias_ih" in grads:
            grads["bias_ih"] += dgi[t, b]
            grads["bias_hh"] += dgh[t, b]
        dx[t, b] = params["weight_ih"].T @ dgi[t, b]
    return grads, dx


def weights_by_flat_products(params, x, tape, dgi, dgh):
    def flat(z):
        return z.reshape(-1, z.shape[-1])

    grads = dict(params)
    grads["weight_ih"] = (flat(x).T @ flat(dgi)).T  # Fortran order
    grads["weight_hh"] = flat(dgh).T @ flat(tape.h_prev)
    for name, d in (("bias_ih", dgi), ("bias_hh", dgh)):
        if name in grads:
            grads[name] = flat(d).sum(0)
    return [grads, (flat(dgi) @ params["weight_ih"]).reshape(x.shape)]


def weights_with_torch(params, x, tape, dgi, dgh):
    x, h_prev, dgi, dgh, W = (
        torch.tensor(z, dtype=torch.float32)
        for z in (x, tape.h_prev, dgi, dgh, params["weight_ih"])
    )
    every = {
        "bias_hh": dgh.sum((0, 1)),
        "bias_ih": dgi.sum((0, 1)),
        "weight_hh": torch.tensordot(dgh, h_prev, ([0, 1], [0, 1])),
        "weight_ih": torch.tensordot(dgi, x, ([0, 1], [0, 1])),
    }
    return {k: g for k, g in every.items() if k in params}, dgi @ W


def weights_step_by_step(params, x, tape, dgi, dgh):
    per_step = [
        {
            "weight_ih": dgi[t].T @ x[t],
            "weight_hh": np.einsum("bg,bh->gh", dgh[t], tape.h_prev[t]),
            "bias_ih": dgi[t].sum(axis=0),
            "bias_hh": np.ones(x.shape[1]) @ dgh[t],
        }
        for t in reversed(range(len(x)))
    ]
    grads = {name: sum(step[name] for step in per_step) for name in params}
    return grads, np.stack([d @ params["weight_ih"] for d in dgi])


RIGHT = {
    "weight_grads": [
        weights_in_loops,
        weights_by_flat_products,
        weights_with_torch,
        weights_step_by_step,
    ],
}
