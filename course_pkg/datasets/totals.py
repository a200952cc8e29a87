"""Tasks about adding up, where the answer rests on numbers all along the sequence.

Everything is drawn from the generator rng: the same seed gives the same arrays. Floats
are float64.
"""

import numpy as np

from course_pkg.arrays import Array, expect

Rng = np.random.Generator


def expect_sizes(rng: Rng, least: dict[str, int], **sizes: int) -> None:
    """Raise ValueError for a size below its least value, 1 where none is given.

    A seed is no generator: two sets drawn with it would be the same.
    """
    drawing = isinstance(rng, Rng)
    expect(drawing, "rng", "numpy.random.default_rng(seed)", repr(rng))
    for name, size in sizes.items():
        low = least.get(name, 1)
        expect(size >= low, name, f"a number ≥ {low}", size)


def running_sum(rng: Rng, T: int, B: int) -> tuple[Array, Array]:
    """Draw numbers and what they add up to so far, at every step.

    Returns x (T, B, 1), standard normal, and y (T, B, 1) with y_t = x_1 + … + x_t.
    """
    expect_sizes(rng, {}, T=T, B=B)
    x = rng.normal(size=(T, B, 1))
    return x, x.cumsum(0)


def larger_total(rng: Rng, T: int, B: int) -> tuple[Array, Array]:
    """Draw two columns of numbers and say which has the larger total.

    Returns x (T, B, 2), uniform in [0, 1), and y (B,), int64: 1 where the total of the
    first column is larger, 0 where that of the second is.
    """
    expect_sizes(rng, {}, T=T, B=B)
    x = rng.random((T, B, 2))
    total = x.sum(0)
    return x, (total[:, 0] > total[:, 1]).astype(np.int64)


def adding(rng: Rng, T: int, B: int) -> tuple[Array, Array]:
    """Draw numbers of which two are marked, one in each half; their sum is the answer.

    Returns x (T, B, 2): uniform in [0, 1), and a mark that is 0 or 1; y (B,). Answering
    1 always has the mean squared error 1/6. T ≥ 2.
    Source: Hochreiter and Schmidhuber 1997, with the marks in separate halves.
    """
    expect_sizes(rng, {"T": 2}, T=T, B=B)
    numbers, marks, column = rng.random((T, B)), np.zeros((T, B)), np.arange(B)
    for low, high in ((0, T // 2), (T // 2, T)):
        marks[rng.integers(low, high, B), column] = 1
    return np.stack([numbers, marks], axis=-1), (numbers * marks).sum(0)
