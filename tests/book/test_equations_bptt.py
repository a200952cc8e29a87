"""The recursions of book/bptt.md, executed in float64.

The right-hand sides are written out here as the page prints them, one sequence at a
time and in columns; the left-hand sides come from autograd, and then from the package.
"""

import numpy as np
import pytest
import torch
from equations import equation
from small_net import H, Net, T, close

from course_pkg import bptt, gradients
from course_pkg.cells import elman


@pytest.fixture
def net():
    return Net()


def test_the_net_of_these_tests_is_not_a_special_case(net):
    assert np.abs(net.p["h0"]).min() > 0.01
    assert all(np.abs(g).max() > 1e-3 for g in net.true.values())


def hand():
    """Return h_0 … h_3 of the worked example, and what the loss tells h_3."""
    h = [0.0]
    for x in (1, 0, 0):
        h.append(np.tanh(1.0 * x + 0.8 * h[-1]))
    return h, h[3] - 0.5


@equation(
    "eq-bptt-by-hand",
    r"""
    \begin{aligned} \frac{dL}{dw_{hh}} &= \bar a_3 h_2 + \bar a_2 h_1 + \bar a_1
    h_0\\ \bar a_3 &= (1-h_3^2)\,(h_3-0.5)\\ \bar a_2 &=
    (1-h_2^2)\,0.8\,\bar a_3\\ \bar a_1 &= (1-h_1^2)\,0.8\,\bar a_2 \end{aligned}
    """,
)
def test_by_hand():
    h, error = hand()
    a3 = (1 - h[3] ** 2) * error
    a2 = (1 - h[2] ** 2) * 0.8 * a3
    a1 = (1 - h[1] ** 2) * 0.8 * a2

    def loss(w):
        h3 = np.tanh(w[0] * np.tanh(w[0] * np.tanh(1.0)))
        return 0.5 * (h3 - 0.5) ** 2

    slope = gradients.finite_difference(loss, np.array([0.8]))[0]
    assert slope == pytest.approx(a3 * h[2] + a2 * h[1] + a1 * h[0], rel=1e-8)
    assert slope == pytest.approx(-0.073364, abs=5e-7)
    assert a3 * h[2] == pytest.approx(-0.040995, abs=5e-7)
    assert (a1, a2, a3) == pytest.approx((-0.014280, -0.042501, -0.075412), abs=5e-7)


@equation("eq-bptt-local", r"\bar a_t = (1 - h_t\odot h_t)\odot\bar h_t")
def test_local(net):
    for t in range(1, T + 1):
        a_bar = (1 - net.h[t] * net.h[t]) * net.h_bar[t]
        close(net.a_bar[t], a_bar)
        tape = elman.Tape(net.h[t][None], net.h[t - 1][None])
        dgi, dgh, direct = elman.step_grad(net.h_bar[t][None], tape)
        close(dgi[0], a_bar)
        close(dgh[0], a_bar)
        assert not direct.any()


@equation(
    "eq-bptt-recursion",
    r"""
    \begin{aligned} \bar h_T &= \delta_T + \gamma\\ \bar h_t &= \delta_t +
    \Whh^\top\,\bar a_{t+1} \quad (t = T-1,\dots,1,0) \end{aligned}
    """,
)
@pytest.mark.parametrize("gamma", [None, "random"])
def test_recursion(gamma):
    net = Net(gamma=gamma)
    close(net.h_bar[T], net.delta(T) + net.gamma)
    for t in range(T - 1, -1, -1):
        delta = net.delta(t) if t else 0
        close(net.h_bar[t], delta + net.p["W_hh"].T @ net.a_bar[t + 1])
    close(net.dh_total[:, 0], net.h_bar[1:])
    close(net.dh0[0], net.h_bar[0])


@equation(
    "eq-bptt-mask",
    r"""
    \begin{aligned} \bar a_t &= m_t\,(1 - h_t\odot h_t)\odot\bar h_t\\ \bar h_{t-1}
    &= \delta_{t-1} + \Whh^\top\,\bar a_t + (1-m_t)\,\bar h_t \end{aligned}
    """,
)
def test_mask():
    net = Net(mask=[1, 0, 1, 1, 0, 0], gamma="random")
    for t in range(T, 0, -1):
        m = net.mask[t - 1]
        a_bar = m * (1 - net.h[t] * net.h[t]) * net.h_bar[t]
        close(net.a_bar[t], a_bar)
        close(net.dgh[t - 1, 0], a_bar)
        delta = net.delta(t - 1) if t > 1 else 0
        back = delta + net.p["W_hh"].T @ a_bar + (1 - m) * net.h_bar[t]
        close(net.h_bar[t - 1], back)
    close(net.dh_total[:, 0], net.h_bar[1:])
    close(net.dh0[0], net.h_bar[0])


