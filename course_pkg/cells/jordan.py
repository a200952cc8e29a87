"""The Jordan cell: what feeds back is the output, so memory holds only what it shows.

h_t = tanh(W_ih x_t + b_ih + W_hh s_{t-1} + b_hh), y_t = σ_y(W_hy h_t + b_y), and the
state is the context s_t = decay s_{t-1} + y_t. Without decay the state is y_t itself.
"""

from typing import Any, NamedTuple

from course_pkg.arrays import Array, expect, linear, namespace, sigmoid


class Tape(NamedTuple):
    """What the backward pass needs: h (B, H), y (B, O), and h_prev (B, O): s_{t-1}."""

    h: Array
    y: Array
    h_prev: Array


class Jordan(NamedTuple):
    """A cell with W_hy (O, H) and b_y (O,) of its own.

    activation: σ_y, "sigmoid", "tanh" or "linear"; decay in [0, 1): of the context.
    """

    activation: str = "sigmoid"
    decay: float = 0.0
    W_hy: Array = None
    b_y: Array | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """Return the names of the cell's own weights in params."""
        return "weight_hy", "bias_y"

    def bind(self, params: dict[str, Array]) -> "Jordan":
        """Return the cell with weight_hy (O, H) and bias_y (O,), or none, of params."""
        expect_kind(self.activation, self.decay)
        return self._replace(W_hy=params["weight_hy"], b_y=params.get("bias_y"))

    def step(self, gi: Array, gh: Array, state: Array) -> tuple[Array, Tape]:
        """Take one step from the context s_{t-1} to s_t.

        gi (B, H): W_ih x_t + b_ih; gh (B, H): W_hh s_{t-1} + b_hh; state (B, O).
        Returns s_t (B, O), which is y_t without decay, and the tape.
        Source: Jordan, Serial Order: A Parallel Distributed Processing Approach, 1986.
        """
        h = namespace(gi).tanh(gi + gh)
        y = self._output(linear(h, self.W_hy, self.b_y))
        return self.decay * state + y, Tape(h, y, state)

    def step_grad(self, d_state: Array, tape: Tape) -> tuple[Array, Array, Array]:
        """Take one step back from ∂L/∂s_t.

        d_state (B, O). Returns dgi, dgh (B, H), equal because h sees their sum only,
        and the gradient (B, O) of what s_{t-1} does other than through gh: it decays.
        """
        dh = self._output_grad(d_state, tape.y) @ self.W_hy
        da = dh * (1 - tape.h**2)
        return da, da, d_state * self.decay

    def own_grads(self, tape: Any, dgi: Array, dh: Array) -> dict[str, Array]:
        """Return the gradients of weight_hy (O, H) and bias_y (O,).

        tape: of ``scan``, with T in front; dgi (T, B, H): not needed; dh (T, B, O):
        ∂L/∂s_t, zero where a mask held the state.
        """
        da_y = self._output_grad(dh, tape.y)
        outer = namespace(dh).einsum("tbo,tbh->oh", da_y, tape.h)
        return dict(zip(self.own, (outer, da_y.sum((0, 1))), strict=True))

    def _output(self, a: Array) -> Array:
        if self.activation == "sigmoid":
            return sigmoid(a)
        return namespace(a).tanh(a) if self.activation == "tanh" else a

    def _output_grad(self, dy: Array, y: Array) -> Array:
        if self.activation == "sigmoid":
            return dy * y * (1 - y)
        return dy * (1 - y**2) if self.activation == "tanh" else dy


def expect_kind(activation: str, decay: float) -> None:
    """Raise ValueError for an unknown activation, or a decay outside [0, 1)."""
    known, want = ("sigmoid", "tanh", "linear"), "'sigmoid', 'tanh' or 'linear'"
    expect(activation in known, "activation", want, repr(activation))
    expect(0 <= decay < 1, "decay", "a number in [0, 1)", decay)
