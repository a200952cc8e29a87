"""Clipping: how long a gradient may be, of all parameters or of the state.

Gradients are dicts of arrays, as in bptt. New dicts come out, nothing is changed.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from course_pkg.arrays import Array, expect, namespace
from course_pkg.bptt import Cell, State, each

Arrays = dict[str, Array]
EPS = 1e-6  # torch's: a clipped gradient is shorter than the limit by about this share


def parameter_norms(grads: Arrays) -> dict[str, Array]:
    """Return the norm of each gradient by itself: arrays of any shape -> scalars."""
    return {name: (g**2).sum() ** 0.5 for name, g in grads.items()}


def global_norm(grads: Arrays) -> Array:
    """Return the norm of all gradients, of any shape, laid end to end: a scalar."""
    return sum((g**2).sum() for g in grads.values()) ** 0.5


def clip_norm(grads: Arrays, limit: float) -> tuple[Arrays, Array]:
    """Shorten all gradients by one factor, min(1, limit / (norm + 1e-6)).

    grads: arrays of any shape; limit > 0. The direction stays, and a zero gradient is
    left as it is. Returns new grads and the norm before. Raises ValueError where the
    norm is not finite: it would turn every parameter into NaN.
    Source: Pascanu, Mikolov, Bengio 2013, and torch.nn.utils.clip_grad_norm_.
    """
    _expect_limit(limit)
    norm = global_norm(grads)
    expect(math.isfinite(norm), "grads", "a finite norm", float(norm))
    factor = min(1.0, limit / (norm + EPS))
    return {name: factor * g for name, g in grads.items()}, norm


def clip_value(grads: Arrays, limit: float) -> Arrays:
    """Cut every entry to [-limit, limit]; this can turn the direction.

    grads: arrays of any shape; limit > 0. Source: Mikolov 2012, section 3.2.2.
    """
    _expect_limit(limit)
    return {k: namespace(g).clip(g, -limit, limit) for k, g in grads.items()}


def cosine(a: Arrays, b: Arrays) -> float:
    """Return the cosine of the angle between two gradients, 0 where one is zero.

    a, b: dicts of arrays of any shape, with the same keys. A result in [-1, 1].
    """
    expect(a.keys() == b.keys(), "b", f"the keys {sorted(a)}", sorted(b))
    size = float(global_norm(a)) * float(global_norm(b))
    return float(sum((a[name] * b[name]).sum() for name in a)) / size if size else 0.0


def choose_limit(norms: Iterable[float], share: float = 0.05) -> float:
    """Return the limit that would have clipped this share of the recorded norms.

    norms: one per step of an unclipped run; those that are not finite count as large.
    share in [0, 1). A limit inside the bulk acts as a smaller learning rate.
    Raises ValueError where no finite limit would do.
    """
    expect(0 <= share < 1, "share", "a share in [0, 1)", share)
    sizes = sorted(n if math.isfinite(n) else math.inf for n in map(float, norms))
    expect(len(sizes) > 0, "norms", "at least one norm", "none")
    limit = sizes[math.ceil((1 - share) * len(sizes)) - 1]
    want = f"at most a share of {share} that is not finite"
    expect(math.isfinite(limit), "norms", want, sum(map(math.isinf, sizes)))
    return limit


@dataclass(frozen=True)
class ClippedCell:
    """A cell whose state gradient is clipped at each step on its way back.

    In `bptt.scan_grad` the gradient that reaches the state of a step, from its own loss
    and from all later steps, is clipped before it goes on: with by="norm" to one norm
    per sequence over all parts of the state, with by="value" entry by entry; a cell's
    own weights that meet h, as Jordan's, hear of h's part, clipped by itself. The
    result is no longer the gradient of any loss.
    """

    cell: Cell
    limit: float
    by: str = "norm"

    def __post_init__(self) -> None:
        """Raise ValueError for a limit that is not above 0, or another kind.

        A projection's weight needs the gradient of h alone, whose share of a common
        norm only the step knows.
        """
        _expect_limit(self.limit)
        expect(self.by in ("norm", "value"), "by", "norm or value", self.by)
        projects = "weight_hr" in getattr(self.cell, "own", ())
        want = "value, as weight_hr hears of h without c"
        expect(not projects or self.by == "value", "by", want, self.by)

    def step(self, gi: Array, gh: Array, state: State) -> tuple[State, Any]:
        """Take the cell's own step: gi, gh (B, G·H), state: h (B, H) or a tuple."""
        return self.cell.step(gi, gh, state)

    def step_grad(self, d_state: State, tape: Any) -> tuple[Array, Array, State]:
        """Clip d_state, of arrays (B, H), then take the cell's own step back."""
        return self.cell.step_grad(clip_state(d_state, self.limit, self.by), tape)

    def bind(self, params: Arrays) -> "ClippedCell":
        """Give the cell its own weights, as `bptt.bind` does."""
        bound = self.cell.bind(params) if hasattr(self.cell, "bind") else self.cell
        return ClippedCell(bound, self.limit, self.by)

    def __getattr__(self, name: str) -> Any:
        """Look up all else, such as the width of a part, at the cell."""
        if name.startswith("__") or name == "cell":
            raise AttributeError(name)
        found = getattr(self.cell, name)
        return self._clip_first(found) if name == "own_grads" else found

    def _clip_first(self, own_grads: Callable[..., Arrays]) -> Callable[..., Arrays]:
        """Let the cell's own weights, too, hear of the clipped gradient only."""

        def clipped(tape: Any, dgi: Array, dh: Array) -> Arrays:
            return own_grads(tape, dgi, clip_state(dh, self.limit, self.by))

        return clipped


def clip_state(d_state: State, limit: float, by: str = "norm") -> State:
    """Clip a state's gradient, of arrays (B, H), sequence by sequence or by value."""
    parts = d_state if isinstance(d_state, tuple) else (d_state,)
    xp = namespace(parts[0])
    if by == "value":
        return each(lambda d: xp.clip(d, -limit, limit), d_state)
    norm = sum((d**2).sum(-1) for d in parts)[..., None] ** 0.5
    factor = xp.clip(limit / (norm + EPS), None, 1.0)
    return each(lambda d: factor * d, d_state)


def _expect_limit(limit: float) -> None:
    expect(limit > 0, "limit", "a number > 0", limit)
