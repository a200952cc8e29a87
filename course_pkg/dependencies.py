"""Which outputs depend on which inputs: found by changing inputs, for any model."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_pkg.arrays import Array, expect, is_float, namespace, to_numpy


def dependencies(f: Callable[[Array], Any], x: Array, tol: float = 0.0) -> np.ndarray:
    """Return at [t, s] whether output t changes with input s: (T, T), Boolean.

    f: takes x (T, ...), numbers or ids, to y (T, ...), or to a tuple that starts with
    it; each x_s is changed in turn. tol: changes up to it do not count; at 0, none is
    too small, as the same sums give the same digits. x itself is not changed.
    Raises ValueError where y has another T, and for ids that are all the same.
    """
    y, columns = _output(f, x), []
    want = f"T = {len(x)} outputs"
    expect(y.ndim > 0 and len(y) == len(x), "f(x)", want, y.shape)
    for s in range(len(x)):
        changes = [abs(_output(f, other) - y) > tol for other in _changed(x, s)]
        columns.append(np.any(changes, axis=0).reshape(len(y), -1).any(1))
    return np.stack(columns, 1)


def leaks(model: Callable[[Array], Any], x: Array, tol: float = 0.0) -> bool:
    """Tell whether any output of a model sees an input that comes after it.

    Arguments and errors as in `dependencies`: x (T, ...). A torch module is asked in
    evaluation mode, as dropout would look like a dependency, and left as it was.
    """
    module = model if isinstance(model, torch.nn.Module) else torch.nn.Module()
    training = module.training
    module.eval()
    try:
        return bool(np.triu(dependencies(model, x, tol), 1).any())
    finally:
        module.train(training)


def _output(f: Callable[[Array], Any], x: Array) -> np.ndarray:
    with torch.no_grad():
        y = f(x)
    return np.asarray(to_numpy(y[0] if isinstance(y, tuple) else y), dtype=float)


def _changed(x: Array, s: int) -> list[Array]:
    """Return copies of x with another x_s: numbers up and down, ids exchanged."""
    xp, low, high = namespace(x), x.min(), x.max()
    if is_float(x):
        others = [x[s] + 0.5, x[s] - 0.5]
    else:
        expect(bool(low < high), "x", "two different ids or more", f"only {low}")
        others = [xp.where(x[s] == high, low, high)]
    copies = [xp.stack([*x]) for _ in others]
    for copy, other in zip(copies, others, strict=True):
        copy[s] = other
    return copies
