"""One symbol out of many: cut a model's scores, and draw from what is left."""

import numpy as np

from course_pkg.arrays import Array, expect, log_softmax, to_numpy


def filter_top_k(logits: Array, k: int) -> np.ndarray:
    """Set all but the k largest logits to -∞: (..., V) -> (..., V); ties stay in.

    Raises ValueError for k < 1. A k above V keeps all. Source: Fan et al. 2018.
    """
    expect(k >= 1, "k", "at least 1", k)
    logits = to_numpy(logits)
    kth = np.sort(logits, -1)[..., -min(k, logits.shape[-1]), None]
    return np.where(logits >= kth, logits, -np.inf)


def filter_top_p(logits: Array, p: float) -> np.ndarray:
    """Keep the fewest most probable symbols whose mass reaches p: (..., V) -> (..., V).

    The symbol that crosses p stays in, so one is always left; the others become -∞.
    Raises ValueError unless 0 < p ≤ 1. Source: Holtzman et al. 2020.
    """
    expect(0 < p <= 1, "p", "a share in (0, 1]", p)
    logits = to_numpy(logits)
    order = np.argsort(-logits, -1, kind="stable")
    probability = np.take_along_axis(np.exp(log_softmax(logits)), order, -1)
    before = probability.cumsum(-1) - probability
    keep = np.zeros(logits.shape, bool)
    # Rounded sums may reach 1 before the last symbol.
    np.put_along_axis(keep, order, (before < p) | (p == 1), -1)
    return np.where(keep, logits, -np.inf)


def choose(
    rng: np.random.Generator,
    logits: Array,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> np.ndarray:
    """Draw one symbol per row of logits (B, V) -> ids (B,), each row by itself.

    The logits are divided by temperature > 0, then cut to the top k, then to the top p.
    Raises ValueError for NaN and for a row of -∞ alone, which allows no symbol.
    """
    expect(temperature > 0, "temperature", "a number > 0", temperature)
    logits = possible(logits) / temperature
    logits = logits if top_k is None else filter_top_k(logits, top_k)
    logits = logits if top_p is None else filter_top_p(logits, top_p)
    return (logits + rng.gumbel(size=logits.shape)).argmax(-1)


def numbers_of(logits: Array) -> np.ndarray:
    """Return logits (...) as floats; raise ValueError for NaN, the largest of all."""
    numbers = to_numpy(logits).astype(float)
    expect(not np.isnan(numbers).any(), "logits", "numbers", "NaN")
    return numbers


def possible(logits: Array, rows: np.ndarray | bool = True) -> np.ndarray:
    """Return logits (B, V) as floats with a symbol above -∞ in each row that counts.

    rows (B,): which ones do. Raises ValueError for NaN, and for a row of -∞ alone.
    """
    logits = numbers_of(logits)
    dead = (logits == -np.inf).all(-1) & rows
    got = f"none in row {dead.argmax()}"
    expect(not dead.any(), "logits", "a symbol above -∞ in each row", got)
    return logits
