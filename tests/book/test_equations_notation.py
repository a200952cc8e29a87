"""Execute the displayed equations of book/notation.md."""

import numpy as np
import torch
from equations import equation

from course_pkg.arrays import linear

N, INPUTS, OUTPUTS = 5, 3, 4


def numbers():
    """Return W, b, rows X and rows dY, all sizes different."""
    rng = np.random.default_rng(7)
    sizes = [(OUTPUTS, INPUTS), (OUTPUTS,), (N, INPUTS), (N, OUTPUTS)]
    return [rng.normal(size=size) for size in sizes]


@equation(
    "eq-notation-rows",
    r"""
    \begin{aligned}
    y_n &= W x_n + b, \quad n = 1, \dots, B \\
    Y &= X W^\top + \mathbf 1 b^\top
    \end{aligned}
    """,
)
def test_rows():
    W, b, X, _ = numbers()
    Y = X @ W.T + np.outer(np.ones(N), b)
    for n in range(N):
        by_hand = [
            sum(W[i, j] * X[n, j] for j in range(INPUTS)) + b[i] for i in range(OUTPUTS)
        ]
        np.testing.assert_allclose(Y[n], by_hand, rtol=0, atol=1e-13)
    np.testing.assert_allclose(linear(X, W, b), Y, rtol=0, atol=1e-13)
    torch_rows = torch.nn.functional.linear(*map(torch.from_numpy, (X, W, b)))
    np.testing.assert_allclose(torch_rows.numpy(), Y, rtol=0, atol=1e-13)


@equation(
    "eq-notation-rows-grad",
    r"""
    \begin{aligned}
    \bar x_n &= W^\top \bar y_n & \bar X &= \bar Y W \\
    \bar W &= \sum_n \bar y_n x_n^\top & \bar W &= \bar Y^\top X \\
    \bar b &= \sum_n \bar y_n & \bar b &= \bar Y^\top \mathbf 1
    \end{aligned}
    """,
)
def test_rows_grad():
    W, b, X, dY = numbers()
    columns = {
        "x": np.stack([W.T @ dY[n] for n in range(N)]),
        "W": sum(np.outer(dY[n], X[n]) for n in range(N)),
        "b": sum(dY[n] for n in range(N)),
    }
    rows = {"x": dY @ W, "W": dY.T @ X, "b": dY.T @ np.ones(N)}
    leaves = [torch.from_numpy(a).requires_grad_() for a in (X, W, b)]
    loss = (linear(*leaves) * torch.from_numpy(dY)).sum()
    autograd = dict(zip("xWb", torch.autograd.grad(loss, leaves), strict=True))
    for name in "xWb":
        np.testing.assert_allclose(columns[name], rows[name], rtol=0, atol=1e-13)
        np.testing.assert_allclose(rows[name], autograd[name], rtol=0, atol=1e-13)
