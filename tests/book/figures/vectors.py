"""What course_pkg says about the figure's network: the vectors of elman.json."""

from itertools import pairwise
from typing import Any

import numpy as np

from course_pkg import losses
from course_pkg.bptt import forward, scan_grad, weight_grads
from course_pkg.cells import elman

EXAMPLE = {
    "w_ih": 1.0,
    "w_hh": 0.8,
    "h_0": 0.0,
    "x": [1.0, 0.0, 0.0],
    "target": 0.5,
    "every": False,
}


def cases() -> list[dict[str, Any]]:
    """Return the worked example, then random networks of every length and loss."""
    rng = np.random.default_rng(20)
    nets = [(EXAMPLE, []), (EXAMPLE, [3]), (EXAMPLE | {"every": True}, [2])]
    for T in (2, 3, 4, 5):
        for every in (False, True):
            for cuts in ([], [t for t in range(1, T + 1) if rng.random() < 0.4] or [T]):
                weights = rng.uniform(-1.5, 1.5, size=(2,)).round(3).tolist()
                first, target = rng.uniform(-0.9, 0.9, size=(2,)).round(3).tolist()
                x = rng.uniform(-2, 2, size=(T,)).round(3).tolist()
                net = dict(zip(("w_ih", "w_hh"), weights, strict=True))
                net |= {"h_0": first, "x": x, "target": target, "every": every}
                nets.append((net, cuts))
    return [{"net": n, "cuts": cuts, "values": values(n, cuts)} for n, cuts in nets]


def values(net: dict[str, Any], cuts: list[int]) -> dict[str, Any]:
    """Compute every number that the figure shows, in float64."""
    T = len(net["x"])
    params = {
        "weight_ih": np.array([[net["w_ih"]]]),
        "weight_hh": np.array([[net["w_hh"]]]),
    }
    x = np.array(net["x"]).reshape(T, 1, 1)
    hs, _, tape = forward(elman, params, x, np.array([[net["h_0"]]]))
    mask = np.ones_like(x)
    mask[:-1] = float(net["every"])
    y = np.full_like(hs, net["target"])
    # The package takes the mean over the steps with a loss, the figure their sum.
    L = losses.squared_error(hs, y, mask) * mask.sum()
    dhs = losses.squared_error_grad(hs, y, mask) * mask.sum()
    h_prev = tape.h_prev.ravel()
    found = detached(params, x, dhs, tape, cuts)
    return found | {
        "a": (net["w_ih"] * x.ravel() + net["w_hh"] * h_prev).tolist(),
        "h": hs.ravel().tolist(),
        "L": float(L),
        "w_hh_terms": (np.array(found["da"]) * h_prev).tolist(),
        "w_ih_terms": (np.array(found["da"]) * x.ravel()).tolist(),
    }


def detached(params, x, dhs, tape, cuts: list[int]) -> dict[str, Any]:
    """Go backwards with h_{t-1} detached from step t for every t in `cuts`.

    That is truncation: the pieces between the cuts go back by themselves, with
    nothing from the later piece.
    """
    found: dict[str, Any] = {"dh": [], "da": [], "w_hh": 0.0, "w_ih": 0.0}
    edges = sorted({0, len(x)} | {t - 1 for t in cuts if t > 1})
    for start, end in reversed(list(pairwise(edges))):
        tape_ = elman.Tape(*(part[start:end] for part in tape))
        none, W_hh = np.zeros((1, 1)), params["weight_hh"]
        dgi, dgh, d_first, dh = scan_grad(elman, dhs[start:end], none, tape_, W_hh)
        grads, _ = weight_grads(params, x[start:end], tape_, dgi, dgh)
        found["dh"] = dh.ravel().tolist() + found["dh"]
        found["da"] = dgh.ravel().tolist() + found["da"]
        found["w_hh"] += float(grads["weight_hh"][0, 0])
        found["w_ih"] += float(grads["weight_ih"][0, 0])
    return found | {"dh_0": 0.0 if 1 in cuts else float(d_first[0, 0])}
