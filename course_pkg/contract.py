"""What every (scan, scan_grad) pair shares: the errors at its border.

The reference pair is in bptt.py; what each argument is stands there.
"""

from typing import Any

from course_pkg.arrays import Array, expect, expect_shape


def expect_scan(
    cell: Any, gi: Array, state: Any, W_hh: Array, mask: Array | None
) -> None:
    """Raise ValueError unless gi (T, B, G·H) and the rest fit, as in `bptt.scan`."""
    fits = gi.ndim == 3 and len(gi) > 0 and gi.shape[-1] == len(W_hh)
    want = f"(T, B, G·H) with T ≥ 1 and G·H = {len(W_hh)}"
    expect(fits, "gi", want, tuple(gi.shape))
    _expect_state("state", cell, state, gi, W_hh, mask)


def expect_scan_grad(
    cell: Any, dhs: Array, d_state: Any, tape: Any, W_hh: Array, mask: Array | None
) -> None:
    """Raise ValueError unless dhs (T, B, H) and all fit, as in `bptt.scan_grad`."""
    expect_shape("dhs", dhs, "T B H", *tape.h_prev.shape)
    _expect_state("d_state", cell, d_state, dhs, W_hh, mask)


def expect_weight_grads(
    params: Any, x: Array, tape: Any, dgi: Array, dgh: Array
) -> None:
    """Raise ValueError unless dgi, dgh (T, B, G·H) fit, as in `bptt.weight_grads`."""
    names = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}
    want = "weight_ih, with weight_hh, bias_ih, bias_hh or none"
    expect("weight_ih" in params and params.keys() <= names, "params", want, [*params])
    (T, B), W_ih = tape.h_prev.shape[:2], params["weight_ih"]
    expect_shape("x", x, "T B I", T, B, W_ih.shape[1])
    expect_shape("dgi", dgi, "T B G·H", T, B, len(W_ih))
    expect_shape("dgh", dgh, "T B G·H", T, B, len(W_ih))


def _expect_state(
    name: str, cell: Any, state: Any, x: Array, W_hh: Array, mask: Array | None
) -> None:
    own = [f for f in getattr(cell, "_fields", ()) if f[0] in "wW"]
    bound = all(getattr(cell, f) is not None for f in own)
    expect(bound, "cell", f"{', '.join(own)} of bptt.bind(cell, params)", None)
    (T, B), H = x.shape[:2], W_hh.shape[1]
    h, *rest = state if isinstance(state, tuple) else (state,)
    # A batch of two would otherwise pass for a pair of h and c.
    n = getattr(cell, "parts", 1 + len(rest))
    expect(1 + len(rest) == n, name, f"a tuple of {n} arrays", f"{1 + len(rest)}")
    expect_shape(name, h, "B H", B, H)
    older = getattr(cell, "older", 0)  # how many of the last parts are h of the past
    want = f"a tuple that ends in {older} earlier h"
    expect(len(rest) >= older, name, want, f"{1 + len(rest)} array(s)")
    for k, part in enumerate(rest):
        width = H if k >= len(rest) - older else getattr(cell, "width", H)
        expect_shape(name, part, "B H", B, width)
    if mask is not None:
        expect_shape("mask", mask, "T B 1", T, B, 1)
