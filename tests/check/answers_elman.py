"""Right answers to the tasks of `elman`: the reference, and others."""

import numpy as np
import torch

from course_pkg.check.cases import elman as reference


def joined(params, h_prev, x):
    W = np.hstack([params["weight_hh"], params["weight_ih"]])
    bias = params["bias_ih"] + params["bias_hh"]
    return np.tanh(np.hstack([h_prev, x]) @ W.T + bias)


def by_torch_cell(params, h_prev, x):
    H, I = params["weight_ih"].shape  # noqa: E741
    cell = torch.nn.RNNCell(I, H, dtype=torch.float64)
    cell.load_state_dict({name: torch.tensor(v) for name, v in params.items()})
    return cell(torch.tensor(x), torch.tensor(h_prev)).detach()


def unit_by_unit(params, h_prev, x):
    h = np.zeros(h_prev.shape, dtype=np.float32)
    for b, i in np.ndindex(h.shape):
        a = params["bias_ih"][i] + params["bias_hh"][i]
        a += params["weight_ih"][i] @ x[b] + params["weight_hh"][i] @ h_prev[b]
        h[b, i] = np.tanh(a)
    return h


def by_einsum(params, h_prev, x):
    a = np.einsum("hi,bi->bh", params["weight_ih"], x) + params["bias_ih"]
    a += np.einsum("hk,bk->bh", params["weight_hh"], h_prev) + params["bias_hh"]
    return np.tanh(a)


def preallocated(step, x, h_0, mask=None):
    hs, h = np.empty((len(x), *h_0.shape)), h_0.copy()
    for t in range(len(x)):
        new = step(h, x[t])
        h = new if mask is None else np.where(mask[t] > 0, new, h)
        hs[t] = h
    return hs


def each_to_its_own_end(step, x, h_0, mask=None):
    T, B, _ = x.shape
    hs = np.zeros((T, *h_0.shape))
    for b in range(B):
        length = T if mask is None else int(mask[:, b].sum())
        h = h_0[b : b + 1]
        for t in range(T):
            if t < length:
                h = step(h, x[t, b : b + 1])
            hs[t, b] = h[0]
    return hs


def only_rows_of_data(step, x, h_0, mask=None):
    h, hs = h_0.copy(), []
    for t, x_t in enumerate(x):
        rows = np.arange(len(h)) if mask is None else np.flatnonzero(mask[t])
        h[rows] = step(h[rows], x_t[rows])
        hs.append(h.copy())
    return torch.tensor(np.array(hs))


def sigmoid(a):
    return 0.5 * (1 + np.tanh(a / 2))


def with_a_step_of_its_own(params, x, y_0):
    def step(y, x_t):
        h = np.tanh(joined_halves(params, x_t, y))
        return sigmoid(h @ params["weight_hy"].T + params["bias_y"])

    return preallocated(step, x, y_0)


def joined_halves(params, x, y):
    gi = x @ params["weight_ih"].T + params["bias_ih"]
    return gi + y @ params["weight_hh"].T + params["bias_hh"]


def readout_after_the_loop(params, x, y_0):
    W, b = params["weight_hy"], params["bias_y"]
    y, hs = y_0, []
    for x_t in x:
        hs.append(np.tanh(joined_halves(params, x_t, y)))
        y = sigmoid(hs[-1] @ W.T + b)
    return sigmoid(np.stack(hs) @ W.T + b)


def in_torch(params, x, y_0):
    p = {name: torch.tensor(v) for name, v in params.items()}
    y, ys = torch.tensor(y_0), []
    for x_t in torch.tensor(x):
        y = torch.sigmoid(
            torch.tanh(joined_halves(p, x_t, y)) @ p["weight_hy"].T + p["bias_y"]
        )
        ys.append(y)
    return torch.stack(ys)


def net(activation, w_ih, w_hh, w_hy, **biases):
    weights = {"weight_ih": w_ih, "weight_hh": w_hh, "weight_hy": w_hy}
    return {"activation": activation} | weights | biases


def mirrored_sum():
    return net("linear", [[-2]], [[1]], [[-0.5]], bias=[0], bias_y=[0.0])


def tiny_tanh_sum():
    return net("tanh", np.array([[1e-6]]), np.eye(1), np.array([[1e6]]))


TURNS = [[1.0, -1.0], [-1.0, 1.0]]


def relu_pair_sum():
    return net("relu", [[1.0], [-1.0]], TURNS, [[1.0, -1.0]])


def two_totals():
    return net("linear", np.eye(2), np.eye(2), [[1.0, -1.0]])


def tiny_tanh_lead():
    return net("tanh", [[-1e-5, 1e-5]], [[1.0]], [[-3.0]])


def relu_pair_lead():
    return net("relu", TURNS, TURNS, [[1.0, -1.0]])


def steep_latch():
    return net("tanh", [[40.0]], [[15.0]], [[1.0]])


def mirrored_latch():
    return net("tanh", [[-3.0]], [[1.5]], [[-2.0]])


def two_unit_latch():
    return net("tanh", [[4.0], [-4.0]], [[1, -1], [-1, 1]], [[0.5, -0.5]], bias=[0, 0])


def by_planted_nan(f, x):
    columns = []
    for s in range(len(x)):
        other = x.copy()
        other[s] = np.nan
        columns.append(np.isnan(f(other)).any(1))
    return np.array(columns).T


def by_autograd(f, x):
    J = torch.autograd.functional.jacobian(f, torch.tensor(x))
    return (J != 0).any(3).any(1)


def by_finite_differences(f, x):
    T, I = x.shape  # noqa: E741
    found = np.zeros((T, T))
    for s, i in np.ndindex(T, I):
        step = np.zeros((T, I))
        step[s, i] = 1e-4
        moved = np.abs(f(x + step) - f(x - step)).max(axis=1)
        found[moved > 0, s] = 1
    return found


def by_other_numbers(f, x):
    rng, T = np.random.default_rng(0), len(x)
    copies = [
        np.where(np.arange(T)[:, None] == s, rng.normal(size=x.shape), x)
        for s in range(T)
    ]
    return np.stack([(f(other) != f(x)).any(1) for other in copies], axis=1).astype(int)


TASKS = ("step", "scan", "jordan", "summing", "comparing", "latch", "dependencies")
REFERENCE = {task: getattr(reference, task) for task in TASKS}
RIGHT = {
    "step": [joined, by_torch_cell, unit_by_unit, by_einsum],
    "scan": [preallocated, each_to_its_own_end, only_rows_of_data],
    "jordan": [with_a_step_of_its_own, readout_after_the_loop, in_torch],
    "summing": [mirrored_sum, tiny_tanh_sum, relu_pair_sum],
    "comparing": [two_totals, tiny_tanh_lead, relu_pair_lead],
    "latch": [steep_latch, mirrored_latch, two_unit_latch],
    "dependencies": [
        by_planted_nan,
        by_autograd,
        by_finite_differences,
        by_other_numbers,
    ],
}
