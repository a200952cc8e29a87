"""Figures of curves, of bands of repeated runs, and of spectra."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course_pkg.pictures import Picture, show

DASHES = ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))


def lines(
    x: Any,
    curves: Mapping[str, Any],
    *,
    alt: str,
    xlabel: str,
    ylabel: str,
    log: bool = False,
    **options: Any,
) -> Picture:
    """Plot named curves over a common axis, such as norms against the lag.

    x: (N,); curves: name -> (N,), told apart by colour and dash
    log: logarithmic vertical axis; options: as for `bands`
    """

    columns = {name: np.asarray(y)[:, None] for name, y in curves.items()}
    labels: dict[str, Any] = {"xlabel": xlabel, "ylabel": ylabel}
    return bands(x, columns, alt=alt, **labels, log=log, **options)


def bands(
    x: Any,
    runs: Mapping[str, Any],
    *,
    alt: str,
    xlabel: str,
    ylabel: str,
    log: bool = False,
    ylim: tuple[float, float] | None = None,
    **options: Any,
) -> Picture:
    """Plot the median of repeated runs over a common axis, and their whole range.

    x: (N,); runs: name -> (N, R), the R runs side by side, told apart as in `lines`
    log: logarithmic vertical axis; ylim: its ends; options: as for `show`
    """

    def draw(ax: Any) -> None:
        for i, (name, run) in enumerate(runs.items()):
            low, middle, high = np.quantile(np.asarray(run), (0, 0.5, 1), axis=1)
            look = {"ls": DASHES[i % 7], "color": f"C{i % 7}", "label": name}
            ax.plot(np.asarray(x), middle, **look)
            if (low < high).any():
                ax.fill_between(x, low, high, color=f"C{i % 7}", alpha=0.2, lw=0)
        scale = "log" if log else "linear"
        ax.set(xlabel=xlabel, ylabel=ylabel, yscale=scale, ylim=ylim)
        if len(runs) > 1:  # above the axes, where it hides no curve
            ax.figure.legend(loc="outside upper center", ncols=2)

    return show(draw, alt=alt, **options)


def spectra(matrices: Mapping[str, Any], *, alt: str, **options: Any) -> Picture:
    """Show eigenvalues in the complex plane beside singular values, for each matrix.

    matrices: name -> (H, H), at most three; options: as for `show`
    """

    def draw(axes: Any) -> None:
        for i, (name, A) in enumerate(matrices.items()):
            look = {"color": f"C{i}", "marker": "ox+"[i], "ls": "", "ms": 3}
            values = np.linalg.eigvals(np.asarray(A))
            axes[0].plot(values.real, values.imag, **look)
            axes[1].plot(np.linalg.svd(np.asarray(A))[1], label=name, **look)
        axes[0].set(title="eigenvalues", xlabel="real", ylabel="imaginary")
        axes[0].set_aspect("equal")
        axes[1].set(title="singular values", xlabel="number")
        axes[1].legend()

    return show(draw, alt=alt, **{"panels": (1, 2), "size": (7.0, 3.2), **options})
