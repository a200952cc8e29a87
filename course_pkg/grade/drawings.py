"""Drawings as SVG from plain numbers; colours and fonts are the page's."""

from collections.abc import Sequence

from course_pkg.grade.frame import text

SIDE, EDGE = 280, 34  # of a graph: its square, and the room around it
BEYOND = 1.6  # an answer further off is drawn at the border


def sign(ok: bool) -> str:
    """Draw a tick or a cross; the word stands beside it."""
    way = "M2 9 l4 4 8-10" if ok else "M3 3 l10 10 M13 3 l-10 10"
    kind = "right" if ok else "wrong"
    return (
        f'<svg viewBox="0 0 16 16" aria-hidden="true"><path class="{kind}" d="{way}"/>'
        "</svg>"
    )


def bar(points: float, most: float) -> str:
    """Draw the share of points got; the number stands beside it."""
    share = 100 * min(max(points / most, 0), 1) if most else 0
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="rest" width="100" height="8"/>'
        f'<rect class="got" width="{share:.1f}" height="8"/></svg>'
    )


def against(points: Sequence[tuple[float, float, bool]], name: str) -> str:
    """Draw right values (across) against yours (up): a right answer is a diagonal.

    ``points`` are as `course_pkg.check.picture.graph` makes them.
    """
    largest = max(abs(y) for _, y, _ in points)
    limit = min(max(1.0, largest), BEYOND)
    beyond = sum(abs(y) > limit for _, y, _ in points)
    middle, half = EDGE + SIDE / 2, SIDE / 2

    def place(value: float) -> float:
        return half * max(-limit, min(value, limit)) / (limit * 1.06)

    marks = [
        _mark(middle + place(right), middle - place(yours), wrong)
        for right, yours, wrong in points
    ]
    size, end = SIDE + 2 * EDGE, EDGE + SIDE
    off = sum(wrong for *_, wrong in points)
    more = f", {beyond} beyond the border" if beyond else ""
    label = f"{name}: {off} of {len(points)} values off the diagonal{more}"
    return (
        f'<svg viewBox="0 0 {size} {size}" width="{size}" height="{size}" role="img" '
        f'aria-label="{text(label)}">'
        f'<rect class="axis" x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}"/>'
        f'<path class="axis" d="M{middle} {EDGE}V{end}M{EDGE} {middle}H{end}"/>'
        f'<path class="same" d="M{EDGE} {end}L{end} {EDGE}"/>{"".join(marks)}'
        f'<text x="{middle}" y="{end + 20}" text-anchor="middle">the right value</text>'
        f'<text transform="translate({EDGE - 12} {middle}) rotate(-90)" '
        'text-anchor="middle">yours</text></svg>'
    )


def _mark(x: float, y: float, wrong: bool) -> str:
    if wrong:
        return f'<path class="wrong" d="M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6"/>'
    return f'<circle class="right" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def histogram(scores: Sequence[float], most: float, bins: int = 10) -> str:
    """Draw how many students have how many points, in equal steps of points."""
    counts = counted(scores, most, bins)
    width, height, left, top = 560, 180, 24, 20
    step, tallest = width / len(counts), max(max(counts, default=0), 1)
    bars = []
    for i, count in enumerate(counts):
        tall = height * count / tallest
        x, y = left + i * step, top + height - tall
        bars.append(
            f'<rect class="got" x="{x + 2:.1f}" y="{y:.1f}" width="{step - 4:.1f}" '
            f'height="{tall:.1f}"/>'
        )
        if count:
            bars.append(
                f'<text x="{x + step / 2:.1f}" y="{y - 5:.1f}" text-anchor="middle">'
                f"{count}</text>"
            )
    for i in range(0, len(counts) + 1, 2):
        at = left + i * step
        bars.append(
            f'<text x="{at:.1f}" y="{top + height + 18}" text-anchor="middle">'
            f"{most * i / len(counts):.3g}</text>"
        )
    label = f"Students by points, from 0 to {most:g}: {', '.join(map(str, counts))}"
    base = top + height
    return (
        f'<svg class="histogram" viewBox="0 0 {width + 2 * left} {height + 50}" '
        f'width="{width + 2 * left}" role="img" aria-label="{label}">'
        f'<path class="axis" d="M{left} {base}H{left + width}"/>{"".join(bars)}</svg>'
    )


def counted(scores: Sequence[float], most: float, bins: int = 10) -> list[int]:
    """Count scores in equal steps; the last step has both its ends."""
    counts = [0] * bins
    for score in scores:
        place = int(bins * score / most) if most else 0
        counts[min(max(place, 0), bins - 1)] += 1
    return counts
