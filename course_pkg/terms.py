"""Jacobians of gated cells taken apart: the ways from one state to the next."""

from typing import Any, NamedTuple

from course_pkg.arrays import Array, blocks, expect, eye, namespace
from course_pkg.bptt import Cell, Params, bind
from course_pkg.spectra import jacobians


class Paths(NamedTuple):
    """From c_{t-1} to c_t: direct (T, B, H), the factor of the cell's own line, and
    total (T, B, H, H), which adds the way through h_{t-1} and the gates.
    """

    direct: Array
    total: Array


class Terms(NamedTuple):
    """The three terms, each (T, B, H, H), of a GRU's Jacobian ∂h_t/∂h_{t-1}.

    keep: the state that stays; candidate: by way of n; gate: by way of z.
    """

    keep: Array
    candidate: Array
    gate: Array


def paths(cell: Cell, params: Params, tape: Any) -> Paths:
    """Separate the direct path of an LSTM's cell state from all paths together.

    tape: of ``scan`` over any batch (T, B, ·), without a mask; cell: one whose tape has
    o and tanh_c. In step 1 both agree: h_0 does not come from c_0.
    Source: in the LSTM direct is f_t; Hochreiter and Schmidhuber 1997, appendix A.1.
    """
    fits = hasattr(tape, "tanh_c") and tape.h_prev.shape == tape.o.shape
    expect(fits, "tape", "that of an LSTM whose h is o tanh c", tape._fields)
    H, state = tape.o.shape[-1], (tape.h_prev[0], tape.tanh_c[0])
    J = jacobians(bind(cell, params), state, tape, params["weight_hh"])
    by_c, by_h = J[..., -H:, -H:], J[..., -H:, :-H]
    direct = (by_c * eye(H, by_c)).sum(-1)
    # Row k of by_h meets h_{t-1} = o_{t-1} tanh c_{t-1}, entry by entry.
    slope = (tape.o * (1 - tape.tanh_c**2))[:-1]
    later = by_c[1:] + by_h[1:] * slope[:, :, None, :]
    return Paths(direct, namespace(later).concat([by_c[:1], later]))


def gru_terms(params: Params, tape: Any) -> Terms:
    """Split the Jacobian of a GRU, of either form, into its three terms.

    params: weight_hh (G·H, H) with G = 3; tape: of ``scan``, without a mask. Their sum
    is ∂h_t/∂h_{t-1}; the third is the one that is easily forgotten.
    Source: with z for *keep*, diag(z) + diag(1-z) ∂n/∂h + diag(h_{t-1}-n) ∂z/∂h.
    """
    expect(hasattr(tape, "z"), "tape", "that of a GRU", tape._fields)
    r, z, n, _, h = tape
    W_r, W_z, W_n = (W.mT for W in blocks(params["weight_hh"].mT, 3))
    dr, dz, dn = r * (1 - r), z * (1 - z), 1 - n**2
    if hasattr(tape, "m"):  # reset after the product: n looks at r m
        to_n = _rows(dn * r, W_n) + _rows(dn * tape.m * dr, W_r)
    else:  # reset before it: n looks at W_n v, v = r h
        to_v = _rows(h * dr, W_r) + _rows(r, eye(len(W_r), W_r))
        to_n = dn[..., None] * (W_n @ to_v)
    keep = _rows(z, eye(len(W_z), W_z))
    return Terms(keep, (1 - z)[..., None] * to_n, _rows((h - n) * dz, W_z))


def _rows(scale: Array, W: Array) -> Array:
    """Scale the rows of W (H, H) by (T, B, H): diag(scale) W, (T, B, H, H)."""
    return scale[..., None] * W
