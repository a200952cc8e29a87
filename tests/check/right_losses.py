"""Right answers written differently: losses, one step back, finite differences."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def entropy_in_loops(logits, y, mask):
    total, count = 0.0, 0.0
    for t in range(logits.shape[0]):
        for b in range(logits.shape[1]):
            row = [float(v) for v in logits[t, b]]
            top = max(row)
            log_sum = top + math.log(sum(math.exp(v - top) for v in row))
            total += float(mask[t, b, 0]) * (log_sum - row[y[t, b]])
            count += float(mask[t, b, 0])
    return total / count


def entropy_by_picking(logits, y, mask):
    keep = mask[..., 0] > 0
    rows, ids = logits[keep], y[keep]
    rows = rows - rows.max(1, keepdims=True)
    return (np.log(np.exp(rows).sum(1)) - rows[np.arange(len(ids)), ids]).mean()


def entropy_in_float32(logits, y, mask):
    x, m = logits.astype(np.float32), mask.astype(np.float32)
    x = x - x.max(-1, keepdims=True)
    log_p = x - np.log(np.exp(x).sum(-1, keepdims=True))
    losses = -np.take_along_axis(log_p, y[..., None], -1)
    return (m * losses).sum() / m.sum()


def entropy_by_torch(logits, y, mask):
    x, m = torch.tensor(logits), torch.tensor(mask)[..., 0]
    losses = F.cross_entropy(
        x.flatten(0, 1), torch.tensor(y).flatten(), reduction="none"
    )
    return (losses.reshape(m.shape) * m).sum() / m.sum()


def entropy_as_a_float_of_float32(logits, y, mask):
    return float(entropy_in_float32(logits, y, mask))


def slope_in_loops(logits, y, mask):
    grad = np.zeros_like(logits)
    for t, b in np.ndindex(*y.shape):
        if mask[t, b, 0] == 0:
            continue
        e = np.exp(logits[t, b] - logits[t, b].max())
        grad[t, b] = e / e.sum()
        grad[t, b, y[t, b]] -= 1
    return grad / mask.sum()


def slope_by_log_sum_exp(logits, y, mask):
    p = np.exp(logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True))
    np.put_along_axis(p, y[..., None], np.take_along_axis(p, y[..., None], -1) - 1, -1)
    return np.einsum("tbv,tbx->tbv", p, mask / mask.sum())


def slope_by_autograd(logits, y, mask):
    x = torch.tensor(logits, requires_grad=True)
    entropy_of = F.cross_entropy(
        x.flatten(0, 1), torch.tensor(y).flatten(), reduction="none"
    )
    m = torch.tensor(mask).flatten()
    ((entropy_of * m).sum() / m.sum()).backward()
    return x.grad


def slope_in_float32_batch_first(logits, y, mask):
    x = np.asfortranarray(logits.swapaxes(0, 1).astype(np.float32))
    x = x - x.max(-1, keepdims=True)
    p = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    p -= np.eye(x.shape[-1], dtype=np.float32)[y.T]
    p *= mask.swapaxes(0, 1).astype(np.float32)
    return (p / np.float32(mask.sum())).swapaxes(0, 1)


def step_in_loops(d_state, tape):
    da = np.empty_like(d_state)
    for b, h in np.ndindex(*d_state.shape):
        da[b, h] = d_state[b, h] * (1 - tape.h[b, h] * tape.h[b, h])
    return da, da.copy(), np.zeros(d_state.shape)


def step_from_a(d_state, tape):
    a = np.arctanh(tape.h)
    da = d_state / np.cosh(a) ** 2
    return [da, da, np.zeros_like(da)]


def step_by_autograd(d_state, tape):
    gi = torch.tensor(np.arctanh(tape.h), requires_grad=True)
    gh = torch.zeros_like(gi, requires_grad=True)
    torch.tanh(gi + gh).backward(torch.tensor(d_state))
    return gi.grad, gh.grad, torch.zeros_like(gi)


def step_in_float32_in_place(d_state, tape):
    da = np.square(tape.h.T.astype(np.float32))
    da *= -1
    da += 1
    da *= d_state.T
    return da.T, da.T, 0 * da.T


def difference_in_place(f, x, eps=1e-5):
    grad = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"])
    for _ in it:
        i = it.multi_index
        old = x[i]
        x[i] = old + eps
        up = f(x)
        x[i] = old - eps
        down = f(x)
        x[i] = old
        grad[i] = (up - down) / (2 * eps)
    return grad


def difference_moved_back(f, x, eps=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += eps
        up = f(x)
        x[i] -= 2 * eps
        grad[i] = (up - f(x)) / (2 * eps)
        x[i] += eps
    return grad


def difference_flat(f, x, eps=1e-5):
    steps = eps * np.eye(x.size)
    both = [[float(f(x + s * d.reshape(x.shape))) for s in (1, -1)] for d in steps]
    return (np.array(both) @ [1, -1] / (2 * eps)).reshape(x.shape)


def difference_complex(f, x, eps=1e-5):
    grad = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        z = x.astype(complex)
        z[i] += 1e-20j
        grad[i] = f(z).imag / 1e-20
    return grad


def difference_small_one_sided(f, x, eps=1e-5):
    grad = np.asfortranarray(np.zeros_like(x))
    for i in np.ndindex(x.shape):
        d = np.zeros_like(x)
        d[i] = 1e-7
        grad[i] = (f(x + d) - f(x)) / 1e-7
    return grad


def difference_four_points(f, x, eps=1e-5):
    def slope(d):
        near, far = f(x + d) - f(x - d), f(x + 2 * d) - f(x - 2 * d)
        return (8 * near - far) / (12 * eps)

    units = np.eye(x.size).reshape(-1, *x.shape)
    return np.array([slope(eps * d) for d in units]).reshape(x.shape)


RIGHT = {
    "cross_entropy": [
        entropy_in_loops,
        entropy_by_picking,
        entropy_in_float32,
        entropy_by_torch,
        entropy_as_a_float_of_float32,
    ],
    "cross_entropy_grad": [
        slope_in_loops,
        slope_by_log_sum_exp,
        slope_by_autograd,
        slope_in_float32_batch_first,
    ],
    "step_grad": [
        step_in_loops,
        step_from_a,
        step_by_autograd,
        step_in_float32_in_place,
    ],
    "finite_difference": [
        difference_in_place,
        difference_moved_back,
        difference_flat,
        difference_complex,
        difference_small_one_sided,
        difference_four_points,
    ],
}
