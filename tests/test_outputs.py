"""Figures of strokes and alignments: they show the numbers that they are given."""

import numpy as np
import pytest
from oracle import complains

from course_pkg import plots

# Two lines of a pen, then nothing any more.
POINTS = np.array(
    [[1, 2, 0], [1, 0, 0], [0, 1, 1], [2, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 0]], float
)
LINES = ([[1, 2], [2, 2], [2, 3]], [[4, 3], [5, 4]])


@pytest.fixture
def drawn(monkeypatch):
    """Keep the figures that are drawn."""
    from matplotlib.figure import Figure

    kept, save = [], Figure.savefig

    def savefig(figure, *args, **options):
        kept.append(figure)
        return save(figure, *args, **options)

    monkeypatch.setattr(Figure, "savefig", savefig)
    return kept


def lines_of(ax):
    return [np.stack(line.get_data(), -1).tolist() for line in ax.get_lines()]


def test_strokes_add_up_steps_and_break_at_lifts(drawn):
    plots.strokes(POINTS, alt="Two lines.")
    assert len(drawn) == 2
    for figure in drawn:
        (ax,) = figure.axes
        assert lines_of(ax) == list(map(list, LINES))
        assert ax.get_aspect() == 1
        assert not ax.axison


def test_several_drawings_stand_below_each_other(drawn):
    dot = np.array([[1.0, 1, 1]])
    plots.strokes([dot, POINTS], alt="A dot and lines.", titles=["dot", "lines"])
    one, two = drawn[0].axes
    assert lines_of(one) == [[[1, 1]]]
    assert one.get_lines()[0].get_marker() == "."
    assert lines_of(two) == list(map(list, LINES))
    assert [ax.get_title(loc="left") for ax in (one, two)] == ["dot", "lines"]
    assert one.get_position().y0 > two.get_position().y0


def test_an_empty_drawing_is_empty(drawn):
    plots.strokes(np.zeros((3, 3)), alt="Nothing.")
    assert lines_of(drawn[0].axes[0]) == []


def test_an_alignment_names_rows_and_columns(drawn):
    weights = np.array([[0.1, 0.8, 0.1], [0.5, 0.25, 0.25]])
    plots.alignment(weights, ["le", "petit", "chat"], ["the", "cat"], alt="Two rows.")
    ax, bar = drawn[0].axes
    (image,) = ax.get_images()
    np.testing.assert_array_equal(image.get_array(), weights)
    assert image.origin == "upper"
    assert image.get_clim() == (0, 0.8)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["le", "petit", "chat"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["the", "cat"]
    assert ax.get_xticklabels()[0].get_rotation() == 90
    assert bar.get_ylabel() == "weight"


def test_short_names_stand_upright(drawn):
    plots.alignment(np.ones((1, 2)), "ab", ["c"], alt="One row.")
    assert drawn[0].axes[0].get_xticklabels()[0].get_rotation() == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: plots.strokes(POINTS[None], alt="x"),
            "points: expected (T, 3), got (1, 7, 3)",
        ),
        (
            lambda: plots.strokes([POINTS, POINTS], alt="x", titles=["a"]),
            "titles: expected 2, one for each, got 1",
        ),
        (
            lambda: plots.alignment(np.ones((2, 3)), "ab", "cd", alt="x"),
            "weights: expected (T, S) = (2, 2), got (2, 3)",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()
