"""A recurrent net with a readout, and the loop that trains it: NumPy and nothing else.

The cell is the tanh cell unless another is named, such as the rectifier's or a `Skip`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_pkg import bptt, clipping, optim
from course_pkg.arrays import Array, linear
from course_pkg.bptt import Cell
from course_pkg.cells import elman
from course_pkg.skips import Skip, with_past

Arrays = dict[str, Array]
Batch = tuple[Array, Array, Array]  # x (T, B, I), targets, mask (T, B, 1)
Draw = Callable[[np.random.Generator], Batch]

CELL = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
READOUT = ("W_hy", "b_y")


def start(rng: np.random.Generator, I: int, H: int, O: int) -> Arrays:  # noqa: E741
    """Draw weights of I inputs, H units, O outputs: uniform in ±1/√H, as torch does."""
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih": (H, I),
        "weight_hh": (H, H),
        "bias_ih": (H,),
        "bias_hh": (H,),
        "W_hy": (O, H),
        "b_y": (O,),
    }
    return {name: rng.uniform(-1, 1, shape) / H**0.5 for name, shape in shapes.items()}


def run(w: Arrays, x: Array, cell: Cell = elman) -> tuple[Array, Any, Array]:
    """Run the net over x (T, B, I): its states, the tape, and outputs (T, B, O)."""
    hs, _, tape = bptt.forward(cell, of_cell(w), x, first(w, x.shape[1], cell))
    return hs, tape, linear(hs, w["W_hy"], w["b_y"])


def of_cell(w: Arrays) -> Arrays:
    """Return the weights of the cell, without the readout's."""
    return {name: value for name, value in w.items() if name not in READOUT}


def first(w: Arrays, B: int, cell: Cell) -> bptt.State:
    """Return the first state, zeros (B, H), with the past that a `Skip` reads."""
    zeros = np.zeros((B, len(w["bias_hh"])))
    return with_past(zeros, cell.older) if isinstance(cell, Skip) else zeros


def signals(
    w: Arrays, batch: Batch, grad: Callable, cell: Cell = elman
) -> tuple[Array, Array, Any]:
    """Return the gradients of outputs and of states that the losses give, and a tape.

    batch: x (T, B, I), targets, mask; grad: of the loss, such as cross_entropy_grad.
    """
    x, y, mask = batch
    _, tape, outputs = run(w, x, cell)
    d = grad(outputs, y, mask)
    return d, d @ w["W_hy"], tape


def gradient(w: Arrays, batch: Batch, grad: Callable, cell: Cell = elman) -> Arrays:
    """Return the gradients of all weights, by backpropagation through time.

    batch: x (T, B, I), targets, mask; grad: as in `signals`.
    """
    d, dhs, tape = signals(w, batch, grad, cell)
    after = bptt.each(np.zeros_like, first(w, dhs.shape[1], cell))
    grads, _, _ = bptt.backward(cell, of_cell(w), batch[0], dhs, after, tape)
    dW = np.einsum("tbo,tbh->oh", d, tape.h)
    return {**grads, "W_hy": dW, "b_y": d.sum((0, 1))}


def fit(
    draw: Draw,
    grad: Callable,
    w: Arrays,
    rng: np.random.Generator,
    steps: int,
    lr: float,
    watch: Callable[[Arrays], float] | None = None,
    every: int = 100,
    limit: float = 1.0,
    cell: Cell = elman,
) -> tuple[Arrays, list[float]]:
    """Train w by backpropagation through time, clipping and Adam, on new batches.

    draw: gives a batch; watch(w): recorded after every so many steps.
    """
    memory: dict[str, Any] = {}
    seen: list[float] = []
    for n in range(1, steps + 1):
        batch = draw(rng)
        grads, _ = clipping.clip_norm(gradient(w, batch, grad, cell), limit)
        w, memory = optim.adam(w, grads, memory, lr)
        if watch and n % every == 0:
            seen.append(watch(w))
    return w, seen
