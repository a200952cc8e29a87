"""Right answers to the tasks of `gradients`: the reference, and others."""

import numpy as np
import torch

from course_pkg import bptt, gradients
from course_pkg.bptt import at, scan_grad
from course_pkg.cells import elman
from course_pkg.check.cases.gradients import counterexamples, jacobian, signal_norms


def closed_form(params, h_prev, x):
    a = x @ params["weight_ih"].T + params["bias_ih"]
    h = np.tanh(a + h_prev @ params["weight_hh"].T + params["bias_hh"])
    return np.einsum("bi,ij->bij", 1 - h**2, params["weight_hh"])


def by_autograd(params, h_prev, x):
    p = {name: torch.tensor(v) for name, v in params.items()}

    def step(h, row):
        bias = p["bias_ih"] + p["bias_hh"]
        return torch.tanh(p["weight_ih"] @ row + p["weight_hh"] @ h + bias)

    pairs = zip(torch.tensor(h_prev), torch.tensor(x), strict=True)
    each = [
        torch.autograd.functional.jacobian(lambda h, r=r: step(h, r), h)
        for h, r in pairs
    ]
    return torch.stack(each)


def by_unit_vectors(params, h_prev, x):
    H = h_prev.shape[1]
    _, _, tape = bptt.forward(elman, params, x[None], h_prev)
    rows = []
    for i in range(H):
        unit = np.zeros_like(h_prev)
        unit[:, i] = 1
        da, _, _ = elman.step_grad(unit, at(tape, 0))
        rows.append(da @ params["weight_hh"])
    return np.stack(rows, axis=1)


def by_complex_steps(params, h_prev, x):
    B, H = h_prev.shape
    J = np.zeros((B, H, H))
    for j in range(H):
        h = h_prev + 1e-30j * np.eye(H)[j]
        a = x @ params["weight_ih"].T + h @ params["weight_hh"].T
        J[:, :, j] = np.tanh(a + params["bias_ih"] + params["bias_hh"]).imag / 1e-30
    return J


def from_the_left(Js):
    total = np.eye(Js.shape[-1])
    for J in Js[::-1]:
        total = total @ J
    return total


def by_multi_dot(Js):
    return np.linalg.multi_dot([*Js[::-1], np.eye(Js.shape[1]), np.eye(Js.shape[1])])


def by_columns(Js):
    columns = list(np.eye(Js.shape[1]))
    for J in Js:
        columns = [J @ v for v in columns]
    return np.array(columns).T


def by_eigenvalues(Js):
    norms, P = [], np.eye(Js.shape[1])
    for J in Js[::-1]:
        P = P @ J
        norms.append(np.linalg.eigvalsh(P.T @ P)[-1] ** 0.5)
    return np.array(norms)


def each_anew(Js):
    T = len(Js)
    products = [from_the_left(Js[T - 1 - k :]) for k in range(T)]
    return np.array([np.linalg.svd(P)[1][0] for P in products])


def in_torch(Js):
    P, norms = torch.eye(Js.shape[1], dtype=torch.float64), []
    for J in reversed(torch.as_tensor(Js)):
        P = P @ J
        norms.append(torch.linalg.matrix_norm(P, 2))
    return torch.stack(norms)


def large_corner():
    A = np.array([[0.0, 1e6], [0.0, 0.0]])
    return A, np.diag([3.0, 0.0]), np.diag([0.0, 5.0])


def larger_matrices():
    A = 0.5 * np.eye(5) + np.diag([40.0] * 4, 1)
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    B, C = np.outer(Q[0], Q[1]), np.outer(Q[2], Q[3])
    return A, 4 * B, 4 * C


def as_lists():
    return [[[0.9, 50.0], [0.0, 0.9]], [[2, 0], [0, 0]], [[0, 0], [0, 2]]]


def own_sweep(dhs, tape, W_hh, mask=None):
    d, found = np.zeros_like(dhs[0]), []
    for t in reversed(range(len(dhs))):
        d = d + dhs[t]
        found.append(np.linalg.norm(d, axis=-1).mean())
        m = 1.0 if mask is None else mask[t]
        d = (m * d * (1 - tape.h[t] ** 2)) @ W_hh + (1 - m) * d
    return np.array(found)


def with_scan_grad(dhs, tape, W_hh, mask=None):
    dh = scan_grad(elman, dhs, 0 * dhs[-1], tape, W_hh, mask)[3]
    return np.sqrt(np.einsum("tbh,tbh->tb", dh, dh)).mean(axis=1)[::-1]


def one_sequence_at_a_time(dhs, tape, W_hh, mask=None):
    T, B, H = dhs.shape
    norms = np.zeros((T, B))
    for b in range(B):
        d = np.zeros(H)
        for k, t in enumerate(range(T - 1, -1, -1)):
            d = d + dhs[t, b]
            norms[k, b] = sum(v * v for v in d) ** 0.5
            if mask is None or mask[t, b, 0]:
                J = np.diag(1 - tape.h[t, b] ** 2) @ W_hh
                d = J.T @ d
    return norms.mean(1)


def by_logarithms(curve, control):
    with np.errstate(all="ignore"):
        if not np.all(np.isfinite(curve)):
            return "exploding"
        start = curve[curve > 0][0] if (curve > 0).any() else 1.0
        drop, rise = np.log10(curve[-1] / start), np.log10(curve.max() / start)
        control_drop = np.log10(control[-1] / control[0])
    if rise > 2.5:
        return "exploding"
    if drop > -4:
        return "healthy"
    return "nothing there" if control_drop > -4 else "vanishing"


def by_the_mean_of_the_end(curve, control):
    def left(norms):
        return norms[-5:].mean() / norms[0] if norms[0] > 0 else 0.0

    if not np.isfinite(curve).all() or left(curve) > 1e3:
        return "exploding"
    if left(curve) > 1e-3:
        return "healthy"
    return "nothing there" if left(control) > 1e-3 else "vanishing"


def by_middle_and_end(curve, control):
    def faint(norms):
        return float(norms[-1]) <= 1e-5 * max(float(norms[0]), 1e-300)

    if any(not np.isfinite(v) for v in curve):
        return "exploding"
    if curve[-1] > 1e3 * curve[0]:
        return "exploding"
    if not faint(curve):
        return "healthy"
    return "vanishing" if faint(control) else "nothing there"


REFERENCE = {
    "jacobian": jacobian,
    "product": gradients.product,
    "product_norms": gradients.product_norms,
    "counterexamples": counterexamples,
    "signal_norms": signal_norms,
    "diagnose": gradients.diagnose,
}
RIGHT = {
    "jacobian": [closed_form, by_autograd, by_unit_vectors, by_complex_steps],
    "product": [from_the_left, by_multi_dot, by_columns],
    "product_norms": [by_eigenvalues, each_anew, in_torch],
    "counterexamples": [large_corner, larger_matrices, as_lists],
    "signal_norms": [own_sweep, with_scan_grad, one_sequence_at_a_time],
    "diagnose": [by_logarithms, by_the_mean_of_the_end, by_middle_and_end],
}
