"""Figures of what models put out: pen strokes, and where an output looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_pkg.arrays import expect, expect_shape, to_numpy
from course_pkg.pictures import Picture, show


def strokes(
    points: Any, *, alt: str, titles: Sequence[str] = (), **options: Any
) -> Picture:
    """Draw what a pen has drawn, one drawing below the other.

    points: (T, 3), steps right and up and the pen's lift, or a list of such; rows of
    zeros at the end are left out. titles: one for each; options: as for `show`.
    Raises ValueError for other shapes and another number of titles.
    """
    drawings = [to_numpy(d) for d in (points if isinstance(points, list) else [points])]
    for d in drawings:
        expect(d.ndim == 2 and d.shape[1] == 3, "points", "(T, 3)", d.shape)
    n = len(drawings)
    expect(len(titles) in (0, n), "titles", f"{n}, one for each", len(titles))

    def draw(axes: Any) -> None:
        for b, ax in enumerate(np.atleast_1d(axes)):
            for k, line in enumerate(_lines(drawings[b])):
                ax.plot(*line.T, color=f"C{k % 5}", marker="." * (len(line) == 1))
            ax.set(aspect="equal")
            ax.set_axis_off()
            if titles:
                ax.set_title(titles[b], loc="left", size=11)

    return show(draw, alt=alt, **{"size": (5.4, 1.4 * n), "panels": (n, 1)} | options)


def _lines(points: np.ndarray) -> list[np.ndarray]:
    """Return the places (N, 2) of each line, cut behind the points with a lift."""
    T = np.flatnonzero(points.any(-1)).max(initial=-1) + 1
    lifts = np.flatnonzero(points[:T, 2] > 0.5) + 1
    lines = np.split(points[:T, :2].cumsum(0), lifts)
    return [line for line in lines if len(line)]


def alignment(
    weights: Any,
    source: Sequence[str],
    target: Sequence[str],
    *,
    alt: str,
    **options: Any,
) -> Picture:
    """Show where each output looked: a row for each, a column for each input.

    weights: (T, S), in [0, 1] or a window's; source: S names; target: T names; options:
    as for `show`. Raises ValueError where the numbers of names differ from the shape.
    """
    weights = to_numpy(weights)
    expect_shape("weights", weights, "T S", len(target), len(source))

    def draw(ax: Any) -> None:
        image = ax.imshow(weights, cmap="cividis", vmin=0, aspect="auto")
        ax.grid(False)
        ax.xaxis.tick_top()
        ax.set_xticks(range(len(source)), source, rotation=0 if short else 90)
        ax.set_yticks(range(len(target)), target)
        ax.tick_params(length=0)
        ax.figure.colorbar(image, ax=ax, label="weight")

    short = max(map(len, source), default=0) < 4
    size = (2.2 + 0.35 * len(source), 1.2 + 0.3 * len(target))
    return show(draw, alt=alt, **{"size": size} | options)
