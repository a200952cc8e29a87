"""torch's LSTM with proj_size: h_t = W_hr (o tanh c), P numbers instead of H.

Only the output is narrower: c (B, H) and the four gates stay as in the LSTM.
"""

from typing import Any, NamedTuple

from course_pkg.arrays import Array, linear, namespace
from course_pkg.cells import lstm
from course_pkg.cells.lstm import Pair, Tape


class Projected(NamedTuple):
    """A cell with W_hr (P, H) of its own."""

    W_hr: Array = None

    @property
    def parts(self) -> int:
        """Return of how many arrays a state is a tuple: h and c."""
        return 2

    @property
    def own(self) -> tuple[str, ...]:
        """Return the name of the cell's own weight in params."""
        return ("weight_hr",)

    @property
    def width(self) -> int:
        """Return H, the width of c."""
        return self.W_hr.shape[1]

    def bind(self, params: dict[str, Array]) -> "Projected":
        """Return the cell with weight_hr (P, H) of params."""
        return Projected(params["weight_hr"])

    def step(self, gi: Array, gh: Array, state: Pair) -> tuple[Pair, Tape]:
        """Take one step from (h_{t-1}, c_{t-1}) to (h_t, c_t).

        gi, gh (B, 4H): as in the LSTM; state: h (B, P), c (B, H). Returns (h_t, c_t)
        and the LSTM's tape. Source: Sak, Senior, Beaufays 2014.
        """
        (h, c), tape = lstm.step(gi, gh, state)
        return (linear(h, self.W_hr), c), tape

    def step_grad(self, d_state: Pair, tape: Tape) -> tuple[Array, Array, Pair]:
        """Take one step back: through the projection, then through the LSTM.

        d_state: dh (B, P), dc (B, H). Returns dgi, dgh (B, 4H) and the direct gradients
        of h_{t-1} and c_{t-1}, as in the LSTM.
        """
        dh, dc = d_state
        dgi, dgh, (_, dc_prev) = lstm.step_grad((dh @ self.W_hr, dc), tape)
        return dgi, dgh, (namespace(dh).zeros_like(dh), dc_prev)

    def own_grads(self, tape: Any, dgi: Array, dh: Array) -> dict[str, Array]:
        """Return the gradient of weight_hr (P, H).

        tape: of ``scan``, with T in front; dgi: not needed; dh (T, B, P): ∂L/∂h_t, zero
        where a mask held the state.
        """
        h = tape.o * tape.tanh_c
        return {"weight_hr": namespace(dh).einsum("tbp,tbh->ph", dh, h)}
