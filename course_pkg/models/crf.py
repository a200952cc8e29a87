"""Linear-chain conditional random fields: labels that depend on each other.

A path y_1 … y_T of labels scores start[y_1] + Σ e_t[y_t] + Σ transitions[y_{t-1}, y_t],
and its probability is e^score over the sum of that of all C^T paths. Scores are in
nats; one of -∞ forbids. Masks mark padding behind, and the first position is true.
"""

from collections.abc import Sequence

import numpy as np

from course_pkg.arrays import (
    Array,
    expect,
    expect_shape,
    log_sum_exp,
    namespace,
    one_hot,
    to_numpy,
)


def log_likelihood(
    emissions: Array, tags: Array, transitions: Array, start: Array, mask: Array
) -> Array:
    """Return log p(path) (B,), each ≤ 0: its score less that of all paths together.

    emissions (T, B, C); tags (T, B) in 0..C-1, any valid one on padding; transitions
    (C, C), [i, j] from i to j; start (C,); mask (T, B, 1). Raises ValueError for other
    shapes. Source: Lafferty, McCallum, Pereira 2001.
    """
    _expect_field(emissions, transitions, start, mask)
    expect_shape("tags", tags, "T B", *emissions.shape[:2])
    xp, (T, B) = namespace(emissions), emissions.shape[:2]
    own = emissions[xp.arange(T)[:, None], xp.arange(B), tags]
    own = xp.where(mask[..., 0] > 0, own, 0.0)
    moves = xp.where(mask[1:, :, 0] > 0, transitions[tags[:-1], tags[1:]], 0.0)
    score = start[tags[0]] + own.sum(0) + moves.sum(0)
    alphas = _forward(emissions, transitions, start, mask)
    return score - log_sum_exp(alphas[-1])[:, 0]


def log_likelihood_grad(
    d: Array,
    emissions: Array,
    tags: Array,
    transitions: Array,
    start: Array,
    mask: Array,
) -> tuple[Array, Array, Array]:
    """Return the gradients of emissions, transitions and start from d (B,).

    What the path has, less what the field expects: one-hot minus `marginals`, and the
    same for pairs. Arguments and errors as in `log_likelihood`.
    """
    p, pairs = marginals(emissions, transitions, start, mask)
    expect_shape("tags", tags, "T B", *emissions.shape[:2])
    path = one_hot(tags, emissions.shape[-1], emissions)
    d_emissions = d[:, None] * mask * (path - p)
    moves = path[:-1, :, :, None] * path[1:, :, None] * mask[1:, ..., None]
    d_transitions = (d[:, None, None] * (moves - pairs)).sum(0).sum(0)
    return d_emissions, d_transitions, d_emissions[0].sum(0)


def marginals(
    emissions: Array, transitions: Array, start: Array, mask: Array
) -> tuple[Array, Array]:
    """Return the probability of each label, and of each pair of neighbours.

    The first (T, B, C) sums to 1 over labels, the second (T - 1, B, C, C) over pairs
    [i, j]; both are 0 on padding. Arguments and errors as in `log_likelihood`.
    """
    _expect_field(emissions, transitions, start, mask)
    xp, never = namespace(emissions), -float("inf")
    alphas = _forward(emissions, transitions, start, mask)
    betas = _backward(emissions, transitions, mask)
    log_z = log_sum_exp(alphas[-1])
    log_p = xp.where(mask > 0, alphas + betas - log_z, never)
    before, after = alphas[:-1, :, :, None], (emissions + betas - log_z)[1:, :, None]
    # On padding the sum is no probability, and its exponential may overflow.
    joint = xp.where(mask[1:, ..., None] > 0, before + transitions + after, never)
    return xp.exp(log_p), xp.exp(joint)


def _forward(emissions: Array, transitions: Array, start: Array, mask: Array) -> Array:
    """Return log Σ e^score of the beginnings that end in each label (T, B, C)."""
    xp, alphas = namespace(emissions), [start + emissions[0]]
    for e, m in zip(emissions[1:], mask[1:], strict=True):
        new = e + log_sum_exp(alphas[-1][:, None] + transitions.T)[..., 0]
        alphas.append(xp.where(m > 0, new, alphas[-1]))
    return xp.stack(alphas)


def _backward(emissions: Array, transitions: Array, mask: Array) -> Array:
    """Return log Σ e^score of what may come after each label (T, B, C)."""
    xp, betas = namespace(emissions), [0 * emissions[-1]]
    for t in range(len(emissions) - 1, 0, -1):
        new = log_sum_exp(transitions + (emissions[t] + betas[0])[:, None])[..., 0]
        betas.insert(0, xp.where(mask[t] > 0, new, betas[0]))
    return xp.stack(betas)


def viterbi(
    emissions: Array, transitions: Array, start: Array | None = None
) -> tuple[np.ndarray, float]:
    """Return the path (T,) with the highest score, and that score, in O(T C²).

    emissions (T, C); transitions (C, C), [i, j] from i to j; start (C,), by default 0.
    Of equal paths it takes the one with the lower last label. Raises ValueError for
    other shapes and where every path is forbidden. Source: Viterbi 1967.
    """
    emissions, transitions = to_numpy(emissions), to_numpy(transitions)
    expect(
        emissions.ndim == 2 and len(emissions) > 0,
        "emissions",
        "(T, C)",
        emissions.shape,
    )
    C = emissions.shape[1]
    start = np.zeros(C) if start is None else to_numpy(start)
    _expect_scores(C, transitions, start)
    best, came_from = start + emissions[0], []
    for e in emissions[1:]:
        through = best[:, None] + transitions
        came_from.append(through.argmax(0))
        best = e + through.max(0)
    path = [int(best.argmax())]
    score = float(best[path[0]])
    expect(score > -np.inf, "transitions", "a path that is allowed", "none")
    for before in reversed(came_from):
        path.append(int(before[path[-1]]))
    return np.array(path[::-1]), score


def bio(tags: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return transitions (C, C) and start (C,) that are 0, or -∞ for a stray "I-x".

    tags: "O", "B-x", "I-x". An "I-x" may follow "B-x" and "I-x" only. Raises ValueError
    for another tag.
    """
    for i, tag in enumerate(tags):
        known = tag == "O" or (tag[:2] in ("B-", "I-") and len(tag) > 2)
        expect(known, f"tags[{i}]", "O, B-type or I-type", repr(tag))
    inside = np.array([tag.startswith("I-") for tag in tags])
    same = np.array([[a != "O" and a[2:] == b[2:] for b in tags] for a in tags])
    return np.where(inside & ~same, -np.inf, 0.0), np.where(inside, -np.inf, 0.0)


def _expect_field(
    emissions: Array, transitions: Array, start: Array, mask: Array
) -> None:
    fits = emissions.ndim == 3 and len(emissions) > 0
    expect(fits, "emissions", "(T, B, C)", tuple(emissions.shape))
    _expect_scores(emissions.shape[-1], transitions, start)
    expect_shape("mask", mask, "T B 1", *emissions.shape[:2], 1)
    expect(bool((mask[0] > 0).all()), "mask", "1 at each first position", "0")


def _expect_scores(C: int, transitions: Array, start: Array) -> None:
    expect_shape("transitions", transitions, "C C", C, C)
    expect_shape("start", start, "C", C)
