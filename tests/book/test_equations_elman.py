"""Every displayed equation of book/elman.md, executed in float64.

One side is written out as the page prints it, in columns and one sequence at a time;
the other is the package's, torch's or autograd's.
"""

from functools import reduce

import numpy as np
import pytest
import torch
from equations import equation
from numpy.testing import assert_allclose, assert_array_equal

from course_pkg import bptt
from course_pkg.arrays import linear
from course_pkg.cells import elman, relu

T, B, INPUTS, H, V = 5, 4, 2, 3, 6
TIGHT = {"rtol": 0, "atol": 1e-12}


class Linear:
    """The cell without activation that the page defines."""

    @staticmethod
    def step(gi, gh, state):
        return gi + gh, elman.Tape(gi + gh, state)


@pytest.fixture
def net():
    """Parameters, inputs (T, B, I) and first states (B, H), none of them zero."""
    rng = np.random.default_rng(3)
    params = {
        "weight_ih": rng.normal(size=(H, INPUTS)),
        "weight_hh": rng.normal(size=(H, H)),
        "bias_ih": rng.normal(size=H),
        "bias_hh": rng.normal(size=H),
    }
    return params, rng.normal(size=(T, B, INPUTS)), rng.normal(size=(B, H))


def F(params, x_t, h_prev):
    """Take one step in columns."""
    a = params["weight_ih"] @ x_t + params["bias_ih"]
    a = a + params["weight_hh"] @ h_prev + params["bias_hh"]
    return np.tanh(a)


@equation("eq-elman-unit", r"h_t = \tanh(w_{ih} x_t + w_{hh} h_{t-1})")
def test_unit():
    x, h, w_ih, w_hh = [1.0, 0.0, 0.0], [0.0], 1.0, 0.8
    for x_t in x:
        h.append(np.tanh(w_ih * x_t + w_hh * h[-1]))
    params = {"weight_ih": np.array([[w_ih]]), "weight_hh": np.array([[w_hh]])}
    inputs = np.array(x).reshape(3, 1, 1)
    hs, _, _ = bptt.forward(elman, params, inputs, np.zeros((1, 1)))
    assert_allclose(hs.ravel(), h[1:], **TIGHT)
    assert_allclose(h[1:], [0.761594, 0.543617, 0.409403], rtol=0, atol=5e-7)


@equation(
    "eq-elman-step",
    r"""
    \begin{aligned}
    a_t &= \Wih x_t + \bih + \Whh h_{t-1} + \bhh \\
    h_t &= \tanh a_t
    \end{aligned}
    """,
)
def test_step(net):
    params, x, h_0 = net
    printed = np.stack([F(params, x[0, b], h_0[b]) for b in range(B)])
    gi = linear(x[0], params["weight_ih"], params["bias_ih"])
    gh = linear(h_0, params["weight_hh"], params["bias_hh"])
    assert_allclose(elman.step(gi, gh, h_0)[0], printed, **TIGHT)
    torchs = torch.nn.RNNCell(INPUTS, H, dtype=torch.float64)
    torchs.load_state_dict({k: torch.tensor(p) for k, p in params.items()})
    judged = torchs(torch.tensor(x[0]), torch.tensor(h_0)).detach()
    assert_allclose(judged, printed, **TIGHT)


@equation(
    "eq-elman-unfolded",
    r"h_T = F(x_T, F(x_{T-1}, \ldots F(x_2, F(x_1, h_0)) \ldots))",
)
def test_unfolded(net):
    params, x, h_0 = net
    hs, h_T, _ = bptt.forward(elman, params, x, h_0)
    assert hs.shape == (T, B, H)
    for b in range(B):
        nested = reduce(lambda h, x_t: F(params, x_t, h), x[:, b], h_0[b])
        assert_allclose(h_T[b], nested, **TIGHT)
        assert_allclose(hs[0, b], F(params, x[0, b], h_0[b]), **TIGHT)


