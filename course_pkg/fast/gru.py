"""The fast loops of the GRU whose reset gate acts after the product."""

import torch
from torch import Tensor

from course_pkg.cells.gru import Tape
from course_pkg.fast.products import adder, run_back, sigmoid_grad, tanh_grad


def run(
    gi: Tensor, h: Tensor, W: Tensor, b: Tensor | None, mask: Tensor | None
) -> tuple[Tensor, Tensor, Tape]:
    """Run forward over gi (T, B, 3H); arguments and results as in `bptt.scan`."""
    H = W.shape[1]
    hs, n = gi.new_empty(len(gi) + 1, *h.shape), gi.new_empty(*gi.shape[:2], H)
    hs[0] = h
    # gh comes in, and r, z, m are left in its place.
    gh = torch.empty_like(gi)
    add, (r, z, m) = adder(gh, None, W, b), gh.split(H, -1)
    both = gh[..., : 2 * H], gi[..., : 2 * H]
    steps = zip(
        *(x.unbind() for x in (*both, gi[..., 2 * H :], r, z, n, m)), strict=True
    )
    rows, keep = hs.unbind(), None if mask is None else (1 - mask).unbind()
    for t, (rz, i_rz, i_n, r_t, z_t, n_t, m_t) in enumerate(steps):
        add(t, rows[t])
        rz.add_(i_rz).sigmoid_()
        torch.addcmul(i_n, r_t, m_t, out=n_t).tanh_()
        h = torch.lerp(n_t, rows[t], z_t, out=rows[t + 1])
        if keep is not None:
            h.lerp_(rows[t], keep[t])
    return hs[1:], hs[-1].clone(), Tape(r, z, n, m, hs[:-1])


def run_grad(
    dhs: Tensor, dh: Tensor, tape: Tape, W: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Run back over dhs (T, B, H); arguments and results as in `bptt.scan_grad`."""
    r, z, n, m, h_prev = tape
    H = W.shape[1]
    dgh = dhs.new_empty(*dhs.shape[:2], 3 * H)
    d_r, d_z, d_m = blocks = dgh.split(H, -1)
    d_n, carry = tanh_grad(1 - z, n, grad_input=torch.empty_like(n)), z
    sigmoid_grad(d_n * m, r, grad_input=d_r)
    sigmoid_grad(h_prev - n, z, grad_input=d_z)
    torch.mul(d_n, r, out=d_m)
    if mask is not None:
        dgh *= mask
        d_n *= mask
        carry = torch.lerp(torch.ones_like(z), z, mask)
    rows = list(zip(*(x.unbind() for x in blocks), strict=True))

    def local(t: int, d: Tensor) -> None:
        for block in rows[t]:
            block.mul_(d)

    dh, total = run_back(dhs, dh, dgh, W, carry, local)
    dgi = dgh.clone()
    torch.mul(d_n, total, out=dgi[..., 2 * H :])
    return dgi, dgh, dh, total
