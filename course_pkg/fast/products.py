"""The matrix products of the fast pair: large ones by oneDNN, where torch has it.

torch gives float32 products to MKL, which is slow on processors that are not Intel's;
oneDNN, which is in torch as well, takes half its time there. It packs its operands
first, so small products are better off without it.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_pkg.bptt import Params

LARGE = 2**20  # multiplications
ROWS = 2**12

# (d, y, grad_input=out): d times the activation's slope where its value is y.
sigmoid_grad = torch.ops.aten.sigmoid_backward.grad_input
tanh_grad = torch.ops.aten.tanh_backward.grad_input


def onednn_is_on() -> bool:
    """Tell whether this torch has oneDNN, switched on."""
    return bool(torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled)


def onednn(dtype: torch.dtype, *sizes: int) -> bool:
    """Tell whether oneDNN takes a product of these sizes."""
    if dtype != torch.float32 or math.prod(sizes) < LARGE:
        return False
    return onednn_is_on() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def linear(x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:
    """Multiply rows: x (..., I), W (O, I), b (O,) -> x Wᵀ + b (..., O)."""
    if onednn(x.dtype, x.numel(), len(W)):
        return torch.ops.mkldnn._linear_pointwise(x, W, b, "none", [], "")
    return torch.nn.functional.linear(x, W, b)


def outer(d: Tensor, x: Tensor) -> Tensor:
    """Sum the outer products of rows: d (T, B, G), x (T, B, I) -> (G, I)."""
    d, x = d.flatten(0, 1), x.flatten(0, 1)
    if not onednn(x.dtype, x.numel(), d.shape[1]):
        return d.T @ x
    # oneDNN copies what is transposed: a piece at a time, it stays small.
    pieces = zip(d.split(ROWS), x.split(ROWS), strict=True)
    total = x.new_zeros(x.shape[1], d.shape[1])
    for d, x in pieces:
        total += linear(x.T, d.T)
    return total.T.contiguous()


def weight_grads(
    params: Params, x: Tensor, tape: Any, dgi: Tensor, dgh: Tensor
) -> tuple[Params, Tensor]:
    """Turn dgi, dgh (T, B, G·H) into gradients, as `bptt.weight_grads` does."""
    d_bias = dgi.sum((0, 1))
    grads = {
        "weight_ih": outer(dgi, x),
        "weight_hh": outer(dgh, tape.h_prev),
        "bias_ih": d_bias,
        "bias_hh": d_bias.clone() if dgh is dgi else dgh.sum((0, 1)),
    }
    dx = linear(dgi, params["weight_ih"].T)
    return {name: grads[name] for name in params}, dx


def adder(
    out: Tensor,
    x: Tensor | None,
    W: Tensor,
    b: Tensor | None = None,
    act: Callable[..., Tensor] | None = None,
) -> Callable[[int, Tensor], Tensor]:
    """Return a function of t and h (B, I) that puts x_t + h Wᵀ + b into row t of out.

    out, x (T, B, O), where None means zeros; W (O, I); b (O,); act: what is applied,
    with ``out=``. The function returns the row. What can be done for all rows at once,
    is done here.
    """
    rows = out.unbind()
    if onednn(W.dtype, out.shape[1], *W.shape):
        ops, W = torch.ops.mkldnn, W.contiguous()
        packed = ops._reorder_linear_weight(W, out.shape[1])
        if x is None:
            product = ops._linear_pointwise.default
            return lambda t, h: rows[t].copy_(product(h, packed, b, "none", [], ""))
        add, xs = ops._linear_pointwise.binary, x.unbind()
        if act is not None:
            return lambda t, h: act(add(h, xs[t], packed, b, "add"), out=rows[t])
        return lambda t, h: rows[t].copy_(add(h, xs[t], packed, b, "add"))
    if x is None:
        out.zero_() if b is None else out.copy_(b.expand_as(out))
    else:
        out.copy_(x) if b is None else torch.add(x, b, out=out)
    WT = W.T
    if act is not None:
        return lambda t, h: act(rows[t].addmm_(h, WT), out=rows[t])
    return lambda t, h: rows[t].addmm_(h, WT)


def run_back(
    dhs: Tensor,
    dh: Tensor,
    dgh: Tensor,
    W: Tensor,
    carry: Tensor | None,
    local: Callable[[int, Tensor], Any],
) -> tuple[Tensor, Tensor]:
    """Carry ∂L/∂h_t from the last step to the first; return h_0's and all (T, B, H).

    dhs (T, B, H), dh (B, H): what comes from outside; W (G·H, H). local(t, dh_t) fills
    row t of dgh (T, B, G·H); carry (T, B, ·): what h_{t-1} gets of dh_t past dgh.
    """
    total = torch.empty_like(dhs)
    add, d_rows = adder(total, dhs, W.T), dgh.unbind()
    kept = None if carry is None else carry.unbind()
    d = torch.add(dhs[-1], dh, out=total[-1])
    local(len(dhs) - 1, d)
    for t in range(len(dhs) - 2, -1, -1):
        after, d = d, add(t, d_rows[t + 1])
        if kept is not None:
            d.addcmul_(kept[t + 1], after)
        local(t, d)
    dh = d_rows[0] @ W
    return dh if carry is None else dh.addcmul_(carry[0], d), total
