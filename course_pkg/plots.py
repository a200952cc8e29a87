"""The figures of the book and of the notebooks, all drawn by `show`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_pkg.arrays import expect
from course_pkg.curves import DASHES, bands, lines, spectra
from course_pkg.outputs import alignment, strokes
from course_pkg.pictures import Picture, show

__all__ = [
    "DASHES",
    "Picture",
    "alignment",
    "bands",
    "heat_map",
    "lines",
    "show",
    "spectra",
    "strokes",
    "unrolled",
]


def heat_map(
    matrix: Any,
    *,
    alt: str,
    xlabel: str,
    ylabel: str,
    label: str = "",
    log: bool = False,
    **options: Any,
) -> Picture:
    """Show a matrix as a grid of colours, first row at the top.

    matrix: (rows, columns); NaN, and zeros where `log` is set, stay empty
    label: what the colour bar measures; options: as for `show`
    """
    values = np.ma.masked_invalid(np.asarray(matrix, dtype=float))
    values = np.ma.masked_less_equal(values, 0) if log else values

    def draw(ax: Any) -> None:
        image = ax.imshow(values, cmap="cividis", norm="log" if log else "linear")
        ax.grid(False)
        if np.ma.getmaskarray(values).any():  # empty is not the lowest colour
            ax.patch.set(hatch="///", edgecolor="C6", alpha=0.25)
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.figure.colorbar(image, ax=ax, label=label)

    return show(draw, alt=alt, **{"size": (5.0, 3.6), **options})


def unrolled(
    T: int,
    *,
    alt: str,
    h: Sequence[float] | None = None,
    dh: Sequence[float] | None = None,
    backward: bool = False,
    **options: Any,
) -> Picture:
    """Draw T copies of a network: inputs below, states, outputs above.

    h, dh: (T,) numbers printed into the states; backward: add the arrows of the
    gradient. Raises ValueError where there are not T numbers.
    """
    _expect_numbers(T, h=h, dh=dh)
    width = 1.2 if h is None and dh is None else 2.0
    step = width + 1.1

    def draw(ax: Any) -> None:
        left = step - width / 2 - 1.55
        sides = left - 0.55, step * T + width / 2 + 0.1
        ax.set(xlim=sides, ylim=(-2.4, 2.4), aspect="equal")
        ax.set_axis_off()
        _box(ax, left, 0, "C0", 0.9, "$h_0$")
        for t in range(1, T + 1):
            _state(ax, t, step * t, width, h, dh)
            _arrows(ax, step * t, width / 2, names=t == 1, backward=backward)

    options.setdefault("size", (0.55 * (step * T + 2.2), 2.7))
    return show(draw, alt=alt, **options)


def _expect_numbers(T: int, **named: Sequence[float] | None) -> None:
    for name, numbers in named.items():
        N = T if numbers is None else len(numbers)
        expect(N == T, name, f"(T,) = ({T},)", f"({N},)")


def _state(
    ax: Any,
    t: int,
    x: float,
    width: float,
    h: Sequence[float] | None,
    dh: Sequence[float] | None,
) -> None:
    """Draw copy t at x: its state with its numbers, its input and its output."""
    value = "" if h is None else f" = {_digits(h[t - 1])}"
    back = "" if dh is None else f"$\\partial L$ : {_digits(dh[t - 1])}"
    _box(ax, x, 0, "C0", width, f"$h_{{{t}}}${value}", back)
    _box(ax, x, -1.9, "C2", 0.9, f"$x_{{{t}}}$")
    _box(ax, x, 1.9, "C3", 0.9, f"$\\hat y_{{{t}}}$")


def _digits(number: float) -> str:
    return f"{number:.3g}".replace("-", "\N{MINUS SIGN}")


def _box(ax: Any, x: float, y: float, color: str, width: float, *lines: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = (x - width / 2, y - 0.45)
    round_ = "round,pad=0,rounding_size=0.12"
    ax.add_patch(
        FancyBboxPatch(corner, width, 0.9, round_, fc="none", ec=color, lw=1.5)
    )
    lift = 0.2 if all(lines) and lines[1:] else 0.0
    ink = dict(zip(lines, ({}, {"color": "C1"}), strict=False))
    for i, line in enumerate(lines):
        place = (x, y + (-lift if i else lift))
        ax.text(*place, line, ha="center", va="center", size=10, **ink[line])


def _arrows(ax: Any, x: float, half: float, names: bool, backward: bool) -> None:
    """Draw what enters and leaves the state at x; `names` adds the weights."""
    lines = [
        ((x - half - 1.1, 0), (x - half, 0), "$W_{hh}$", (0, 0.28)),
        ((x, -1.45), (x, -0.45), "$W_{ih}$", (-0.4, 0)),
        ((x, 0.45), (x, 1.45), "$W_{hy}$", (-0.4, 0)),
    ]
    for start, end, name, (right, up) in lines:
        arrow = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", end, start, arrowprops={**arrow, "color": "C6"})
        middle = ((start[0] + end[0]) / 2 + right, (start[1] + end[1]) / 2 + up)
        if names:
            ax.text(*middle, name, ha="center", va="center", size=10)
        if backward and start[1] >= 0:
            # beside the arrow forward: below the one between states, right of one up
            side = (0, -0.25) if start[1] == 0 else (0.25, 0)
            end, start = [(p[0] + side[0], p[1] + side[1]) for p in (start, end)]
            back = {**arrow, "color": "C1", "linestyle": "--"}
            ax.annotate("", end, start, arrowprops=back)
