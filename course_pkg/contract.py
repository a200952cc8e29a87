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


def _expect_state(
    name: str, cell: Any, state: Any, x: Array, W_hh: Array, mask: Array | None
) -> None:
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