@equation(
    "eq-bptt-jacobian",
    r"J_t = \pd{h_t}{h_{t-1}} = \diag(1 - h_t\odot h_t)\,\Whh",
)
def test_jacobian(net):
    p = {k: torch.tensor(v) for k, v in net.p.items()}
    for t in range(1, T + 1):

        def step(h, x=p["x"][t - 1]):
            return torch.tanh(p["W_ih"] @ x + p["b_ih"] + p["W_hh"] @ h + p["b_hh"])

        J = torch.autograd.functional.jacobian(step, torch.tensor(net.h[t - 1]))
        close(J.numpy(), np.diag(1 - net.h[t] * net.h[t]) @ net.p["W_hh"])


@equation(
    "eq-bptt-unrolled",
    r"\bar h_t = \sum_{k=t}^{T} \bigl(J_k\,J_{k-1}\cdots J_{t+1}\bigr)^\top\,\delta_k",
)
def test_unrolled(net):
    for t in range(1, T + 1):
        terms = [net.J_product(k, t + 1).T @ net.delta(k) for k in range(t, T + 1)]
        close(net.h_bar[t], sum(terms))
        close(net.dh_total[t - 1, 0], sum(terms))


@equation("eq-bptt-untied", r"\pd{L}{\Whh} = \sum_{t=1}^{T} \pd{L}{\Whh^{(t)}}")
def test_untied(net):
    p = {k: torch.tensor(v) for k, v in net.p.items()}
    copies = [p["W_hh"].clone().requires_grad_() for _ in range(T)]
    h, ell = p["h0"], 0
    for t, W in enumerate(copies):
        h = torch.tanh(p["W_ih"] @ p["x"][t] + p["b_ih"] + W @ h + p["b_hh"])
        ell = ell - torch.log_softmax(p["W_hy"] @ h + p["b_y"], 0)[net.y[t]]
    (ell / T).backward()
    close(net.true["W_hh"], sum(W.grad.numpy() for W in copies))
    for t, W in enumerate(copies, 1):
        close(W.grad.numpy(), np.outer(net.a_bar[t], net.h[t - 1]))


@equation(
    "eq-bptt-weights",
    r"""
    \begin{aligned} \pd{L}{\Whh} &= \sum_{t=1}^{T} \bar a_t\,h_{t-1}^\top\\
    \pd{L}{\Wih} &= \sum_{t=1}^{T} \bar a_t\,x_t^\top\\ \pd{L}{\bih} = \pd{L}{\bhh}
    &= \sum_{t=1}^{T} \bar a_t\\ \pd{L}{x_t} &= \Wih^\top\,\bar a_t \end{aligned}
    """,
)
def test_weights(net):
    steps = range(1, T + 1)
    W_hh = sum(np.outer(net.a_bar[t], net.h[t - 1]) for t in steps)
    W_ih = sum(np.outer(net.a_bar[t], net.p["x"][t - 1]) for t in steps)
    b = sum(net.a_bar[t] for t in steps)
    x = [net.p["W_ih"].T @ net.a_bar[t] for t in steps]
    for name, value in {"W_hh": W_hh, "W_ih": W_ih, "b_ih": b, "b_hh": b}.items():
        close(net.true[name], value)
    close(net.true["x"], x)
    grads, dx = bptt.weight_grads(net.params, net.x, net.tape, net.dgi, net.dgh)
    close(grads["weight_hh"], W_hh)
    close(grads["weight_ih"], W_ih)
    close(grads["bias_ih"], b)
    close(grads["bias_hh"], b)
    close(dx[:, 0], x)


@equation(
    "eq-bptt-readout",
    r"""
    \begin{aligned} \delta_t &= \Why^\top\,\bar{\hat y}_t\\ \pd{L}{\Why} &=
    \sum_{t=1}^{T} \bar{\hat y}_t\,h_t^\top\\ \pd{L}{\by} &= \sum_{t=1}^{T}
    \bar{\hat y}_t \end{aligned}
    """,
)
def test_readout(net):
    steps = range(1, T + 1)
    y_bar = net.logits_bar
    close(net.true["W_hy"], sum(np.outer(y_bar[t], net.h[t]) for t in steps))
    close(net.true["b_y"], sum(y_bar[t] for t in steps))
    for t in steps:
        close(net.delta(t), net.p["W_hy"].T @ y_bar[t])
    close(net.h_bar[T], net.p["W_hy"].T @ y_bar[T])


