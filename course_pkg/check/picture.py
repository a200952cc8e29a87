"""Small pictures of what is wrong: in text where, in numbers how far off."""

import numpy as np

LARGEST = 16  # rows or columns; a larger picture is no help
MOST = 200  # points of a graph

Graph = tuple[tuple[float, float, bool], ...]  # the right value, yours, is it wrong


def where(letters: list[str], wrong: np.ndarray) -> str:
    """Draw the wrong entries of an array with these axes, or return "".

    (T, B, ·) is drawn with a row for each sequence and a column for each step, other
    axes joined; an array of two axes with its rows and columns.
    """
    if wrong.ndim == 3:
        grid, rows, columns = wrong.any(axis=2).T, letters[1], letters[0]
    elif wrong.ndim == 2:
        grid, rows, columns = wrong, letters[0], letters[1]
    else:
        return ""
    if max(grid.shape) > LARGEST or grid.all():
        return ""
    head = " ".join(f"{j:>2}" for j in range(grid.shape[1]))
    lines = [f"{columns.lower() + ' =':>6} {head}"]
    for i, row in enumerate(np.asarray(grid)):
        marks = " ".join(" x" if bad else " ." for bad in row)
        lines.append(f"{f'{rows.lower()} = {i}':>6} {marks}")
    return "\n".join(["wrong (x) and right (.):", *lines])


def graph(expected: np.ndarray, got: np.ndarray, wrong: np.ndarray) -> Graph:
    """Return pairs of a right value and yours, in units of the largest right one.

    Three decimals are enough to draw and, being coarser than any tolerance, not
    enough to hand in. Where a value is not finite or there are few, nothing is drawn.
    """
    scale = float(np.abs(expected).max(initial=0)) or 1.0
    if wrong.size < 3 or not np.isfinite(got).all():
        return ()
    chosen = np.unique(
        np.linspace(0, wrong.size - 1, min(wrong.size, MOST)).astype(int)
    )
    right, yours = expected.ravel()[chosen] / scale, got.ravel()[chosen] / scale
    yours = yours.clip(-1e6, 1e6)
    return tuple(
        (round(float(x), 3), round(float(y), 3), bool(bad))
        for x, y, bad in zip(right, yours, wrong.ravel()[chosen], strict=True)
    )
