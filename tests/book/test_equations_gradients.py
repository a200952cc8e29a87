"""What book/gradients.md says about Jacobians, their products and norms, in float64."""

from functools import reduce
from itertools import accumulate

import numpy as np
import pytest
import torch
from equations import equation
from numpy.testing import assert_allclose
from small_net import H, Net, T, close

from course_pkg import gradients
from course_pkg.arrays import sigmoid
from course_pkg.cells import elman

RNG = np.random.default_rng(4)
NET = Net()
ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
SLOPES = {  # of the pre-activation
    "sigmoid": lambda a: sigmoid(a) * (1 - sigmoid(a)),
    "tanh": lambda a: 1 - np.tanh(a) ** 2,
    "relu": lambda a: (a > 0) * 1.0,
}


def matrices(n, size=H, norm=None):
    """Return n random matrices, of a given norm if asked."""
    found = RNG.normal(size=(n, size, size))
    norms = np.linalg.norm(found, 2, axis=(1, 2), keepdims=True)
    return found if norm is None else norm * found / norms


@equation("eq-gradients-scalar", r"\pd{h_T}{h_{T-k}} = \prod_{t=T-k+1}^{T} w\,f'(a_t)")
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_scalar(name):
    w, last, k = 1.3, 9, 5
    h, a = [torch.tensor(0.4, dtype=float)], [None]
    for t in range(1, last + 1):
        if t == last - k + 1:  # the state of T - k, from which autograd starts
            h[-1] = h[-1].clone().requires_grad_()
        a.append(w * h[-1])
        h.append(ACTIVATIONS[name](a[-1]))
    (true,) = torch.autograd.grad(h[last], h[last - k])
    factors = [w * SLOPES[name](a[t].item()) for t in range(last - k + 1, last + 1)]
    assert len(factors) == k
    close(true.item(), np.prod(factors))


@equation(
    "eq-gradients-gap",
    r"""
    \lvert w\,f'(a_t)\rvert \le q < 1 \ \text{for all } t \quad\Longrightarrow\quad
    \left\lvert\pd{h_T}{h_{T-k}}\right\rvert \le q^k
    """,
)
def test_gap():
    for q in (0.3, 0.9, 0.999):
        factors = q * RNG.uniform(-1, 1, size=(200, 12))
        assert (np.abs(factors.prod(1)) <= q**12).all()
    close(np.prod([0.9] * 12), 0.9**12)  # and no smaller bound holds


@equation(
    "eq-gradients-telescope",
    r"""
    \prod_{j=2}^{k+1}\Bigl(1-\frac1{j^2}\Bigr) = \frac{k+2}{2\,(k+1)} > \frac12
    """,
)
def test_telescope():
    for k in (1, 2, 7, 1000):
        product = np.prod([1 - 1 / j**2 for j in range(2, k + 2)])
        close(product, (k + 2) / (2 * (k + 1)))
        assert 0.5 < product < 1


@equation(
    "eq-gradients-slopes",
    r"""
    \begin{aligned} \sigma'(a) &= \sigma(a)\,(1-\sigma(a)) = \tfrac14 -
    \bigl(\sigma(a)-\tfrac12\bigr)^2 \le \tfrac14\\ \tanh'(a) &= 1-\tanh^2(a) \le 1\\
    \mathrm{relu}'(a) &= [a>0] \in\{0,1\} \end{aligned}
    """,
)
def test_slopes():
    a = np.concatenate([3 * RNG.normal(size=100), [1e-9]])
    for name, f in ACTIVATIONS.items():
        at = torch.tensor(a, requires_grad=True)
        f(at).sum().backward()
        close(at.grad.numpy(), SLOPES[name](a))
    s = sigmoid(a)
    close(s * (1 - s), 1 / 4 - (s - 1 / 2) ** 2)
    assert (s * (1 - s)).max() == pytest.approx(1 / 4)  # reached, at 0 only
    assert (1 - np.tanh(a) ** 2).max() == pytest.approx(1)
    assert set(SLOPES["relu"](a)) == {0, 1}


@equation(
    "eq-gradients-jacobian",
    r"""
    J_t = \pd{h_t}{h_{t-1}} = \diag\bigl(f'(a_t)\bigr)\,\Whh, \qquad (J_t)_{ij} =
    f'(a_{t,i})\,(\Whh)_{ij}
    """,
)
def test_jacobian():
    W, t = NET.p["W_hh"], 3
    a = NET.p["W_ih"] @ NET.p["x"][t - 1] + NET.p["b_ih"] + NET.p["b_hh"]
    a = a + W @ NET.h[t - 1]
    for name, f in ACTIVATIONS.items():
        true = torch.autograd.functional.jacobian(
            lambda h, f=f: f(torch.tensor(a - W @ NET.h[t - 1]) + torch.tensor(W) @ h),
            torch.tensor(NET.h[t - 1]),
        )
        slope = SLOPES[name](a)
        close(np.diag(slope) @ W, true)
        close([[slope[i] * W[i, j] for j in range(H)] for i in range(H)], true)
    got = gradients.jacobian(elman, NET.params, NET.h[t - 1][None], NET.x[t - 1])
    close(got[0], np.diag(SLOPES["tanh"](a)) @ W)


