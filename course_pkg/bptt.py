"""Backpropagation through time: ``scan`` runs a cell forward, ``scan_grad`` back.

A state is h (B, H) or, for a cell with more memory, a tuple that starts with h, as in
torch.nn. A cell is anything with ``step`` and ``step_grad`` (see cells/elman.py). One
with weights of its own has ``bind`` and ``own_grads``, too (see cells/jordan.py).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from course_pkg.arrays import Array, expect, linear, namespace
from course_pkg.contract import expect_scan, expect_scan_grad, expect_weight_grads

Cell = Any  # a module or object with step(gi, gh, state) and step_grad(d_state, tape)
State = Any  # h (B, H), or a tuple (h, …) of such arrays
Params = dict[str, Array]  # torch.nn.RNNCell's, and those of the cell's own
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def each(f: Callable[..., Array], *states: State) -> State:
    """Apply f to the arrays (B, H) of states that have the same parts."""
    return tuple(map(f, *states)) if isinstance(states[0], tuple) else f(*states)


def hidden(state: State) -> Array:
    """Return h (B, H), the part of the state that W_hh multiplies and layers output."""
    return state[0] if isinstance(state, tuple) else state


def add_to_hidden(state: State, d: Array) -> State:
    """Add d (B, H) to the hidden part of a state or of a state's gradient."""
    return (state[0] + d, *state[1:]) if isinstance(state, tuple) else state + d


def scale(m: Array, state: State) -> State:
    """Multiply every part of a state, or of its gradient, by m (B, 1)."""
    return each(lambda part: m * part, state)


def hold(m: Array, new: State, old: State) -> State:
    """Take the new state where the mask m (B, 1) is 1 and keep the old where it is 0.

    Source: eq-elman-mask.
    """
    return each(lambda n, o: m * n + (1 - m) * o, new, old)


def at(tape: Any, t: int) -> Any:
    """Return the tape of step t, 0 ≤ t < T, out of the stacked tape of ``scan``."""
    return type(tape)(*(x[t] for x in tape))


def scan(
    cell: Cell,
    gi: Array,
    state: State,
    W_hh: Array,
    b_hh: Array | None = None,
    mask: Array | None = None,
) -> tuple[Array, State, Any]:
    """Run a cell over all steps.

    gi (T, B, G·H): the input's half of the pre-activations; state: at step 0;
    W_hh (G·H, H); b_hh (G·H,); mask (T, B, 1) of 0 and 1, where 0 keeps the state.
    Returns hs (T, B, H) = h_1 … h_T, the last state, and the tape with T in front.
    Raises ValueError for other shapes. Source: eq-elman-unfolded; Elman 1990.
    """
    expect_scan(cell, gi, state, W_hh, mask)
    hs, tapes = [], []
    for t in range(len(gi)):
        new, tape = cell.step(gi[t], linear(hidden(state), W_hh, b_hh), state)
        state = new if mask is None else hold(mask[t], new, state)
        hs.append(hidden(state))
        tapes.append(tape)
    stack = namespace(gi).stack
    return stack(hs), state, type(tapes[0])(*map(stack, zip(*tapes, strict=True)))


def scan_grad(
    cell: Cell,
    dhs: Array,
    d_state: State,
    tape: Any,
    W_hh: Array,
    mask: Array | None = None,
) -> tuple[Array, Array, State, Array]:
    """Run the transpose of ``scan``: from the last step to the first.

    dhs (T, B, H): what each h_t receives from its own step's loss; d_state: gradient
    of the last state from beyond the sequence; tape, W_hh, mask: as in ``scan``.
    Returns dgi, dgh (T, B, G·H), the first state's gradient, and ∂L/∂h_t for all t
    (T, B, H). Raises ValueError for other shapes. Source: eq-bptt-recursion.
    """
    expect_scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    dgis, dghs, dh_total = [], [], []
    for t in reversed(range(len(dhs))):
        d_state = add_to_hidden(d_state, dhs[t])
        dh_total.append(hidden(d_state))
        d_new = d_state if mask is None else scale(mask[t], d_state)
        dgi, dgh, d_prev = cell.step_grad(d_new, at(tape, t))
        d_prev = add_to_hidden(d_prev, dgh @ W_hh)
        d_state = d_prev if mask is None else hold(mask[t], d_prev, d_state)
        dgis.append(dgi)
        dghs.append(dgh)
    stack = namespace(dhs).stack
    return stack(dgis[::-1]), stack(dghs[::-1]), d_state, stack(dh_total[::-1])


