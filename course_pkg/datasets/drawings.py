"""Pictures with captions, and pen strokes with known style or known text.

Everything is drawn from the generator rng; images and points are float32.
"""

import math
from itertools import pairwise

import numpy as np

from course_pkg.arrays import Array, expect
from course_pkg.datasets.totals import Rng, expect_sizes

SIZES = {"small": 2, "large": 3}  # pixels from the middle to the edge
COLOURS = {
    "red": (1, 0, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
    "yellow": (1, 1, 0),
    "white": (1, 1, 1),
}
SHAPES = ("square", "disc", "triangle", "cross")
PLACES = {
    "top left": (0, 0),
    "top right": (0, 8),
    "bottom left": (8, 0),
    "bottom right": (8, 8),
}

# Corners of each letter's line, right and up, in a box of width and height 1.
LETTERS = {
    "c": ((1, 1), (0, 1), (0, 0), (1, 0)),
    "l": ((0, 1), (0, 0), (0.5, 0)),
    "m": ((0, 0), (0, 1), (0.5, 0.3), (1, 1), (1, 0)),
    "n": ((0, 0), (0, 1), (1, 0), (1, 1)),
    "o": ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0)),
    "v": ((0, 1), (0.5, 0), (1, 1)),
    "w": ((0, 1), (0.25, 0), (0.5, 0.7), (0.75, 0), (1, 1)),
    "z": ((0, 1), (1, 1), (0, 0), (1, 0)),
}


def shapes(rng: Rng, B: int) -> tuple[Array, list[str]]:
    """Draw B pictures of one shape each, and say what is to be seen.

    Returns images (B, 3, 16, 16), red, green and blue in [0, 1] on black, and captions
    such as "a small red disc at the top left": 2 sizes, 5 colours, 4 shapes, 4 places.
    The place within a quarter and the brightness vary.
    """
    expect_sizes(rng, {}, B=B)
    images, captions = np.zeros((B, 3, 16, 16), dtype=np.float32), []
    for image in images:
        size, colour, shape, place = (
            str(rng.choice(list(names))) for names in (SIZES, COLOURS, SHAPES, PLACES)
        )
        pixels = _filled(shape, SIZES[size])
        side = len(pixels)
        top, left = np.array(PLACES[place]) + rng.integers(0, 9 - side, 2)
        light = rng.uniform(0.7, 1) * np.array(COLOURS[colour])
        image[:, top : top + side, left : left + side] = light[:, None, None] * pixels
        captions.append(f"a {size} {colour} {shape} at the {place}")
    return images, captions


def _filled(shape: str, k: int) -> Array:
    """Return (2k + 1, 2k + 1): which pixels a shape covers."""
    down, right = np.mgrid[-k : k + 1, -k : k + 1]
    if shape == "disc":
        return down**2 + right**2 <= (k + 0.4) ** 2
    if shape == "triangle":
        return abs(right) <= (down + k) / 2
    if shape == "cross":
        return np.minimum(abs(down), abs(right)) <= k // 3
    return np.full(down.shape, True)


def waves(rng: Rng, T: int, B: int) -> tuple[Array, Array]:
    """Draw pen lines that swing up and down, each in a style of its own.

    Returns points (T, B, 3): steps right and up, pen lift (1 at the last step alone);
    style (B, 2): period in steps, uniform in 8..24, and slope of the line the wave
    follows, uniform in -0.5..0.5. Sums of the steps give the line.
    """
    expect_sizes(rng, {}, T=T, B=B)
    period, slope = rng.uniform(8, 24, B), rng.uniform(-0.5, 0.5, B)
    turn, t = rng.uniform(0, 2 * math.pi, B), np.arange(T + 1)[:, None]
    up = np.sin(2 * math.pi * t / period + turn) + 0.1 * slope * t
    noise = 0.01 * rng.normal(size=(T, B))
    points = np.zeros((T, B, 3), dtype=np.float32)
    points[..., 0], points[..., 1] = 0.1, np.diff(up, axis=0) + noise
    points[-1, :, 2] = 1
    return points, np.stack([period, slope], axis=-1)


def letters(
    rng: Rng, B: int, length: int = 4, shake: float = 0.03
) -> tuple[list[Array], list[str]]:
    """Write B texts of so many toy letters with a pen.

    Returns drawings, each (T_b, 3), steps right and up, and 1 where the pen is lifted,
    after each letter; and the texts, of the letters c l m n o v w z. Slant and
    size differ from text to text; shake ≥ 0: deviation of each point.
    """
    expect_sizes(rng, {}, B=B, length=length)
    expect(shake >= 0, "shake", "a number ≥ 0", shake)
    texts = ["".join(rng.choice(list(LETTERS), length)) for _ in range(B)]
    return [_written(rng, text, shake) for text in texts], texts


def _written(rng: Rng, text: str, shake: float) -> Array:
    places, lifts = [np.zeros((1, 2))], [0.0]
    for n, letter in enumerate(text):
        corners = np.array(LETTERS[letter], dtype=float)
        corners[:, 0] += 1.4 * n
        line = _line(corners)
        places.append(line + shake * rng.normal(size=line.shape))
        lifts += [0.0] * (len(line) - 1) + [1.0]
    at = np.concatenate(places) * rng.uniform(0.8, 1.2)
    at[:, 0] += rng.uniform(-0.3, 0.5) * at[:, 1]
    steps = np.diff(at, axis=0)
    return np.column_stack([steps, lifts[1:]]).astype(np.float32)


def _line(corners: Array, step: float = 0.3) -> Array:
    """Put points at most ``step`` apart on the line through the corners (N, 2)."""
    pieces = [corners[:1]]
    for a, b in pairwise(corners):
        n = math.ceil(float(np.hypot(*(b - a))) / step)
        pieces.append(a + (b - a) * np.arange(1, n + 1)[:, None] / n)
    return np.concatenate(pieces)