@equation(
    "eq-bptt-double-sum",
    r"""
    \pd{L}{\Whh} = \sum_{k=1}^{T}\,\sum_{t=1}^{k} \Bigl[(1 - h_t\odot
    h_t)\odot\bigl(J_k\cdots J_{t+1}\bigr)^\top\delta_k\Bigr]\,h_{t-1}^\top
    """,
)
def test_double_sum(net):
    total = 0
    for k in range(1, T + 1):
        for t in range(1, k + 1):
            signal = net.J_product(k, t + 1).T @ net.delta(k)
            signal = (1 - net.h[t] * net.h[t]) * signal
            total = total + np.outer(signal, net.h[t - 1])
    close(net.true["W_hh"], total)


@equation(
    "eq-bptt-forward-accumulation",
    r"""
    \begin{aligned} P_t &= \frac{\partial^{+} h_t}{\partial\Whh} + J_t\,P_{t-1}\\
    \pd{L}{\Whh} &= \sum_{t=1}^{T} \delta_t^\top P_t \end{aligned}
    """,
)
def test_forward_accumulation(net):
    P, total = np.zeros((H, H, H)), 0
    for t in range(1, T + 1):
        immediate = np.einsum("i,ij,l->ijl", 1 - net.h[t] ** 2, np.eye(H), net.h[t - 1])
        P = immediate + np.einsum("ik,kjl->ijl", net.J(t), P)
        total = total + np.einsum("i,ijl->jl", net.delta(t), P)
    close(net.true["W_hh"], total)


@equation(
    "eq-bptt-contribution",
    r"""
    c_{tk} = \bigl\lVert\bigl(J_t\,J_{t-1}\cdots
    J_{k+1}\bigr)^\top\delta_t\bigr\rVert \quad (k\le t)
    """,
)
def test_contribution(net):
    C = gradients.contributions(elman, net.dhs, net.tape, net.p["W_hh"])
    for t in range(1, T + 1):
        for k in range(1, T + 1):
            there = net.J_product(t, k + 1).T @ net.delta(t) if k <= t else np.zeros(H)
            close(C[t - 1, k - 1], np.linalg.norm(there))


@equation(
    "eq-bptt-last-k",
    r"""
    G_k = \sum_{t=1}^{T}\ \sum_{s=\max(1,\,t-k)}^{t} \Bigl[(1 - h_s\odot
    h_s)\odot\bigl(J_t\cdots J_{s+1}\bigr)^\top\delta_t\Bigr]\,h_{s-1}^\top
    """,
)
def test_last_k(net):
    def G(k):
        total = np.zeros((H, H))
        for t in range(1, T + 1):
            for s in range(max(1, t - k), t + 1):
                signal = net.J_product(t, s + 1).T @ net.delta(t)
                total += np.outer((1 - net.h[s] * net.h[s]) * signal, net.h[s - 1])
        return total

    close(G(T - 1), net.true["W_hh"])
    close(G(0), detached(net))
    close(G(0), sum(bptt_cut(net)))
    assert np.linalg.norm(G(0) - G(T - 1)) > 0.1 * np.linalg.norm(G(T - 1))


def detached(net):
    """Return ∂L/∂W_hh as autograd sees it with the state detached at every step."""
    p = {k: torch.tensor(v) for k, v in net.p.items()}
    W, h, ell = p["W_hh"].clone().requires_grad_(), p["h0"], 0
    for t in range(T):
        a = p["W_ih"] @ p["x"][t] + p["b_ih"] + W @ h.detach() + p["b_hh"]
        h = torch.tanh(a)
        ell = ell - torch.log_softmax(p["W_hy"] @ h + p["b_y"], 0)[net.y[t]]
    (ell / T).backward()
    return W.grad.numpy()


def bptt_cut(net):
    """Return each step's term of the gradient where ``scan_grad`` meets W_hh = 0."""
    cut = 0 * net.p["W_hh"]
    dgh = bptt.scan_grad(elman, net.dhs, 0 * net.dhs[0], net.tape, cut)[1]
    return np.einsum("tbg,tbh->tgh", dgh, net.tape.h_prev)
