"""The Elman cell without a bend: h_t = a_t. One unit can add, and nothing saturates."""

from course_pkg.arrays import Array, namespace
from course_pkg.cells.elman import Tape


def step(gi: Array, gh: Array, state: Array) -> tuple[Array, Tape]:
    """Take one step from h_{t-1} to h_t, which has no bound.

    gi, gh, state (B, H): as in the Elman cell. Returns h_t (B, H) and the tape.
    Source: Elman 1990, with the identity for tanh.
    """
    h = gi + gh
    return h, Tape(h, state)


def step_grad(d_state: Array, tape: Tape) -> tuple[Array, Array, Array]:
    """Take one step back from ∂L/∂h_t: the gradient passes as it is.

    d_state (B, H). Returns dgi, dgh and the direct gradient of h_{t-1}, all (B, H),
    as in the Elman cell.
    """
    return d_state, d_state, namespace(d_state).zeros_like(d_state)
