"""The fast loops of the LSTM."""

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
    hs[0], cs[0] = state
    # One sigmoid for all four blocks is faster than one each for those that need it.
    gates, (g, tanh_c) = torch.empty_like(gi), gi.new_empty(2, *gi.shape[:2], H)
    add, (i, f, a_g, o) = adder(gates, gi, W, b), gates.chunk(4, -1)
    steps = zip(*(x.unbind() for x in (gates, i, f, a_g, g, o, tanh_c)), strict=True)
    h_rows, c_rows = hs.unbind(), cs.unbind()
    keep = None if mask is None else (1 - mask).unbind()
    for t, (gates_t, i_t, f_t, a_t, g_t, o_t, tanh_t) in enumerate(steps):
        add(t, h_rows[t])
        torch.tanh(a_t, out=g_t)
        gates_t.sigmoid_()
        c = torch.mul(f_t, c_rows[t], out=c_rows[t + 1]).addcmul_(i_t, g_t)
        h = torch.mul(o_t, torch.tanh(c, out=tanh_t), out=h_rows[t + 1])
        if keep is not None:
            c.lerp_(c_rows[t], keep[t])
            h.lerp_(h_rows[t], keep[t])
    tape = Tape(i, f, g, o, cs[:-1], tanh_c, hs[:-1])
    return hs[1:], (hs[-1].clone(), cs[-1].clone()), tape


def run_grad(
    dhs: Tensor, d_state: Pair, tape: Tape, W: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor, Pair, Tensor]:
    """Run back over dhs (T, B, H); arguments and results as in `bptt.scan_grad`."""
    i, f, g, o, c_prev, tanh_c, _ = tape
    da = dhs.new_empty(*dhs.shape[:2], len(W))
    da_i, da_f, da_g, da_o = blocks = da.split(W.shape[1], -1)
    sigmoid_grad(g, i, grad_input=da_i)
    sigmoid_grad(c_prev, f, grad_input=da_f)
    tanh_grad(i, g, grad_input=da_g)
    sigmoid_grad(tanh_c, o, grad_input=da_o)
    dc_by_dh, kept = torch.ops.aten.tanh_backward(o, tanh_c), f
    if mask is not None:
        da *= mask
        dc_by_dh *= mask
        kept = torch.lerp(torch.ones_like(f), f, mask)
    rows = list(zip(*(x.unbind() for x in (*blocks, dc_by_dh, kept)), strict=True))
    dc = d_state[1].clone()

    def local(t: int, d: Tensor) -> None:
        da_i, da_f, da_g, da_o, dc_by_dh, kept = rows[t]
        dc.addcmul_(d, dc_by_dh)
        da_o.mul_(d)
        da_i.mul_(dc)
        da_f.mul_(dc)
        da_g.mul_(dc)
        dc.mul_(kept)

    carry = None if mask is None else 1 - mask
    dh, total = run_back(dhs, d_state[0], da, W, carry, local)
    return da, da, (dh, dc), total
