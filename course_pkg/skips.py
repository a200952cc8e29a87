"""Skip connections over time: a cell that also reads its states of d steps before.

W_d h_{t-d} joins the input's half of the pre-activations, for each delay d ≥ 2, so it
suits every cell and leaves its equations alone. The state carries what is not yet old
enough to be read: the cell's own parts, then h of one step before, of two, and so on.
"""

from collections import namedtuple
from functools import cache
from typing import Any, NamedTuple, cast

from course_pkg.arrays import Array, blocks, join, linear, namespace
from course_pkg.bptt import Cell, Params, State, add_to_hidden, bind, hidden


class Skip(NamedTuple):
    """A cell with delays, different integers ≥ 2, and a weight of its own for each.

    W (G·H, N·H): those of the N delays side by side. A step that a mask holds is no
    step: h_{t-d} is the state of d true steps before.
    """

    cell: Cell
    delays: tuple[int, ...]
    W: Array = None

    @property
    def own(self) -> tuple[str, ...]:
        """Return the names of the cell's own weights in params."""
        return getattr(self.cell, "own", ()) + self._names

    @property
    def older(self) -> int:
        """Return how many states before the present one the state carries."""
        return max(self.delays) - 1

    @property
    def width(self) -> int:
        """Return the width of the cell's further parts, such as c."""
        return getattr(self.cell, "width", self.W.shape[1] // len(self.delays))

    def bind(self, params: Params) -> "Skip":
        """Return the cell with weight_skip… (G·H, H), and its other weights, bound."""
        W = join(*(params[name] for name in self._names))
        return Skip(bind(self.cell, params), self.delays, W)

    def step(self, gi: Array, gh: Array, state: State) -> tuple[State, Any]:
        """Take the cell's own step with Σ W_d h_{t-d} added to gi.

        gi, gh (B, G·H); state: the cell's parts, then h_{t-2}, h_{t-3}, … (B, H).
        Returns the next such state and the cell's tape, with what W met (B, N·H).
        Source: El Hihi and Bengio 1995.
        """
        now, old = self._split(state)
        met = join(*(old[d - 2] for d in self.delays))
        new, tape = self.cell.step(gi + linear(met, self.W), gh, now)
        state = *_parts(new), hidden(now), *old[:-1]
        longer: Any = _with_met(cast(Any, type(tape)))
        return state, longer(*tape, met)

    def step_grad(self, d_state: State, tape: Any) -> tuple[Array, Array, State]:
        """Take one step back: h_{t-d} hears of it at once, not through d steps.

        d_state: of the arrays that ``step`` returned, each (B, H). Returns dgi, dgh
        (B, G·H) and the direct gradients of all parts of the state before.
        """
        d_new, (d_newest, *d_old) = self._split(d_state)
        inner = type(tape).inner(*tape[:-1])
        dgi, dgh, d_now = self.cell.step_grad(d_new, inner)
        d_now = add_to_hidden(d_now, d_newest)
        d_old.append(namespace(dgi).zeros_like(d_newest))
        met_grads = blocks(dgi @ self.W, len(self.delays))
        for d, d_met in zip(self.delays, met_grads, strict=True):
            d_old[d - 2] = d_old[d - 2] + d_met
        return dgi, dgh, (*_parts(d_now), *d_old)

    def own_grads(self, tape: Any, dgi: Array, dh: Array) -> Params:
        """Return the gradients of weight_skip… (G·H, H) and of the cell's own weights.

        tape: of ``scan``, with T in front; dgi (T, B, G·H); dh (T, B, H): ∂L/∂h_t.
        """
        dW = namespace(dgi).einsum("tbg,tbm->gm", dgi, tape.met)
        grads = dict(zip(self._names, blocks(dW, len(self.delays)), strict=True))
        if not hasattr(self.cell, "own_grads"):
            return grads
        return self.cell.own_grads(tape, dgi, dh) | grads

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(f"weight_skip{d}" for d in self.delays)

    def _split(self, state: State) -> tuple[State, tuple[Array, ...]]:
        n = len(state) - self.older
        return state[:n] if n > 1 else state[0], state[n:]


def with_past(state: State, older: int) -> State:
    """Put zeros for the states before it behind a first state, of arrays (..., H).

    Returns a state for `Skip`: h_{t-d} counts for nothing where it never was.
    """
    zeros = namespace(hidden(state)).zeros_like(hidden(state))
    return *_parts(state), *[zeros] * older


def _parts(state: State) -> tuple[Array, ...]:
    return state if isinstance(state, tuple) else (state,)


@cache
def _with_met(tape: Any) -> Any:
    """Return the type of a tape with one more array than this type has."""
    fields: list[str] = [*tape._fields, "met"]
    longer = namedtuple("Tape", fields)  # type: ignore[misc]
    return type("Tape", (longer,), {"inner": tape})
