"""Who can use the figure: contrast, focus, small screens, no scripts, the theme."""

import re

import pytest
from reading import FIGURES
from test_browser import accessibility, sideways

# What sticks out of its figure, padding included.
OUTSIDE = """() => [...document.querySelectorAll(".unrolled *")].filter((e) => {
    const figure = e.closest(".unrolled").getBoundingClientRect();
    return e.checkVisibility() && e.getBoundingClientRect().right > figure.right - 12;
}).map((e) => e.outerHTML.slice(0, 90))"""
CONTROLS = """() => [...document.querySelectorAll(
    "button, select, input, summary")].filter((e) => e.checkVisibility())
    .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
    .filter(([, { width, height }]) => width < 24 || height < 24)"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360, 320])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figure_is_accessible(host, theme, width):
    page = host(theme, width)
    assert accessibility(page) == []
    stage = page.locator(".stage").first
    stage.press("End")
    page.locator(".switch").nth(2).click()
    assert accessibility(page) == []
    assert sideways(page) == []
    assert page.evaluate(CONTROLS) == []
    assert page.evaluate(OUTSIDE) == []
    assert "h 2 = 0.5436" in stage.locator("svg[role=img]").get_attribute("aria-label")
    assert page.locator(".said").first.get_attribute("aria-live") == "polite"


@pytest.mark.slow
def test_theme_leaves_the_picture_alone(visit):
    # The theme's classes are many: its .card once took the boxes' height away.
    pages = [visit(f"book/{name}.html") for name in ("host", "themed")]
    boxes = """() => [...document.querySelectorAll(":is(rect, text)")]
        .map((e) => [e.getBBox().height, getComputedStyle(e).fill].join())"""
    bare, themed = (page.evaluate(boxes) for page in pages)
    assert bare == themed
    assert len(bare) > 100


@pytest.mark.slow
def test_focus_is_seen_everywhere(host):
    page = host()
    seen = "getComputedStyle(document.activeElement).outlineStyle"
    places = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(seen) == "solid"
        places.add(page.evaluate("document.activeElement.outerHTML"))
    assert len(places) > 15


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360])
def test_static_picture_without_scripts(browser, site, width):
    viewport = {"width": width, "height": 800}
    context = browser.new_context(java_script_enabled=False, viewport=viewport)
    page = context.new_page()
    page.goto(f"{site}/book/host.html")
    image = page.locator("figure img")
    assert "0.5436" in image.get_attribute("alt")
    assert image.evaluate("e => e.naturalWidth") > 200
    # Not scaled down: its text stays as large as in the live figure.
    assert image.evaluate("e => e.width / e.naturalWidth") == pytest.approx(1)
    assert page.locator("figure button").count() == 0
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_of_the_drawing_have_contrast(theme):
    # axe does not look at text in SVG.
    css = (FIGURES / "picture.css").read_text(encoding="utf-8")
    block = css.split("}")[0 if theme == "light" else 1]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", block))
    text = ["ink card", "ink ground", "muted card", "muted ground", "forward card"]
    text += ["back card", "forward forward-tint", "back back-tint", "ink back-tint"]
    shapes = ["line card", "line ground", "forward ground", "back ground"]
    for pair, least in [(p, 4.5) for p in text] + [(p, 3) for p in shapes]:
        front, ground = (luminance(colours[name]) for name in pair.split())
        low, high = sorted((front, ground))
        assert (high + 0.05) / (low + 0.05) >= least, pair


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
