"""The LSTM with peepholes: the gates see the cell state, too, one weight per unit.

i and f look at c_{t-1}, which is all there is when they act; o looks at the new c_t.
"""

from typing import Any, NamedTuple

from course_pkg.arrays import Array, blocks, join, namespace, sigmoid
from course_pkg.cells.lstm import Pair


class Tape(NamedTuple):
    """What the backward pass needs, each (B, H): as in the LSTM, and c_t itself."""

    i: Array
    f: Array
    g: Array
    o: Array
    c_prev: Array
    c: Array
    h_prev: Array


class Peephole(NamedTuple):
    """A cell with three weights of its own: w_ci, w_cf, w_co (H,)."""

    w_ci: Array = None
    w_cf: Array = None
    w_co: Array = None

    @property
    def parts(self) -> int:
        """Return of how many arrays a state is a tuple: h and c."""
        return 2

    @property
    def own(self) -> tuple[str, ...]:
        """Return the names of the cell's own weights in params."""
        return "weight_ci", "weight_cf", "weight_co"

    def bind(self, params: dict[str, Array]) -> "Peephole":
        """Return the cell with its weights (H,) from params."""
        return Peephole(*(params[name] for name in self.own))

    def step(self, gi: Array, gh: Array, state: Pair) -> tuple[Pair, Tape]:
        """Take one step from (h_{t-1}, c_{t-1}) to (h_t, c_t).

        gi, gh (B, 4H), blocks i f g o, and state: as in the LSTM.
        Returns (h_t, c_t) and the tape. Source: Gers, Schraudolph, Schmidhuber 2002.
        """
        h_prev, c_prev = state
        a_i, a_f, a_g, a_o = blocks(gi + gh, 4)
        i, f = sigmoid(a_i + self.w_ci * c_prev), sigmoid(a_f + self.w_cf * c_prev)
        g = namespace(gi).tanh(a_g)
        c = f * c_prev + i * g
        o = sigmoid(a_o + self.w_co * c)
        return (o * namespace(gi).tanh(c), c), Tape(i, f, g, o, c_prev, c, h_prev)

    def step_grad(self, d_state: Pair, tape: Tape) -> tuple[Array, Array, Pair]:
        """Take one step back: c_t is reached through h_t, c_{t+1} and now the gate o.

        d_state: dh, dc (B, H). Returns dgi, dgh (B, 4H) and the direct gradients of
        h_{t-1} and of c_{t-1}, which now also acts through i and f.
        """
        (dh, dc), (i, f, g, o, c_prev, c, _) = d_state, tape
        tanh_c = namespace(c).tanh(c)
        da_o = dh * tanh_c * o * (1 - o)
        dc = dc + dh * o * (1 - tanh_c**2) + da_o * self.w_co
        da_i, da_f = dc * g * i * (1 - i), dc * c_prev * f * (1 - f)
        da = join(da_i, da_f, dc * i * (1 - g**2), da_o)
        dc_prev = dc * f + da_i * self.w_ci + da_f * self.w_cf
        return da, da, (namespace(da).zeros_like(dh), dc_prev)

    def own_grads(self, tape: Any, dgi: Array, dh: Array) -> dict[str, Array]:
        """Return the gradients (H,) of the cell's own weights.

        tape: of ``scan``, with T in front; dgi (T, B, 4H); dh (T, B, H): not needed.
        """
        da_i, da_f, _, da_o = blocks(dgi, 4)
        meets = da_i * tape.c_prev, da_f * tape.c_prev, da_o * tape.c
        return {n: m.sum((0, 1)) for n, m in zip(self.own, meets, strict=True)}
