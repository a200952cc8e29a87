"""A small picture in text of where an array is wrong: a cross for each wrong entry."""

import numpy as np

LARGEST = 16  # rows or columns; a larger picture is no help


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