@equation("eq-elman-causal", r"\pd{h_t}{x_s} = 0 \quad \text{for } s > t")
def test_causal(net):
    params, x, h_0 = net
    params = {name: torch.tensor(p) for name, p in params.items()}

    def states(x):
        return bptt.forward(elman, params, x, torch.tensor(h_0))[0]

    jacobian = torch.autograd.functional.jacobian(states, torch.tensor(x))
    size = jacobian.abs().amax((1, 2, 4, 5))  # (T, T): output t, input s
    assert_array_equal(size.triu(1), np.zeros((T, T)))
    assert (size[np.tril_indices(T)] > 0).all()  # the bound s > t is sharp


@equation("eq-elman-readout", r"\hat y_t = \Why h_t + \by")
def test_readout(net):
    rng = np.random.default_rng(4)
    W_hy, b_y = rng.normal(size=(V, H)), rng.normal(size=V)
    hs = bptt.forward(elman, *net)[0]
    y_hat = linear(hs, W_hy, b_y)
    for t, b in np.ndindex(T, B):
        assert_allclose(y_hat[t, b], W_hy @ hs[t, b] + b_y, **TIGHT)
    assert abs(hs).max() < 1 < abs(y_hat).max()  # why it is needed
    layer = torch.nn.Linear(512, 65)  # the numbers in the text
    assert sum(p.numel() for p in layer.parameters()) == 65 * 513 == 33_345


@equation("eq-elman-mask", r"h_t = m_t F(x_t, h_{t-1}) + (1 - m_t) h_{t-1}")
def test_mask(net):
    params, x, h_0 = net
    lengths = np.array([T, 1, 3, 2])
    m = (np.arange(T)[:, None] < lengths)[..., None].astype(float)
    hs, last, _ = bptt.forward(elman, params, x, h_0, m)
    for b in range(B):
        h = h_0[b]
        for t in range(T):
            h = m[t, b] * F(params, x[t, b], h) + (1 - m[t, b]) * h
            assert_allclose(hs[t, b], h, **TIGHT)
        own = x[: lengths[b], b : b + 1]
        alone = bptt.forward(elman, params, own, h_0[b : b + 1])[1]
        assert_allclose(last[b], alone[0], **TIGHT)
    padded = np.where(m == 1, x, 99.0)
    assert_array_equal(bptt.forward(elman, params, padded, h_0, m)[0], hs)


@equation("eq-elman-sum", r"h_t = x_t + h_{t-1} = h_0 + \sum_{s=1}^{t} x_s")
def test_sum():
    x = np.random.default_rng(5).integers(-9, 10, size=(200, B, 1)).astype(float)
    h_0, one = np.arange(B, dtype=float)[:, None], np.ones((1, 1))
    hs = bptt.scan(Linear, x, h_0, one)[0]
    before = np.concat([h_0[None], hs[:-1]])
    assert_array_equal(hs, x + before)
    assert_array_equal(hs, h_0 + x.cumsum(0))
    for cell in (relu, elman):  # and the page is right that these cannot
        assert (bptt.scan(cell, x, h_0, one)[0] != h_0 + x.cumsum(0)).any()


@equation(
    "eq-elman-count",
    r"""
    \begin{aligned}
    N &= H (I + H + 1) \\
    N_{\mathrm{window}} &= H (k I + 1)
    \end{aligned}
    """,
)
@pytest.mark.parametrize(("size_in", "size", "k"), [(2, 3, 4), (100, 100, 100)])
def test_count(size_in, size, k):
    cell = torch.nn.RNNCell(size_in, size)
    with_two_biases = sum(p.numel() for p in cell.parameters())
    assert with_two_biases - size == size * (size_in + size + 1)
    window = torch.nn.Linear(k * size_in, size)
    assert sum(p.numel() for p in window.parameters()) == size * (k * size_in + 1)
