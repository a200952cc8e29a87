"""The few things on which NumPy and PyTorch disagree, and nothing else.

The core calls the names that both share (``stack``, ``concat``, ``einsum``, ``exp`` …)
through `namespace`, so one source serves NumPy arrays and tensors on any device.
"""

from collections.abc import Collection
from types import ModuleType
from typing import Any

import numpy as np
import torch

Array = Any  # a NumPy array or a torch tensor of a real dtype; never mixed in one call


def namespace(x: Array) -> ModuleType:
    """Return the module, ``numpy`` or ``torch``, whose functions take x (...)."""
    return torch if isinstance(x, torch.Tensor) else np


def linear(x: Array, W: Array, b: Array | None = None) -> Array:
    """Multiply rows: x (..., I), W (O, I), b (O,) -> x Wᵀ + b (..., O).

    Source: torch.nn.functional.linear; in the book a column convention, W x + b.
    """
    return x @ W.T if b is None else x @ W.T + b


def reverse(x: Array) -> Array:
    """Turn the first axis round: x (T, ...) -> (T, ...). torch has no negative step."""
    return namespace(x).flip(x, (0,))


def row_max(x: Array) -> Array:
    """Return the largest entry along the last axis, kept: x (..., V) -> (..., 1)."""
    return namespace(x).amax(x, -1, keepdims=True)


def log_softmax(x: Array) -> Array:
    """Return log softmax over the last axis: x (..., V) -> (..., V), finite for any x.

    Subtracting the largest entry first changes nothing in exact arithmetic and keeps
    every exponential in [0, 1]. Source: eq-bptt-softmax.
    """
    shifted = x - row_max(x)
    exp_sum = namespace(x).exp(shifted).sum(-1)[..., None]
    return shifted - namespace(x).log(exp_sum)


def log_sum_exp(x: Array) -> Array:
    """Return log Σ eˣ over the last axis, kept: x (..., V) -> (..., 1), any real x.

    Entries may be -∞, numbers e^x of 0; where all are, so is the result.
    """
    xp, top = namespace(x), row_max(x)
    some = top > -float("inf")
    total = xp.exp(x - xp.where(some, top, 0.0)).sum(-1)[..., None]
    # log 0 is kept from the graph: its derivative times 0 would be no number.
    return top + xp.log(xp.where(some, total, 1.0))


def sigmoid(x: Array) -> Array:
    """Return the logistic function 1 / (1 + e⁻ˣ) of x (...), without overflow."""
    return 0.5 * (1 + namespace(x).tanh(0.5 * x))


def blocks(x: Array, G: int) -> tuple[Array, ...]:
    """Cut the last axis into G equal blocks: x (..., G·H) -> G times (..., H)."""
    H = x.shape[-1] // G
    return tuple(x[..., k * H : (k + 1) * H] for k in range(G))


def join(*parts: Array) -> Array:
    """Put blocks (..., H) side by side along the last axis: undo `blocks`."""
    return namespace(parts[0]).concat(parts, -1)


def eye(n: int, like: Array) -> Array:
    """Return the identity matrix (N, N), N = n, of the kind and dtype of ``like``."""
    return namespace(like).eye(n, **_kind(like))


def steps(n: int, like: Array) -> Array:
    """Return 0, 1 … N - 1 as (N,), N = n, of the kind and dtype of ``like``."""
    return namespace(like).arange(n, **_kind(like))


def _kind(like: Array) -> dict[str, Any]:
    where = {"device": like.device} if isinstance(like, torch.Tensor) else {}
    return {"dtype": like.dtype, **where}


def one_hot(ids: Array, V: int, like: Array) -> Array:
    """Turn ids (...) in 0..V-1 into unit vectors (..., V) of the dtype of ``like``.

    Raises ValueError for ids that are no integers, or outside.
    """
    rows = ids.reshape(-1)
    expect(not is_float(ids), "ids", "integers", ids.dtype)
    # A tensor on the device "meta" has a shape, and no values to look at.
    if len(rows) and not getattr(rows, "is_meta", False):
        low, high = int(rows.min()), int(rows.max())
        expect(low >= 0 and high < V, "ids", f"0..V-1 = 0..{V - 1}", f"{low}..{high}")
    units = namespace(like).zeros((len(rows), V), **_kind(like))
    units[np.arange(len(rows)), rows] = 1
    return units.reshape(*ids.shape, V)


def is_float(x: Array) -> bool:
    """Tell whether x (...) holds floating-point numbers, of any width."""
    return x.is_floating_point() if namespace(x) is torch else x.dtype.kind == "f"


def to_numpy(x: Array) -> np.ndarray:
    """Return x (...) as a NumPy array on the CPU, cut from any graph."""
    return x.detach().cpu().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def expect(ok: bool, name: str, want: str, got: Any) -> None:
    """Raise ValueError, saying what was wanted and what came, unless ok."""
    if not ok:
        raise ValueError(f"{name}: expected {want}, got {got}")


def expect_choice(name: str, value: str, choices: Collection[str]) -> None:
    """Raise ValueError unless value is one of the choices."""
    want = ", ".join(map(repr, choices))
    expect(value in choices, name, f"one of {want}", repr(value))


def expect_shape(name: str, x: Array, letters: str, *sizes: int) -> None:
    """Raise ValueError unless x has these sizes; letters names them, as in "T B 1"."""
    want = f"({', '.join(letters.split())}) = {sizes}"
    expect(tuple(x.shape) == sizes, name, want, tuple(x.shape))
