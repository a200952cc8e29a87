"""The LSTM before it could forget: c_t = c_{t-1} + i g, a sum without bound.

Weights have three blocks of H rows: i, g, o. From c_{t-1} to c_t leads a factor 1.
"""

from typing import NamedTuple

from course_pkg.arrays import Array, blocks, join, namespace, sigmoid
from course_pkg.cells.lstm import Pair

parts = 2  # a state is (h, c)


class Tape(NamedTuple):
    """What the backward pass needs, each (B, H); g is the candidate."""

    i: Array
    g: Array
    o: Array
    tanh_c: Array
    h_prev: Array


def step(gi: Array, gh: Array, state: Pair) -> tuple[Pair, Tape]:
    """Take one step from (h_{t-1}, c_{t-1}) to (h_t, c_t).

    gi, gh (B, 3H): halves of the pre-activations of i, g, o; state: h, c (B, H).
    Returns (h_t, c_t) and the tape. Source: Hochreiter, Schmidhuber 1997.
    """
    h_prev, c_prev = state
    a_i, a_g, a_o = blocks(gi + gh, 3)
    i, o = sigmoid(a_i), sigmoid(a_o)
    g = namespace(gi).tanh(a_g)
    c = c_prev + i * g
    tanh_c = namespace(gi).tanh(c)
    return (o * tanh_c, c), Tape(i, g, o, tanh_c, h_prev)


def step_grad(d_state: Pair, tape: Tape) -> tuple[Array, Array, Pair]:
    """Take one step back: what c_t receives, c_{t-1} receives whole.

    d_state: dh, dc (B, H). Returns dgi, dgh (B, 3H) and the direct gradients of h_{t-1}
    and c_{t-1}, as in the LSTM.
    """
    dh, dc = d_state
    i, g, o, tanh_c, _ = tape
    do = dh * tanh_c
    dc = dc + dh * o * (1 - tanh_c**2)
    di, dg = dc * g, dc * i
    da = join(di * i * (1 - i), dg * (1 - g**2), do * o * (1 - o))
    return da, da, (namespace(da).zeros_like(dh), dc)
