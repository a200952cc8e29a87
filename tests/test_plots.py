"""The figures of the first chapters: they draw the numbers that they are given."""

import subprocess
import sys

import numpy as np
import pytest

from course_pkg import plots


@pytest.fixture
def drawn(monkeypatch):
    """Keep the axes that `show` hands to a drawing, once each figure is finished."""
    from matplotlib.figure import Figure

    kept = []
    save = Figure.savefig

    def savefig(figure, *args, **options):
        kept.append(figure)
        return save(figure, *args, **options)

    monkeypatch.setattr(Figure, "savefig", savefig)
    return kept


def texts(figure):
    return [t.get_text() for t in figure.axes[0].texts if t.get_text()]


def test_importing_needs_no_matplotlib():
    code = "import sys, course_pkg.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_lines_plots_every_curve(drawn):
    lag = np.arange(1, 6)
    curves = {"half": 0.5**lag, "whole": 1.0**lag}
    plots.lines(lag, curves, alt="Two.", xlabel="lag", ylabel="norm", log=True)
    assert len(drawn) == 2
    for figure in drawn:
        (ax,) = figure.axes
        assert ax.get_yscale() == "log"
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("lag", "norm")
        for line, (name, y) in zip(ax.get_lines(), curves.items(), strict=True):
            assert line.get_label() == name
            np.testing.assert_array_equal(line.get_xdata(), lag)
            np.testing.assert_array_equal(line.get_ydata(), y)
        assert len({line.get_linestyle() for line in ax.get_lines()}) == 2


def test_bands_plots_the_median_and_the_range_of_the_runs(drawn):
    runs = {"a": [[3.0, 1.0, 8.0], [2.0, 2.0, 5.0]], "b": [[1.0, 4.0], [1.0, 6.0]]}
    labels = {"xlabel": "window", "ylabel": "nats", "log": True, "ylim": (0.5, 20)}
    plots.bands([1, 2], runs, alt="Two bands.", **labels)
    assert len(drawn) == 2
    for figure in drawn:
        (ax,) = figure.axes
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("window", "nats")
        assert (ax.get_yscale(), ax.get_ylim()) == ("log", (0.5, 20))
        middles = [line.get_ydata().tolist() for line in ax.get_lines()]
        assert middles == [[3, 2], [2.5, 3.5]]
        spans = [c.get_paths()[0].vertices for c in ax.collections]
        ranges = [{(x, y) for x, y in v.tolist()} for v in spans]
        assert ranges == [
            {(1, 1), (1, 8), (2, 2), (2, 5)},
            {(1, 1), (1, 4), (2, 1), (2, 6)},
        ]
        assert len(figure.legends) == 1


def test_spectra_shows_both_kinds_of_values(drawn):
    A = np.array([[0.0, 2.0], [-0.5, 0.0]])
    plots.spectra({"A": A, "I": np.eye(2)}, alt="Two.")
    for figure in drawn:
        left, right = figure.axes
        turning, still = left.get_lines()
        assert sorted(turning.get_ydata()) == pytest.approx([-1, 1])
        assert list(still.get_xdata()) == [1, 1]
        assert list(right.get_lines()[0].get_ydata()) == pytest.approx([2, 0.5])
        assert [t.get_text() for t in right.get_legend().get_texts()] == ["A", "I"]


def test_one_curve_needs_no_legend(drawn):
    plots.lines([1, 2], {"only": [1, 2]}, alt="One.", xlabel="x", ylabel="y")
    assert drawn[0].axes[0].get_legend() is None


def test_heat_map_keeps_rows_on_top_and_leaves_gaps(drawn):
    matrix = np.array([[1.0, np.nan], [0.0, 100.0]])
    plots.heat_map(matrix, alt="Four.", xlabel="k", ylabel="t", label="norm", log=True)
    ax, bar = drawn[0].axes
    (image,) = ax.get_images()
    np.testing.assert_array_equal(
        image.get_array().mask, [[False, True], [True, False]]
    )
    assert image.origin == "upper"
    assert image.get_clim() == (1, 100)
    assert bar.get_ylabel() == "norm"
    assert ax.patch.get_hatch()


def test_heat_map_without_log_shows_zeros(drawn):
    plots.heat_map([[0.0, 1.0]], alt="Two.", xlabel="k", ylabel="t")
    (image,) = drawn[0].axes[0].get_images()
    assert not np.ma.getmaskarray(image.get_array()).any()
    assert not drawn[0].axes[0].patch.get_hatch()


def test_unrolled_names_every_copy(drawn):
    plots.unrolled(3, alt="Three copies.")
    expected = {"$h_0$", "$W_{ih}$", "$W_{hh}$", "$W_{hy}$"}
    for t in (1, 2, 3):
        expected |= {f"$h_{{{t}}}$", f"$x_{{{t}}}$", f"$\\hat y_{{{t}}}$"}
    assert sorted(texts(drawn[0])) == sorted(expected)


def test_unrolled_prints_its_numbers(drawn):
    plots.unrolled(2, alt="Two.", h=[0.25, -0.5], dh=[1.0, 0.0125], backward=True)
    found = texts(drawn[0])
    for text in ("$h_{1}$ = 0.25", "$h_{2}$ = −0.5"):
        assert text in found
    for text in ("$\\partial L$ : 1", "$\\partial L$ : 0.0125"):
        assert text in found


def test_unrolled_adds_arrows_back_on_request(drawn):
    plots.unrolled(3, alt="Forward.")
    plots.unrolled(3, alt="Both ways.", backward=True)
    arrows = [sum(bool(t.arrow_patch) for t in _arrows(f)) for f in drawn[::2]]
    assert arrows == [9, 15]


def _arrows(figure):
    from matplotlib.text import Annotation

    return [t for t in figure.axes[0].texts if isinstance(t, Annotation)]


@pytest.mark.parametrize("name", ["h", "dh"])
def test_unrolled_wants_a_number_for_every_step(name):
    with pytest.raises(
        ValueError, match=rf"{name}: expected \(T,\) = \(3,\), got \(2,\)"
    ):
        plots.unrolled(3, alt="Three.", **{name: [0.1, 0.2]})


def test_every_figure_wants_alternative_text():
    with pytest.raises(ValueError, match="alt"):
        plots.unrolled(2, alt="")