@equation("eq-gradients-product", r"\pd{h_k}{h_t} = J_k\,J_{k-1}\cdots J_{t+1}")
def test_product():
    t, k = 2, 5
    p = {name: torch.tensor(value) for name, value in NET.p.items()}

    def later(h):
        for s in range(t + 1, k + 1):
            a = p["W_ih"] @ p["x"][s - 1] + p["b_ih"] + p["W_hh"] @ h + p["b_hh"]
            h = torch.tanh(a)
        return h

    true = torch.autograd.functional.jacobian(later, torch.tensor(NET.h[t]))
    close(NET.J(5) @ NET.J(4) @ NET.J(3), true)
    every = gradients.jacobians(elman, NET.hs[-1], NET.tape, NET.p["W_hh"])[:, 0]
    close(gradients.product(every[t:k]), true)
    close(gradients.product(every[t:t]), np.eye(H))


@equation(
    "eq-gradients-norm",
    r"""
    \lVert A\rVert = \max_{v\neq0}\frac{\lVert Av\rVert}{\lVert v\rVert} =
    \sigma_{\max}(A)
    """,
)
def test_norm():
    norm = np.linalg.norm
    for A in matrices(5):
        s = gradients.spectrum(A)
        v = RNG.normal(size=(H, 1000))
        assert (norm(A @ v, axis=0) <= s.norm * norm(v, axis=0) * (1 + 1e-12)).all()
        values, vectors = np.linalg.eigh(A.T @ A)
        best = vectors[:, -1]
        close(norm(A @ best) / norm(best), s.singular_values[0])
        close(values[-1], s.norm**2)
        close(gradients.spectrum(A.T).norm, s.norm)


@equation(
    "eq-gradients-sizes",
    r"\rho(A) \le \lVert A\rVert \le \lVert A\rVert_F \le \sqrt H\,\lVert A\rVert",
)
def test_sizes():
    for A in matrices(50):
        s, frobenius = gradients.spectrum(A), np.sqrt((A**2).sum())
        assert s.radius < s.norm < frobenius < H**0.5 * s.norm
        close(frobenius, np.sqrt((s.singular_values**2).sum()))
    # Each bound is reached: by a normal matrix, by one of rank 1, by the identity.
    close(gradients.spectrum(A + A.T).radius, gradients.spectrum(A + A.T).norm)
    B = np.outer(RNG.normal(size=H), RNG.normal(size=H))
    close(gradients.spectrum(B).norm, np.linalg.norm(B))
    close(np.linalg.norm(np.eye(H)), H**0.5 * gradients.spectrum(np.eye(H)).norm)


@equation(
    "eq-gradients-bound",
    r"""
    \lVert J_k\cdots J_{t+1}\rVert \le \prod_{i=t+1}^{k}\lVert J_i\rVert \le
    \bigl(\gamma\,\sigma_{\max}(\Whh)\bigr)^{k-t}, \qquad \gamma =
    \max_a\,\lvert f'(a)\rvert
    """,
)
def test_bound():
    a = np.linspace(-8, 8, 1001)
    gamma = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}
    for name, slope in SLOPES.items():
        assert slope(a).max() == gamma[name]
        for W in matrices(20):
            Js = slope(3 * RNG.normal(size=(7, H)))[..., None] * W
            each = np.prod([gradients.spectrum(J).norm for J in Js])
            bound = (gamma[name] * gradients.spectrum(W).norm) ** 7
            assert gradients.spectrum(gradients.product(Js)).norm <= each * (1 + 1e-12)
            assert each <= bound * (1 + 1e-12)
    Q = np.linalg.qr(matrices(1)[0])[0]  # where nothing is lost, both are sharp
    close(gradients.product_norms(np.stack([1.1 * Q] * 7))[-1], 1.1**7)
    # The eigenvalue in its place would be no bound: not even for one step.
    A = np.array([[0.9, 10.0], [0.0, 0.9]])
    assert gradients.spectrum(A).norm > 10 * gradients.spectrum(A).radius


@equation(
    "eq-gradients-vanishes",
    r"""
    \lVert J_i\rVert \le q < 1 \ \text{for all } i \quad\Longrightarrow\quad
    \bigl\lVert (J_k\cdots J_{t+1})^\top\delta_k\bigr\rVert \le
    q^{\,k-t}\,\lVert\delta_k\rVert
    """,
)
def test_vanishes():
    for q in (0.5, 0.95):
        Js, delta = matrices(8, norm=q), RNG.normal(size=H)
        sizes = [np.linalg.norm(m) for m in messages(Js, delta)]
        assert (sizes <= q ** np.arange(9) * sizes[0] * (1 + 1e-12)).all()
    close(sizes[-1], np.linalg.norm(reduce(np.matmul, Js[::-1]).T @ delta))
    assert len(sizes) == len(Js) + 1 > T


def messages(Js, delta):
    """Return what a loss tells the state of 0, 1, … steps before."""
    return list(accumulate(Js[::-1], lambda v, J: J.T @ v, initial=delta))


@equation(
    "eq-gradients-nilpotent",
    r"""
    \begin{pmatrix}0&2\\0&0\end{pmatrix}\begin{pmatrix}0&2\\0&0\end{pmatrix} =
    \begin{pmatrix}0&0\\0&0\end{pmatrix}
    """,
)
def test_nilpotent():
    A = np.array([[0.0, 2.0], [0.0, 0.0]])
    assert gradients.spectrum(A).norm == 2
    assert_allclose(A @ A, np.zeros((2, 2)), atol=0)
    # Two matrices of norm 2 can have a product of any norm from 0 to 4.
    turn = lambda c, s: 2 * np.array([[c, s], [0, 0]])  # noqa: E731
    for angle in (0.0, 0.7, np.pi / 2):
        B = turn(np.cos(angle), np.sin(angle))
        close(np.linalg.norm(B, 2), 2)
        C = np.array([[2.0, 0.0], [0.0, 0.0]])
        assert np.linalg.norm(B @ C, 2) == pytest.approx(4 * np.cos(angle))
