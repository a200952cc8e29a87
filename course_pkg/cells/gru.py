"""The GRU of torch and cuDNN: the reset gate acts after the product, on W_hn h + b_hn.

Weights have three blocks of H rows in torch's order: r, z, n. The update gate z means
*keep*: h_t = (1 - z) n + z h_{t-1}, as in Cho et al. 2014. Elsewhere, as in Chung
et al. 2014, it means *change*, h_t = (1 - u) h_{t-1} + u n. As u = 1 - z, both are the
same model, and `negate_update` converts the weights.
"""

from typing import NamedTuple

from course_pkg.arrays import Array, blocks, expect, join, namespace, sigmoid


class Tape(NamedTuple):
    """What the backward pass needs, each (B, H); m is W_hn h_{t-1} + b_hn."""

    r: Array
    z: Array
    n: Array
    m: Array
    h_prev: Array


def step(gi: Array, gh: Array, state: Array) -> tuple[Array, Tape]:
    """Take one step from h_{t-1} to h_t, which lies between n and h_{t-1}.

    gi (B, 3H): W_ih x_t + b_ih; gh (B, 3H): W_hh h_{t-1} + b_hh; state (B, H).
    Returns h_t (B, H) and the tape. Source: Cho et al. 2014; reset as in cuDNN.
    """
    i_r, i_z, i_n = blocks(gi, 3)
    h_r, h_z, m = blocks(gh, 3)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = namespace(gi).tanh(i_n + r * m)
    return (1 - z) * n + z * state, Tape(r, z, n, m, state)


def step_grad(d_state: Array, tape: Tape) -> tuple[Array, Array, Array]:
    """Take one step back from ∂L/∂h_t.

    d_state (B, H). Returns dgi, dgh (B, 3H), which differ in the block n because r
    scales the state's half only, and the gradient (B, H) of what h_{t-1} does other
    than through gh: the share z of it is kept.
    """
    r, z, n, m, h_prev = tape
    dz, dn = d_state * (h_prev - n), d_state * (1 - z)
    da_n = dn * (1 - n**2)
    dr, dm = da_n * m, da_n * r
    da_r, da_z = dr * r * (1 - r), dz * z * (1 - z)
    return join(da_r, da_z, da_n), join(da_r, da_z, dm), d_state * z


def negate_update(params: dict[str, Array]) -> dict[str, Array]:
    """Turn weights for *keep* into weights for *change*, or back: σ(-a) = 1 - σ(a).

    params: weights (G·H, ·) and biases (G·H,), G = 3, of one or more layers.
    Returns a new dict whose block z is negated. Raises ValueError for other shapes.
    """
    return {name: _negate_z(name, p) for name, p in params.items()}


def _negate_z(name: str, p: Array) -> Array:
    expect(len(p) % 3 == 0, name, "3H rows, blocks r z n", len(p))
    H = len(p) // 3
    return namespace(p).concat((p[:H], -p[H : 2 * H], p[2 * H :]))
