"""One way to show a figure: in a light and a dark version, with alternative text.

Matplotlib is an extra and is imported when the first figure is drawn.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

# Seven colours that stay apart for colour-blind eyes (Okabe and Ito, 2008, darkened
# or lightened until each has a contrast of at least 3:1 with the page).
LIGHT = ("#0072b2", "#c44e00", "#007a5a", "#9c4f86", "#8a6d00", "#111111", "#5f6670")
DARK = ("#64b5f0", "#ff9e5e", "#3ecfa5", "#e49ccb", "#e6c84a", "#ffffff", "#a9b2bd")


@dataclass(frozen=True)
class Picture:
    """A finished figure: two SVG texts of which a page shows the one that fits."""

    light: str
    dark: str
    alt: str
    caption: str | None = None

    def _repr_html_(self) -> str:
        # The dark one is hidden where no style sheet of the book says otherwise.
        alt, caption = escape(self.alt), escape(self.caption or "")
        images = (
            f'<img class="unrolled-light" alt="{alt}" src="{_uri(self.light)}">'
            f'<img class="unrolled-dark" alt="{alt}" src="{_uri(self.dark)}"'
            ' style="display:none">'
        )
        caption = caption and f"<figcaption>{caption}</figcaption>"
        return f'<figure class="unrolled-figure">{images}{caption}</figure>'

    def __repr__(self) -> str:
        return f"Picture({self.alt!r})"


def show(
    draw: Callable[[Any], object],
    *,
    alt: str,
    size: tuple[float, float] = (5.4, 3.0),
    panels: tuple[int, int] = (1, 1),
    caption: str | None = None,
) -> Picture:
    """Draw a figure in both themes.

    draw: called once per theme with the Axes (an array of them if `panels` asks
        for several); "C0" to "C6" are the theme's colours, the rest is set
    alt: what a reader who cannot see the figure should know
    size: width and height in inches; panels: rows and columns
    Raises ValueError where `alt` is empty.
    """
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(
            "alt: expected a sentence that says what the figure shows, "
            f"for readers who cannot see it, got {alt!r}"
        )
    light = _svg(draw, size, panels, _style("#ffffff", "#1f2328", "#d5d9de", LIGHT))
    dark = _svg(draw, size, panels, _style("#14181e", "#e3e6ea", "#3b434d", DARK))
    return Picture(light, dark, " ".join(alt.split()), caption)


def _style(page: str, ink: str, faint: str, colors: Sequence[str]) -> dict[str, Any]:
    """Return matplotlib's settings for one theme; every text becomes a path."""
    from cycler import cycler

    inked = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color")
    paged = ("figure.facecolor", "axes.facecolor", "savefig.facecolor")
    return {
        **dict.fromkeys((*inked, "ytick.color"), ink),
        **dict.fromkeys(paged, page),
        **dict.fromkeys(("axes.spines.right", "axes.spines.top"), False),
        **{
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": faint,
            "grid.linewidth": 0.6,
        },
        **{"axes.prop_cycle": cycler(color=colors), "lines.linewidth": 1.8},
        **{"font.family": "DejaVu Sans", "font.size": 11, "mathtext.fontset": "cm"},
        **{"svg.fonttype": "path", "svg.hashsalt": "unrolled", "legend.frameon": False},
    }


def _svg(draw: Callable[[Any], object], size, panels, style: dict[str, Any]) -> str:
    """Return the drawing as SVG text: the same bytes for the same drawing."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.subplots(*panels))
        return _written(figure)


def _written(figure: Any) -> str:
    text = io.StringIO()
    nothing = {"Date": None, "Creator": None}
    figure.savefig(text, format="svg", metadata=nothing)
    return text.getvalue()


def _uri(svg: str) -> str:
    data = base64.b64encode(svg.encode()).decode()
    return f"data:image/svg+xml;base64,{data}"
