"""The Elman cell: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)."""

from typing import NamedTuple

from course_pkg.arrays import Array, namespace


class Tape(NamedTuple):
    """What the backward pass needs: h (B, H), and h_prev (B, H), which W_hh met."""

    h: Array
    h_prev: Array


def step(gi: Array, gh: Array, state: Array) -> tuple[Array, Tape]:
    """Take one step from h_{t-1} to h_t.

    gi (B, H): W_ih x_t + b_ih; gh (B, H): W_hh h_{t-1} + b_hh; state (B, H): h_{t-1}.
    Returns h_t (B, H) in (-1, 1) and the tape.
    Source: eq-elman-step; Elman, Finding Structure in Time, 1990.
    """
    h = namespace(gi).tanh(gi + gh)
    return h, Tape(h, state)


def step_grad(d_state: Array, tape: Tape) -> tuple[Array, Array, Array]:
    """Take one step back from ∂L/∂h_t.

    d_state (B, H). Returns dgi, dgh (B, H), equal because h sees their sum only, and
    the gradient (B, H) of what h_{t-1} does other than through gh: for Elman, nothing.
    Source: eq-bptt-local; Werbos 1990.
    """
    da = d_state * (1 - tape.h**2)
    return da, da, namespace(da).zeros_like(da)
