"""The fast loops of the LSTM.

torch takes several times as long for tanh as for the sigmoid σ, so the loop forward has
tanh a = 2σ(2a) - 1, as exact as tanh but for rounding, and one σ for all four blocks.
"""

import torch
from torch import Tensor

from course_pkg.cells.lstm import Pair, Tape
from course_pkg.fast.products import adder, run_back, sigmoid_grad, tanh_grad


def run(
    gi: Tensor, state: Pair, W: Tensor, b: Tensor | None, mask: Tensor | None
) -> tuple[Tensor, Pair, Tape]:
    """Run forward over gi (T, B, 4H); arguments and results as in `bptt.scan`."""
    H = W.shape[1]
    hs, cs = (gi.new_empty(len(gi) + 1, *part.shape) for part in state)
    # The loop keeps 2c: what tanh is called on is there doubled, for its sigmoid.
    hs[0] = state[0]
    torch.mul(state[1], 2, out=cs[0])
    scale = gi.new_ones(4 * H)
    scale[2 * H : 3 * H] = 2
    gates = torch.addcmul(gi.new_zeros(()) if b is None else scale * b, scale, gi)
    add = adder(gates, gates, scale[:, None] * W, act=torch.sigmoid)
    tanh_c = torch.empty_like(hs[1:])
    parts = *gates.split(H, -1), tanh_c
    steps = zip(*(x.unbind() for x in parts), strict=True)
    h_rows, c_rows = hs.unbind(), cs.unbind()
    s, less = torch.empty_like(hs[0]), torch.full_like(hs[0], -1)
    keep = None if mask is None else (1 - mask).unbind()
    for t, (i, f, g, o, tanh_t) in enumerate(steps):
        add(t, h_rows[t])
        torch.add(less, g, alpha=2, out=g)
        c = torch.mul(f, c_rows[t], out=c_rows[t + 1]).addcmul_(i, g, value=2)
        torch.add(less, torch.sigmoid(c, out=s), alpha=2, out=tanh_t)
        h = torch.mul(o, tanh_t, out=h_rows[t + 1])
        if keep is not None:
            c.lerp_(c_rows[t], keep[t])
            h.lerp_(h_rows[t], keep[t])
    cs.mul_(0.5)
    i, f, g, o = gates.split(H, -1)
    tape = Tape(i, f, g, o, cs[:-1], tanh_c, hs[:-1])
    return hs[1:], (hs[-1].clone(), cs[-1].clone()), tape


def run_grad(
    dhs: Tensor, d_state: Pair, tape: Tape, W: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor, Pair, Tensor]:
    """Run back over dhs (T, B, H); arguments and results as in `bptt.scan_grad`."""
    i, f, g, o, c_prev, tanh_c, _ = tape
    H, da = W.shape[1], dhs.new_empty(*dhs.shape[:2], len(W))
    da_i, da_f, da_g, da_o = da.split(H, -1)
    sigmoid_grad(g, i, grad_input=da_i)
    sigmoid_grad(c_prev, f, grad_input=da_f)
    tanh_grad(i, g, grad_input=da_g)
    sigmoid_grad(tanh_c, o, grad_input=da_o)
    dc_by_dh, kept = torch.ops.aten.tanh_backward(o, tanh_c), f
    if mask is not None:
        da *= mask
        dc_by_dh *= mask
        kept = torch.lerp(torch.ones_like(f), f, mask)
    # dc multiplies three blocks in one call.
    da_c, dc = da[..., : 3 * H].unflatten(-1, (3, H)), d_state[1].clone()
    dc_c = dc[:, None]
    rows = list(zip(*(x.unbind() for x in (da_c, da_o, dc_by_dh, kept)), strict=True))

    def local(t: int, d: Tensor) -> None:
        da_c, da_o, dc_by_dh, kept = rows[t]
        dc.addcmul_(d, dc_by_dh)
        da_o.mul_(d)
        da_c.mul_(dc_c)
        dc.mul_(kept)

    carry = None if mask is None else 1 - mask
    dh, total = run_back(dhs, d_state[0], da, W, carry, local)
    return da, da, (dh, dc), total
