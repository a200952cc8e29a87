"""A small network with all its gradients, for the tests of the book's equations."""

import numpy as np
import torch
from numpy.testing import assert_allclose

from course_pkg import bptt, losses
from course_pkg.arrays import linear
from course_pkg.cells import elman

T, INPUTS, H, V = 6, 3, 4, 5


def close(left, right):
    assert_allclose(left, right, rtol=1e-10, atol=1e-13)


class Net:
    """A small net on one sequence of random numbers, with all its gradients.

    Columns: ``a[t]``, ``h[t]``, ``delta[t]`` … are vectors; index 0 is the first state.
    ``true`` holds autograd's gradients, taken through a loop that is spelt out here.
    """

    def __init__(self, mask=None, gamma=None):
        rng = np.random.default_rng(7)
        self.mask = np.ones(T) if mask is None else np.array(mask, float)
        self.gamma = np.zeros(H) if gamma is None else rng.normal(size=H)
        sizes = {
            "W_ih": (H, INPUTS),
            "W_hh": (H, H),
            "b_ih": (H,),
            "b_hh": (H,),
            "W_hy": (V, H),
            "b_y": (V,),
            "x": (T, INPUTS),
            "h0": (H,),
        }
        self.p = {name: 0.7 * rng.normal(size=size) for name, size in sizes.items()}
        self.y = rng.integers(0, V, T)
        self._autograd()
        self._package()

    def _autograd(self):
        p = {k: torch.tensor(v, requires_grad=True) for k, v in self.p.items()}
        m, h, a, logits = torch.tensor(self.mask), [p["h0"]], [None], [None]
        for t in range(T):
            from_input = p["W_ih"] @ p["x"][t] + p["b_ih"]
            a.append(from_input + p["W_hh"] @ h[-1] + p["b_hh"])
            h.append(m[t] * torch.tanh(a[-1]) + (1 - m[t]) * h[-1])
            logits.append(p["W_hy"] @ h[-1] + p["b_y"])
        for kept in (*h[1:], *a[1:], *logits[1:]):
            kept.retain_grad()
        ell = [
            -torch.log_softmax(z, 0)[y] for z, y in zip(logits[1:], self.y, strict=True)
        ]
        loss = (m * torch.stack(ell)).sum() / m.sum()
        (loss + torch.tensor(self.gamma) @ h[-1]).backward()
        self.ell, self.L = [e.item() for e in ell], loss.item()
        self.true = {k: v.grad.numpy() for k, v in p.items()}
        self.h = [v.detach().numpy() for v in h]
        self.h_bar = [v.grad.numpy() for v in h]
        self.a_bar = [None, *(v.grad.numpy() for v in a[1:])]
        self.logits = [None, *(v.detach().numpy() for v in logits[1:])]
        self.logits_bar = [None, *(v.grad.numpy() for v in logits[1:])]

    def _package(self):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        values = (self.p[k] for k in ("W_ih", "W_hh", "b_ih", "b_hh"))
        self.params = dict(zip(names, values, strict=True))
        self.x, h0 = self.p["x"][:, None], self.p["h0"][None]
        self.m = self.mask[:, None, None]
        self.hs, _, self.tape = bptt.forward(elman, self.params, self.x, h0, self.m)
        zs = linear(self.hs, self.p["W_hy"], self.p["b_y"])
        self.dzs = losses.cross_entropy_grad(zs, self.y[:, None], self.m)
        self.dhs = self.dzs @ self.p["W_hy"]
        self.dgi, self.dgh, self.dh0, self.dh_total = bptt.scan_grad(
            elman, self.dhs, self.gamma[None], self.tape, self.p["W_hh"], self.m
        )

    def delta(self, t):
        return self.dhs[t - 1, 0]

    def J(self, t):
        return np.diag(1 - self.h[t] ** 2) @ self.p["W_hh"]

    def J_product(self, last, first):
        """Return J_last … J_first, latest on the left; the identity when empty."""
        out = np.eye(H)
        for t in range(first, last + 1):
            out = self.J(t) @ out
        return out
