"""What course_pkg says about the figures of the chapter `gradients`: plots.json."""

from typing import Any

import numpy as np

from course_pkg import bptt, gradients
from course_pkg.cells import elman, linear, relu

START = np.array([[0.6, -0.4]])
CELLS = {"tanh": elman, "ReLU": relu, "linear": linear}


def cases() -> dict[str, list[dict[str, Any]]]:
    """Return matrices, random nets and rates, each with the package's numbers."""
    rng = np.random.default_rng(21)
    drawn = rng.uniform(-2, 2, size=(8, 2, 2)).round(2).tolist()
    fixed = [[[0.9, 2], [0, 0.9]], [[0, 2], [0, 0]], [[0.82, -0.48], [0.48, 0.82]]]
    rates = [(g, s) for g in (0.3, 1.2, 2.0, 5.0) for s in (0.0, 0.5, 2.0)]
    return {
        "matrices": [
            {"W": W, "values": matrix(np.array(W, float))} for W in fixed + drawn
        ],
        "nets": [net(rng, name, T, H) for name in CELLS for T, H in ((5, 3), (9, 4))],
        "rates": [
            {"gain": g, "s": s, "rate": gradients.predicted_rate(g, s, 60)}
            for g, s in rates
        ],
    }


def matrix(W: np.ndarray, n: int = 12) -> dict[str, Any]:
    """Return sizes of W, and norms of the products with and without slopes of tanh."""
    s, found = gradients.spectrum(W), {}
    _, last, tape = bptt.scan(elman, np.zeros((n, 1, 2)), START, W)
    Js = gradients.jacobians(elman, last, tape, W)[:, 0]
    for name, steps in {"linear": [W] * n, "tanh": Js}.items():
        norms = [gradients.product(np.array(steps[:k])) for k in range(1, n + 1)]
        found[name] = [1.0] + [float(np.linalg.norm(P, 2)) for P in norms]
    sizes = {"radius": s.radius, "sigma": s.singular_values.tolist()}
    return sizes | found


def net(rng: np.random.Generator, name: str, T: int, H: int) -> dict[str, Any]:
    """Return a small net with its inputs, and the norms of its gradient by lag."""
    W, gi = rng.normal(size=(H, H)).round(3), rng.normal(size=(T, 1, H)).round(3)
    h, d = rng.normal(size=(1, H)).round(3), rng.normal(size=(1, H)).round(3)
    hs, _, tape = bptt.scan(CELLS[name], gi, h, W)
    dh = bptt.scan_grad(CELLS[name], 0 * hs, d, tape, W)[3]
    drawn = {"W": W, "inputs": gi[:, 0], "h": h[0], "d": d[0]}
    drawn = {key: x.tolist() for key, x in drawn.items()}
    norms = gradients.signal_norms(dh)[::-1].tolist()
    return {"name": name, **drawn, "hs": hs[:, 0].tolist(), "norms": norms}