def weight_grads(
    params: Params, x: Array, tape: Any, dgi: Array, dgh: Array
) -> tuple[Params, Array]:
    """Turn the gradients of the pre-activations into those of weights and inputs.

    x (T, B, I); tape of ``scan`` (for what W_hh met); dgi, dgh (T, B, G·H).
    Returns a dict with the keys of params, and dx (T, B, I). All sums over time and
    batch are single products, outside the loop. Source: eq-bptt-weights.
    """
    expect_weight_grads(params, x, tape, dgi, dgh)
    outer = namespace(x).einsum
    grads = {
        "weight_ih": outer("tbg,tbi->gi", dgi, x),
        "weight_hh": outer("tbg,tbh->gh", dgh, tape.h_prev),
        "bias_ih": dgi.sum((0, 1)),
        "bias_hh": dgh.sum((0, 1)),
    }
    return {name: grads[name] for name in params}, dgi @ params["weight_ih"]


class Pair(NamedTuple):
    """A scan and its transpose, with the products outside of their loops."""

    scan: Callable[..., Any] = scan
    scan_grad: Callable[..., Any] = scan_grad
    linear: Callable[..., Array] = linear
    weight_grads: Callable[..., Any] = weight_grads


REFERENCE = Pair()


def forward(
    cell: Cell,
    params: Params,
    x: Array,
    state: State,
    mask: Array | None = None,
    pair: Pair = REFERENCE,
) -> tuple[Array, State, Any]:
    """Run one layer over x (T, B, I) from the given first state.

    Returns hs (T, B, H), the last state and the tape, as `scan` does; pair: who scans.
    Raises ValueError where x does not fit weight_ih. Source: eq-elman-unfolded.
    """
    W_ih = params["weight_ih"]
    fits = x.ndim == 3 and len(x) > 0 and x.shape[-1] == W_ih.shape[1]
    want = f"(T, B, I) with T ≥ 1 and I = {W_ih.shape[1]}"
    expect(fits, "x", want, tuple(x.shape))
    gi = pair.linear(x, W_ih, params.get("bias_ih"))
    cell, b_hh = bind(cell, params), params.get("bias_hh")
    return pair.scan(cell, gi, state, params["weight_hh"], b_hh, mask)


def backward(
    cell: Cell,
    params: Params,
    x: Array,
    dhs: Array,
    d_state: State,
    tape: Any,
    mask: Array | None = None,
    pair: Pair = REFERENCE,
) -> tuple[Params, Array, State]:
    """Run ``forward``'s transpose: backpropagation through time for one layer.

    dhs (T, B, H) and d_state: gradients of what ``forward`` returned; tape: its tape.
    Returns grads (a dict like params), dx (T, B, I) and the first state's gradient.
    Source: eq-bptt-recursion, eq-bptt-weights; Rumelhart, Hinton, Williams 1986.
    """
    cell, W_hh = bind(cell, params), params["weight_hh"]
    dgi, dgh, d_state, dh_total = pair.scan_grad(cell, dhs, d_state, tape, W_hh, mask)
    shared = {name: params[name] for name in NAMES if name in params}
    grads, dx = pair.weight_grads(shared, x, tape, dgi, dgh)
    if hasattr(cell, "own_grads"):
        dh = dh_total if mask is None else mask * dh_total
        grads = grads | cell.own_grads(tape, dgi, dh)
    return {name: grads[name] for name in params}, dx, d_state


def bind(cell: Cell, params: Params) -> Cell:
    """Give a cell the weights of its own in params, any shape; most cells have none.

    Raises ValueError where params lacks one of them.
    """
    own = [n for n in getattr(cell, "own", ()) if not n.startswith("bias")]
    expect(set(own) <= set(params), "params", "the cell's " + ", ".join(own), [*params])
    return cell.bind(params) if hasattr(cell, "bind") else cell
