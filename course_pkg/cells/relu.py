"""The Elman cell with a rectifier for tanh: h_t = max(0, a_t). Nothing saturates."""

from course_pkg.arrays import Array
from course_pkg.cells.elman import Tape


def step(gi: Array, gh: Array, state: Array) -> tuple[Array, Tape]:
    """Take one step from h_{t-1} to h_t ≥ 0.

    gi, gh, state (B, H): as in the Elman cell. Returns h_t (B, H) and the tape.
    Source: Le, Jaitly, Hinton 2015.
    """
    h = (gi + gh).clip(min=0)
    return h, Tape(h, state)


def step_grad(d_state: Array, tape: Tape) -> tuple[Array, Array, Array]:
    """Take one step back from ∂L/∂h_t: the gradient passes where h_t > 0.

    d_state (B, H). Returns dgi, dgh and the direct gradient of h_{t-1}, all (B, H),
    as in the Elman cell.
    """
    da = d_state * (tape.h > 0)
    return da, da, 0 * da
