"""Pictures, pen strokes and melodies."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_pkg import datasets
from course_pkg.datasets.drawings import COLOURS, LETTERS

SEEDS = st.integers(0, 2**32)
CAPTION = re.compile(
    r"a (small|large) (\w+) (square|disc|triangle|cross) "
    r"at the (top|bottom) (left|right)"
)


def rng(seed=0):
    return np.random.default_rng(seed)


@given(SEEDS)
def test_a_caption_tells_what_the_picture_shows(seed):
    images, captions = datasets.shapes(rng(seed), 8)
    assert images.shape == (8, 3, 16, 16)
    assert images.dtype == np.float32
    assert images.min() == 0
    assert images.max() <= 1
    for image, caption in zip(images, captions, strict=True):
        _, colour, _, height, side = CAPTION.fullmatch(caption).groups()
        rows, columns = np.nonzero(image.max(0))
        assert (rows.max() < 8) == (height == "top")
        assert (rows.min() >= 8) == (height == "bottom")
        assert (columns.max() < 8) == (side == "left")
        assert (columns.min() >= 8) == (side == "right")
        channels = image.max((1, 2))
        assert tuple(channels > 0) == tuple(map(bool, COLOURS[colour]))


def masks(n):
    images, captions = datasets.shapes(rng(1), n)
    for image, caption in zip(images, captions, strict=True):
        size, _, shape, *_ = CAPTION.fullmatch(caption).groups()
        yield size, shape, image.max(0) > 0


def test_sizes_and_shapes_can_be_told_apart():
    """Small ones cover fewer pixels, and no two shapes give the same pixels."""
    pixels, drawn = {}, {}
    for size, shape, mask in masks(1500):
        pixels.setdefault((size, shape), []).append(mask.sum())
        rows, columns = np.nonzero(mask)
        cut = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        drawn.setdefault((cut.shape, cut.tobytes()), set()).add((size, shape))
    assert len(pixels) == 8
    for shape in ("square", "disc", "triangle", "cross"):
        assert max(pixels["small", shape]) < min(pixels["large", shape])
    assert all(len(names) == 1 for names in drawn.values())


def test_a_disc_is_round_a_triangle_stands_and_a_cross_has_arms():
    for _, shape, mask in masks(300):
        rows, columns = np.nonzero(mask)
        top, left = rows.min(), columns.min()
        widths = mask.sum(1)[top : rows.max() + 1]
        if shape == "square":
            assert len(set(widths.tolist())) == 1
        elif shape == "triangle":
            assert widths[0] < widths[-1]
            assert (np.diff(widths) >= 0).all()
        else:
            assert not mask[top, left]
            assert widths[0] < widths[len(widths) // 2]


@given(SEEDS, st.integers(1, 40), st.integers(1, 5))
def test_waves_lift_the_pen_once(seed, T, B):
    points, style = datasets.waves(rng(seed), T, B)
    assert points.shape == (T, B, 3)
    assert points.dtype == np.float32
    assert style.shape == (B, 2)
    assert (points[-1, :, 2] == 1).all()
    assert points[:-1, :, 2].sum() == 0


def test_the_style_of_a_wave_is_its_period_and_slope():
    """Measured on the line: the strongest frequency, and the mean rise."""
    points, style = datasets.waves(rng(), 2000, 6)
    steps = points[..., 1].astype(float)
    assert steps.mean(0) * 10 == pytest.approx(style[:, 1], abs=0.02)
    power = abs(np.fft.rfft(steps - steps.mean(0), axis=0))
    assert 2000 / power.argmax(0) == pytest.approx(style[:, 0], rel=0.02)


@given(SEEDS, st.integers(1, 5), st.integers(1, 6))
def test_letters_lift_the_pen_after_each(seed, B, length):
    drawings, texts = datasets.letters(rng(seed), B, length)
    assert len(drawings) == len(texts) == B
    for drawing, text in zip(drawings, texts, strict=True):
        assert set(text) <= set(LETTERS)
        assert len(text) == length
        assert drawing.dtype == np.float32
        assert drawing[:, 2].sum() == length
        assert drawing[-1, 2] == 1


def test_letters_without_shake_pass_their_corners():
    """Undo slant and size by the way between two corners, then compare."""
    (drawing,), (text,) = datasets.letters(rng(4), 1, 3, shake=0)
    at = np.concatenate([np.zeros((1, 2)), drawing[:, :2].cumsum(0)])
    stops = [0, *(np.flatnonzero(drawing[:, 2]) + 1)]
    size = np.ptp(at[:, 1])
    for n, letter in enumerate(text):
        corners = np.array(LETTERS[letter], dtype=float)
        corners[:, 0] += 1.4 * n
        corners *= size
        piece = at[stops[n] + 1 : stops[n + 1] + 1]
        low = corners[:, 1] == 0
        for corner in corners[low]:
            assert np.hypot(*(piece - corner).T).min() < 1e-5
        heights = piece[:, 1]
        assert heights.max() == pytest.approx(corners[:, 1].max(), abs=1e-5)


@given(SEEDS, st.integers(2, 8), st.integers(1, 5))
def test_melodies_have_the_form_a_a_b_a(seed, bar, B):
    x = datasets.melodies(rng(seed), 4 * bar, B)
    assert x.shape == (4 * bar, B)
    assert x.dtype == np.int64
    assert x.min() >= 0
    assert x.max() < len(datasets.NOTES)
    a, again, third, last = x.reshape(4, bar, B)
    assert (a == again).all()
    assert (a == last).all()
    assert set(np.unique(a[-1])) <= {0, 5, 10}
    assert all(datasets.NOTES[n] % 12 == 0 for n in (0, 5, 10))
    for phrase in (a, third):
        assert all(abs(v - w).max() <= 2 for v, w in pairwise(phrase))


def test_the_third_part_is_new():
    a, _, b, _ = datasets.melodies(rng(), 16, 100).reshape(4, 4, 100)
    assert (a != b).any(0).mean() > 0.95


ERRORS = {
    "^B: expected a number ≥ 1, got 0": lambda: datasets.shapes(rng(), 0),
    "^T: expected a number ≥ 1, got 0": lambda: datasets.waves(rng(), 0, 1),
    "length: expected a number ≥ 1, got 0": lambda: datasets.letters(rng(), 1, 0),
    "shake: expected a number ≥ 0, got -1": lambda: datasets.letters(
        rng(), 1, shake=-1
    ),
    "T: expected a number ≥ 8, got 4": lambda: datasets.melodies(rng(), 4, 1),
    "T: expected a number divisible by 4, got 10": lambda: datasets.melodies(
        rng(), 10, 1
    ),
}


@pytest.mark.parametrize("message", ERRORS)
def test_bad_input_is_named(message):
    with pytest.raises(ValueError, match=message):
        ERRORS[message]()
