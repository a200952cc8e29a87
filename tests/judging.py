"""Judge a cell: autograd on a formula, against our forward and backward."""

import torch
from oracle import B, H, I, T, draw, draw_mask, to

from course_pkg import bptt


def problem(G, mask="none", bias=True, widths=(H,), own=()):
    """Draw all that forward and backward take, large enough for gates to bend.

    widths: of the state's parts, the first is what W_hh meets; own: further weights as
    (name, shape) pairs.
    """
    shapes = {"weight_ih": (G * H, I), "weight_hh": (G * H, widths[0])}
    if bias:
        shapes |= {"bias_ih": (G * H,), "bias_hh": (G * H,)}
    shapes |= dict(own)
    params = {k: 0.6 * draw(20 + i, *s) for i, (k, s) in enumerate(shapes.items())}
    state, d_state = (
        tuple(draw(seed + j, B, W) for j, W in enumerate(widths)) for seed in (1, 5)
    )
    if len(widths) == 1:
        state, d_state = state[0], d_state[0]
    x, dhs = draw(0, T, B, I), draw(9, T, B, widths[0])
    return params, x, state, draw_mask(mask), dhs, d_state


def run(cell, params, x, state, mask, dhs, d_state):
    """Run our forward and backward: outputs, last state and every gradient."""
    hs, last, tape = bptt.forward(cell, params, x, state, mask)
    grads, dx, d_state0 = bptt.backward(cell, params, x, dhs, d_state, tape, mask)
    out = {"hs": hs, "last": last, "grads": grads}
    return out | {"dx": dx, "d_state0": d_state0}


def judge(formula, params, x, state, mask, dhs, d_state):
    """Step formula(params, x_t, state) and let autograd find every gradient."""
    parts = state if isinstance(state, tuple) else (state,)
    d_parts = d_state if isinstance(state, tuple) else (d_state,)
    leaf = {"requires_grad": True}
    params = {name: torch.tensor(p, **leaf) for name, p in params.items()}
    x, first = torch.tensor(x, **leaf), [torch.tensor(p, **leaf) for p in parts]
    mask, now, hs = to("torch", mask), tuple(first), []
    for t in range(T):
        new = formula(params, x[t], now if len(now) > 1 else now[0])
        new = new if isinstance(new, tuple) else (new,)
        pairs = zip(new, now, strict=True)
        now = (
            new if mask is None else tuple(torch.where(mask[t] > 0, *p) for p in pairs)
        )
        hs.append(now[0])
    loss = (torch.stack(hs) * torch.tensor(dhs)).sum()
    loss = loss + sum(
        (p * torch.tensor(d)).sum() for p, d in zip(now, d_parts, strict=True)
    )
    loss.backward()
    d_first = tuple(p.grad for p in first)
    return {
        "hs": torch.stack(hs),
        "last": now if len(now) > 1 else now[0],
        "grads": {name: p.grad for name, p in params.items()},
        "dx": x.grad,
        "d_state0": d_first if len(now) > 1 else d_first[0],
    }


def halves(params, x, h):
    """Return W_ih x + b_ih and W_hh h + b_hh."""
    linear = torch.nn.functional.linear
    return (
        linear(x, params["weight_ih"], params.get("bias_ih")),
        linear(h, params["weight_hh"], params.get("bias_hh")),
    )
