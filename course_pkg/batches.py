"""Batches of sequences: time first, padding behind, and a mask that says what is true.

Here, and only here, lists of sequences are turned round to (T, B, ·).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from course_pkg.arrays import Array, expect, is_float, namespace, to_numpy


def padded(seqs: Sequence[Array], pad: float = 0) -> tuple[Array, Array, Array]:
    """Join B sequences, each ids (T_b,) or vectors (T_b, I), into one array.

    Returns x (T, B) or (T, B, I) with T the longest length, filled with pad behind each
    sequence; lengths (B,), int64; mask (T, B, 1), 1 where x is true, 0 behind: in the
    dtype of x, or float32 for ids, in which 0 and 1 are exact. Tensors give tensors.
    Raises ValueError for no sequence, and for sequences of different width.
    """
    expect(len(seqs) > 0, "seqs", "one sequence or more", "none")
    rows = [to_numpy(s) for s in seqs]
    shapes = sorted({row.shape[1:] for row in rows})
    expect(all(row.ndim in (1, 2) for row in rows), "seqs", "(T,) or (T, I)", shapes)
    expect(len(shapes) == 1, "seqs", "the same width I in all", shapes)
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    T, B = int(lengths.max()), len(rows)
    # A sequence of length 0, an empty list, has no dtype to speak for.
    dtype = np.result_type(*([row for row in rows if len(row)] or rows))
    x = np.full((T, B, *shapes[0]), pad, dtype=dtype)
    for b, row in enumerate(rows):
        x[: len(row), b] = row
    mask = (np.arange(T)[:, None] < lengths)[..., None]
    mask = mask.astype(dtype if is_float(x) else np.float32)
    if namespace(seqs[0]) is np:
        return x, lengths, mask
    where = seqs[0].device
    x_t, lengths_t, mask_t = (torch.as_tensor(a).to(where) for a in (x, lengths, mask))
    return x_t, lengths_t, mask_t


def unpadded(x: Array, lengths: Array) -> list[Array]:
    """Cut the padding off again: x (T, B, ...), lengths (B,) -> B arrays (T_b, ...).

    Raises ValueError for lengths of another batch, or outside 0..T.
    """
    return [x[:n, b] for b, n in enumerate(_expect_lengths(lengths, *x.shape[:2]))]


def reverse_ragged(x: Array, lengths: Array) -> Array:
    """Turn every sequence of a batch round, with the padding left behind.

    x (T, B, ...), lengths (B,) -> a new array like x, in which step t < length holds
    step length - 1 - t of x. Twice is once not at all. Gradients pass through.
    Raises ValueError for lengths of another batch, or outside 0..T.
    """
    T, B = x.shape[:2]
    n, t = _expect_lengths(lengths, T, B), np.arange(T)[:, None]
    source = np.where(t < n, n - 1 - t, t)
    return x[source, np.arange(B)]


def _expect_lengths(lengths: Array, T: int, B: int) -> np.ndarray:
    n = np.asarray(to_numpy(lengths))
    expect(n.shape == (B,), "lengths", f"(B,) = ({B},)", n.shape)
    inside = all(0 <= length <= T for length in n.tolist())
    expect(inside, "lengths", f"numbers in 0..T = 0..{T}", n.tolist())
    return n


def windows(ids: Array, T: int, B: int) -> Iterator[tuple[Array, Array, bool]]:
    """Read a text in B columns, T steps at a time, each window going on from the last.

    ids (N,): the text; column b holds one of B equal pieces, so a state carried from
    window to window stays with its piece. Yields x (T, B), the targets y (T, B), each
    the symbol after x's, and whether this is the first window, where no state is
    carried. The last window may be shorter; fewer than B symbols at the end stay out.
    Raises ValueError for T or B below 1 and for a text shorter than B + 1.
    """
    expect(T >= 1, "T", "a number ≥ 1", T)
    expect(B >= 1, "B", "a number ≥ 1", B)
    ids = ids if isinstance(ids, torch.Tensor) else np.asarray(ids)
    expect(ids.ndim == 1, "ids", "(N,)", tuple(ids.shape))
    expect(len(ids) > B, "ids", f"at least B + 1 = {B + 1} symbols", len(ids))
    return _windows(ids, T, B)


def _windows(ids: Array, T: int, B: int) -> Iterator[tuple[Array, Array, bool]]:
    # A generator checks nothing until it is asked for its first item, hence two.
    n = (len(ids) - 1) // B
    x, y = ids[: n * B].reshape(B, n).T, ids[1 : n * B + 1].reshape(B, n).T
    for start in range(0, n, T):
        yield x[start : start + T], y[start : start + T], start == 0


def buckets(
    lengths: Sequence[int], B: int, rng: np.random.Generator
) -> list[list[int]]:
    """Group the numbers 0..N-1 of N sequences by length, at most B in a group.

    lengths (N,). Neighbours in length share a group, so little is padding; ties and the
    order of the groups are random. Each number occurs once.
    Raises ValueError for B below 1.
    """
    expect(B >= 1, "B", "a number ≥ 1", B)
    sizes = np.asarray(lengths)
    mixed = rng.permutation(len(sizes))
    order = mixed[np.argsort(sizes[mixed], kind="stable")]
    groups = [order[i : i + B].tolist() for i in range(0, len(order), B)]
    return [groups[i] for i in rng.permutation(len(groups))]
