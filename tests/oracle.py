"""What the tests share: seeded numbers, kinds of arrays, the judge, the comparison."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from course_pkg.arrays import to_numpy

T, B, I, H, O = 6, 4, 3, 5, 2  # noqa: E741
LENGTHS = (6, 2, 5, 1)
KINDS = ("numpy", "torch", pytest.param("cuda", marks=pytest.mark.gpu))


def draw(seed: int, *shape: int) -> np.ndarray:
    """Draw standard normal numbers in float64."""
    return np.random.default_rng(seed).standard_normal(shape)


def draw_params(seed: int, bias: bool = True, G: int = 1) -> dict[str, np.ndarray]:
    """Draw the weights of one layer with G gates, large enough for tanh to bend."""
    shapes = {"weight_ih": (G * H, I), "weight_hh": (G * H, H)}
    if bias:
        shapes |= {"bias_ih": (G * H,), "bias_hh": (G * H,)}
    return {k: 0.6 * draw(seed + i, *s) for i, (k, s) in enumerate(shapes.items())}


def draw_mask(name: str) -> np.ndarray | None:
    """Return a mask (T, B, 1): none at all, ragged lengths, or with holes inside."""
    if name == "none":
        return None
    if name == "ragged":
        return (np.arange(T)[:, None, None] < np.array(LENGTHS)[:, None]).astype(float)
    return (draw(99, T, B, 1) > -0.3).astype(float)


def to(kind: str, x: Any) -> Any:
    """Turn NumPy arrays, also inside dicts and tuples, into arrays of another kind."""
    if isinstance(x, dict):
        return {key: to(kind, value) for key, value in x.items()}
    if isinstance(x, tuple):
        return tuple(to(kind, value) for value in x)
    if x is None or kind == "numpy":
        return x
    return torch.tensor(x, device="cuda" if kind == "cuda" else "cpu")


def assert_close(got: Any, want: Any, tol: float = 1e-10) -> None:
    """Compare arrays, also inside dicts and tuples: keys, shapes, every entry."""
    if isinstance(want, dict):
        assert list(got) == list(want)
        got, want = tuple(got.values()), tuple(want.values())
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            assert_close(g, w, tol)
        return
    g, w = to_numpy(got), to_numpy(want)
    assert g.shape == w.shape
    np.testing.assert_allclose(g, w, rtol=tol, atol=tol)


def chance(counts: Any, p: Any) -> float:
    """Return how often draws with probabilities p (V,) give counts (V,) so far off.

    Pearson's chi-square test; what has probability 0 must not have been drawn. Few
    draws make it a rough figure: let each count be expected to be 20 or more.
    """
    counts, p = np.asarray(counts, float), np.asarray(p, float)
    if counts[p == 0].any():
        return 0.0
    counts, want = counts[p > 0], counts.sum() * p[p > 0] / p.sum()
    assert want.min() >= 20
    off = ((counts - want) ** 2 / want).sum()
    halves = torch.tensor([(len(want) - 1) / 2, off / 2], dtype=torch.float64)
    return float(torch.special.gammaincc(*halves)) if len(want) > 1 else 1.0


def complains(message: str) -> Any:
    """Expect a ValueError with exactly this message."""
    return pytest.raises(ValueError, match=f"^{re.escape(message)}$")


def borrowed(module: nn.Module, layer: nn.Module, suffix: str = "") -> Any:
    """Return a module of torch as a function, with the weights of a layer of ours."""
    weights = {n.removesuffix(suffix): p for n, p in layer.named_parameters()}
    return lambda *args: torch.func.functional_call(module, weights, args)


def assert_same_gradients(
    model: nn.Module, got: Any, other: nn.Module, want: Any
) -> None:
    """Compare the gradients of two losses by each parameter; none may be all zeros."""
    got.backward()
    want.backward()
    for (name, p), q in zip(model.named_parameters(), other.parameters(), strict=True):
        assert bool(p.grad.abs().max() > 0), name
        assert_close(p.grad, q.grad)


def judge(
    params, x, h0, mask, dhs, d_last, hook=None, nonlinearity="tanh"
) -> dict[str, Any]:
    """Step a torch.nn.RNNCell by hand and let autograd find every gradient.

    The loss is the projection of all hs on dhs and of the last state on d_last. hook:
    changes the gradient of every new state.
    """
    params, x, h0, mask = to("torch", (params, x, h0, mask))
    bias = "bias_ih" in params
    cell = nn.RNNCell(I, H, bias, nonlinearity, dtype=torch.float64)
    cell.load_state_dict(params)
    h, hs = h0.requires_grad_(), []
    for x_t, m_t in zip(
        x.requires_grad_(), [None] * T if mask is None else mask, strict=True
    ):
        new = cell(x_t, h)
        if hook is not None:
            new.register_hook(hook)
        h = new if m_t is None else torch.where(m_t > 0, new, h)
        h.retain_grad()
        hs.append(h)
    projected = (torch.stack(hs) * torch.tensor(dhs)).sum()
    (projected + (h * torch.tensor(d_last)).sum()).backward()
    return {
        "hs": torch.stack(hs),
        "last": h,
        "grads": {name: p.grad for name, p in cell.named_parameters()},
        "dx": x.grad,
        "d_state0": h0.grad,
        "dh_total": torch.stack([h.grad for h in hs]),
    }
