"""One figure, two themes: what a page is given, and that it is the same each time."""

import base64
import re
import subprocess
import sys

import pytest

from course_pkg.pictures import DARK, LIGHT, Picture, show


def diagonal(ax):
    ax.plot([0, 1], [0, 1])


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("alt", ["", "  \n", None])
def test_a_figure_without_alternative_text_is_refused(alt):
    with pytest.raises(ValueError, match=r"alt: expected a sentence .* got "):
        show(diagonal, alt=alt)


def test_both_themes_are_drawn_in_their_colours():
    picture = show(diagonal, alt="A rising line.")
    assert LIGHT[0] in picture.light
    assert DARK[0] not in picture.light
    assert DARK[0] in picture.dark
    assert "#ffffff" in picture.light
    assert "#14181e" in picture.dark


def test_drawing_again_gives_the_same_bytes():
    code = (
        "from course_pkg.pictures import show\n"
        "p = show(lambda ax: ax.plot([0, 1], [0, 1]), alt='A line.', caption='$x$')\n"
        "print(p._repr_html_())"
    )
    runs = [subprocess.check_output([sys.executable, "-c", code]) for _ in range(2)]
    assert runs[0] == runs[1]


def test_text_is_drawn_as_paths():
    picture = show(lambda ax: ax.set(xlabel="lag $k$"), alt="Empty axes.")
    assert "<text" not in picture.light
    assert "<dc:date>" not in picture.light


def test_html_shows_one_image_where_no_style_sheet_says_otherwise():
    html = show(diagonal, alt='A "rising" line.', caption="1 < 2")._repr_html_()
    images = re.findall(r"<img [^>]*>", html)
    assert len(images) == 2
    assert ["display:none" in i for i in images] == [False, True]
    assert html.count('alt="A &quot;rising&quot; line."') == 2
    assert "<figcaption>1 &lt; 2</figcaption>" in html


def test_html_carries_the_drawing():
    picture = show(diagonal, alt="A line.")
    data = re.search(r'light" [^>]*base64,([^"]+)"', picture._repr_html_())[1]
    assert base64.b64decode(data).decode() == picture.light


def test_no_caption_no_figcaption():
    assert "figcaption" not in show(diagonal, alt="A line.")._repr_html_()


def test_several_panels_and_a_size():
    seen = []
    picture = show(
        lambda axes: seen.append(axes.shape),
        alt="Two axes.",
        panels=(1, 2),
        size=(4, 1),
    )
    assert seen == [(2,), (2,)]
    assert 'width="288pt" height="72pt"' in picture.light


def test_settings_do_not_leak():
    import matplotlib

    before = dict(matplotlib.rcParams)
    show(diagonal, alt="A line.")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(("colors", "page"), [(LIGHT, "#ffffff"), (DARK, "#14181e")])
def test_colours_stand_out_from_the_page(colors, page):
    assert len(set(colors)) == 7
    assert min(contrast(color, page) for color in colors) >= 3


def test_a_picture_is_named_by_its_text():
    assert repr(Picture("", "", "A line.")) == "Picture('A line.')"
