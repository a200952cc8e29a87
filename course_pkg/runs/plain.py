"""A tanh net with a readout, and the loop that trains it: NumPy and nothing else."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_pkg import bptt, clipping, optim
from course_pkg.arrays import Array, linear
from course_pkg.cells import elman

Arrays = dict[str, Array]
Batch = tuple[Array, Array, Array]  # x (T, B, I), targets, mask (T, B, 1)
Draw = Callable[[np.random.Generator], Batch]

CELL = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


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


def run(w: Arrays, x: Array) -> tuple[Array, Any, Array]:
    """Run the net over x (T, B, I): its states, the tape, and outputs (T, B, O)."""
    params = {name: w[name] for name in CELL}
    first = np.zeros((x.shape[1], len(w["bias_hh"])))
    hs, _, tape = bptt.forward(elman, params, x, first)
    return hs, tape, linear(hs, w["W_hy"], w["b_y"])


def signals(w: Arrays, batch: Batch, grad: Callable) -> tuple[Array, Array, Any]:
    """Return the gradients of outputs and of states that the losses give, and a tape.

    batch: x (T, B, I), targets, mask; grad: of the loss, such as cross_entropy_grad.
    """
    x, y, mask = batch
    _, tape, outputs = run(w, x)
    d = grad(outputs, y, mask)
    return d, d @ w["W_hy"], tape


def gradient(w: Arrays, batch: Batch, grad: Callable) -> Arrays:
    """Return the gradients of all weights, by backpropagation through time.

    batch: x (T, B, I), targets, mask; grad: as in `signals`.
    """
    d, dhs, tape = signals(w, batch, grad)
    params = {name: w[name] for name in CELL}
    grads, _, _ = bptt.backward(elman, params, batch[0], dhs, 0 * dhs[0], tape)
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
) -> tuple[Arrays, list[float]]:
    """Train w by backpropagation through time, clipping and Adam, on new batches.

    draw: gives a batch; watch(w): recorded after every so many steps.
    """
    memory: dict[str, Any] = {}
    seen: list[float] = []
    for n in range(1, steps + 1):
        batch = draw(rng)
        grads, _ = clipping.clip_norm(gradient(w, batch, grad), limit)
        w, memory = optim.adam(w, grads, memory, lr)
        if watch and n % every == 0:
            seen.append(watch(w))
    return w, seen
