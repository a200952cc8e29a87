"""The losses of book/bptt.md and their gradients, executed in float64."""

import numpy as np
import torch
from equations import equation
from numpy.testing import assert_allclose
from small_net import Net, T, V, close

from course_pkg import gradients, losses
from course_pkg.arrays import log_softmax


@equation(
    "eq-bptt-loss",
    r"L = \frac{1}{M}\sum_{t=1}^{T} m_t\,\ell_t, \quad M = \sum_{t=1}^{T} m_t",
)
def test_loss():
    net = Net(mask=[1, 1, 1, 1, 0, 0])
    M = sum(net.mask)
    L = sum(net.mask[t] * net.ell[t] for t in range(T)) / M
    close(net.L, L)
    zs = np.array(net.logits[1:])[:, None]
    close(losses.cross_entropy(zs, net.y[:, None], net.m), L)


LOGITS = np.random.default_rng(1).normal(size=V)


@equation(
    "eq-bptt-softmax",
    r"""
    p_v = \frac{e^{\hat y_v}}{\sum_u e^{\hat y_u}} = \frac{e^{\hat y_v - c}}{\sum_u
    e^{\hat y_u - c}} \quad\text{for every } c
    """,
)
def test_softmax():
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    for c in (LOGITS.max(), -3.0):
        close(p, np.exp(LOGITS - c) / np.exp(LOGITS - c).sum())
    close(p, np.exp(log_softmax(LOGITS)))
    assert_allclose(np.exp(log_softmax(LOGITS + 1000)), p, rtol=1e-12)
    close(p, torch.softmax(torch.tensor(LOGITS), 0).numpy())


@equation(
    "eq-bptt-cross-entropy",
    r"\ell = -\log p_y = \log\sum_u e^{\hat y_u} - \hat y_y",
)
def test_cross_entropy():
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    for y in range(V):
        ell = np.log(np.exp(LOGITS).sum()) - LOGITS[y]
        close(-np.log(p[y]), ell)
        close(losses.cross_entropy(LOGITS[None, None], np.array([[y]])), ell)


@equation(
    "eq-bptt-cross-entropy-grad",
    r"""
    \begin{aligned} \pd{\ell}{\hat y} &= p - \mathrm{onehot}(y)\\ \bar{\hat y}_t &=
    \frac{m_t}{M}\bigl(p_t - \mathrm{onehot}(y_t)\bigr) \end{aligned}
    """,
)
def test_cross_entropy_grad():
    p, onehot = np.exp(log_softmax(LOGITS)), np.eye(V)
    for y in range(V):

        def ell(z, y=y):
            return np.log(np.exp(z).sum()) - z[y]

        slope = gradients.finite_difference(ell, LOGITS)
        assert_allclose(slope, p - onehot[y], atol=1e-9)
    net = Net(mask=[1, 1, 1, 0, 1, 0])
    for t in range(1, T + 1):
        p = np.exp(log_softmax(net.logits[t]))
        y_bar = net.mask[t - 1] / net.mask.sum() * (p - onehot[net.y[t - 1]])
        close(net.logits_bar[t], y_bar)
        close(net.dzs[t - 1, 0], y_bar)


@equation(
    "eq-bptt-squared-error",
    r"\ell = \tfrac12\lVert\hat y - y\rVert^2, \qquad \pd{\ell}{\hat y} = \hat y - y",
)
def test_squared_error():
    y = np.arange(V) / 3
    z = torch.tensor(LOGITS, requires_grad=True)
    ell = ((z - torch.tensor(y)) ** 2).sum() / 2
    ell.backward()
    close(z.grad.numpy(), LOGITS - y)
    args = LOGITS[None, None], y[None, None]
    close(losses.squared_error(*args), 0.5 * np.linalg.norm(LOGITS - y) ** 2)
    close(losses.squared_error_grad(*args)[0, 0], LOGITS - y)


@equation(
    "eq-bptt-binary-cross-entropy",
    r"""
    \begin{aligned} \ell &= -\sum_k \bigl[y_k\log\sigma(\hat y_k) +
    (1-y_k)\log\bigl(1-\sigma(\hat y_k)\bigr)\bigr]\\ \pd{\ell}{\hat y} &=
    \sigma(\hat y) - y \end{aligned}
    """,
)
def test_binary_cross_entropy():
    y, s = np.arange(V) / V, 1 / (1 + np.exp(-LOGITS))
    ell = -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum()
    args = LOGITS[None, None], y[None, None]
    close(losses.binary_cross_entropy(*args), ell)
    z = torch.tensor(LOGITS, requires_grad=True)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    bce(z, torch.tensor(y), reduction="sum").backward()
    close(z.grad.numpy(), s - y)
    close(losses.binary_cross_entropy_grad(*args)[0, 0], s - y)
