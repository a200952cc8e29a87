"""The LSTM: gates keep, erase and add to a cell state c, and show it as h = o tanh c.

Weights have torch's four blocks of H rows in torch's order: i, f, g, o.
"""

from typing import NamedTuple

from course_pkg.arrays import Array, blocks, expect, join, namespace, sigmoid

Pair = tuple[Array, Array]

parts = 2  # a state is (h, c)


class Tape(NamedTuple):
    """What the backward pass needs, each (B, H); g is the candidate."""

    i: Array
    f: Array
    g: Array
    o: Array
    c_prev: Array
    tanh_c: Array
    h_prev: Array


def step(gi: Array, gh: Array, state: Pair) -> tuple[Pair, Tape]:
    """Take one step from (h_{t-1}, c_{t-1}) to (h_t, c_t).

    gi (B, 4H): W_ih x_t + b_ih; gh (B, 4H): W_hh h_{t-1} + b_hh; state: h, c (B, H).
    Returns (h_t, c_t), h_t in (-1, 1) and c_t without bound, and the tape.
    Source: Hochreiter, Schmidhuber 1997; forget gate: Gers, Schmidhuber, Cummins 2000.
    """
    h_prev, c_prev = state
    a_i, a_f, a_g, a_o = blocks(gi + gh, 4)
    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o)
    g = namespace(gi).tanh(a_g)
    c = f * c_prev + i * g
    tanh_c = namespace(gi).tanh(c)
    return (o * tanh_c, c), Tape(i, f, g, o, c_prev, tanh_c, h_prev)


def step_grad(d_state: Pair, tape: Tape) -> tuple[Array, Array, Pair]:
    """Take one step back from ∂L/∂h_t and ∂L/∂c_t.

    d_state: dh, dc (B, H). Returns dgi, dgh (B, 4H), equal because the gates see their
    sum only, and the gradients (B, H) of what h_{t-1} and c_{t-1} do other than through
    gh: for h nothing, for c the direct path through the forget gate.
    """
    dh, dc = d_state
    i, f, g, o, c_prev, tanh_c, _ = tape
    do = dh * tanh_c
    dc = dc + dh * o * (1 - tanh_c**2)
    di, df, dg = dc * g, dc * c_prev, dc * i
    da_i, da_f, da_o = di * i * (1 - i), df * f * (1 - f), do * o * (1 - o)
    da_g = dg * (1 - g**2)
    da = join(da_i, da_f, da_g, da_o)
    return da, da, (namespace(da).zeros_like(dh), dc * f)


def from_concat(W: Array, b: Array, order: str = "fico") -> dict[str, Array]:
    """Turn the form with one matrix, W [h, x] + b, into torch's weights.

    W (G·H, H + I) with G = 4; b (G·H,); order: its blocks of rows, a letter each, where
    c or g is the candidate. Returns weight_ih, weight_hh, bias_ih, and bias_hh = 0.
    Raises ValueError for other orders and shapes.
    """
    letters = order.replace("c", "g")
    expect(sorted(letters) == list("fgio"), "order", "letters i f c o", repr(order))
    H, rest = divmod(len(W), 4)
    fits = rest == 0 and W.ndim == 2 and W.shape[1] > H and tuple(b.shape) == (4 * H,)
    got = tuple(W.shape), tuple(b.shape)
    expect(fits, "W, b", "(G·H, H + I), (G·H,) with G = 4", got)
    rows = [slice(k * H, (k + 1) * H) for k in map(letters.index, "ifgo")]
    W, b = (namespace(W).concat([p[block] for block in rows]) for p in (W, b))
    return {
        "weight_ih": W[:, H:],
        "weight_hh": W[:, :H],
        "bias_ih": b,
        "bias_hh": 0 * b,
    }
