"""The figures of the chapter `remedies`: their mathematics, their use, their pictures.

remedies.json and the pictures are generated. After a change that is meant, write them
anew: WRITE_FIGURES=1 python -m pytest tests/book/figures -k generated
"""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from building import ROOT
from reading import FIGURES, tab_to
from test_browser import accessibility, sideways
from test_plots_figures import DRAW, flat, near

from course_pkg import truncation
from course_pkg.runs import cliff

WRITE = "WRITE_FIGURES" in os.environ
VECTORS = Path(__file__).with_name("remedies.json")
STILLS = {"cliff": "clifffigure", "chunks": "chunksfigure"}
COMPUTE = """async ({ points, walks, plans }) => {
    const c = await import("/_static/figures/cliff.mjs");
    const w = await import("/_static/figures/chunks.mjs");
    return {
        points: points.map(({ at }) => c.cliff(...at)),
        walks: walks.map(({ from }) => {
            const { places, norms } = c.descend(...from, 6);
            return [places, norms];
        }),
        plans: plans.map(({ of, lag }) => [
            w.windows(...of).map(({ start, fresh, stop }) => [start, fresh, stop]),
            w.reachShare(lag, of[1], of[2])]),
    };
}"""


def cases():
    """Return points, short walks and plans, each with the package's numbers."""
    rng = np.random.default_rng(8)
    points = rng.uniform((0.8, -0.8), (2.6, 0.4), size=(30, 2)).round(2).tolist()
    walks = [
        [w, b, 0.05, c] for (w, b), c in zip(points[:8], [1, 0.2] * 4, strict=True)
    ]
    plans = [(24, 6, 6, 4), (24, 5, 7, 6), (23, 12, 20, 12), (7, 1, 1, 0)]
    return {
        "points": [
            {"at": at, "values": [float(v) for v in cliff.cliff(*at)]} for at in points
        ],
        "walks": [
            {"from": w, "values": [v.tolist() for v in cliff.descend(*w, steps=6)]}
            for w in walks
        ],
        "plans": [
            {"of": of, "lag": lag, "values": plan(*of, lag)} for *of, lag in plans
        ],
    }


def plan(T, size, reach, lag):
    """Return the windows and the share of a lag."""
    found = [list(w) for w in truncation.windows(T, size, reach)]
    return [found, truncation.reach_share(lag, size, reach)]


def test_generated_vectors_are_the_packages():
    made = json.loads(json.dumps(cases()))
    if WRITE:
        VECTORS.write_text(json.dumps(made) + "\n", encoding="utf-8")
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    for kind, rows in made.items():
        for old, new in zip(kept[kind], rows, strict=True):
            assert flat(old.pop("values")) == near(flat(new.pop("values")))
            assert old == new


@pytest.mark.slow
def test_javascript_agrees_with_the_package(remedies):
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    found = remedies().evaluate(COMPUTE, kept)
    for kind, rows in kept.items():
        for case, got in zip(rows, found[kind], strict=True):
            assert flat(got) == near(flat(case["values"]))


@pytest.mark.slow
def test_generated_pictures_are_what_the_figures_draw(remedies):
    page, css = remedies(), (FIGURES / "plots.css").read_text(encoding="utf-8")
    for name, module in STILLS.items():
        for end, room in {".svg": 640, "-narrow.svg": 300}.items():
            drawn = page.evaluate(DRAW, [module, room, css])
            path = FIGURES / (name + end)
            if WRITE:
                path.write_text(drawn, encoding="utf-8")
            kept = path.read_text(encoding="utf-8")
            assert re.sub(r"[\d.]+", "0", kept) == re.sub(r"[\d.]+", "0", drawn)


@pytest.mark.slow
def test_cliff_follows_mouse_keys_and_fields(remedies):
    page = remedies()
    figure = page.locator("#fig-remedies-cliff")
    said = lambda: figure.locator(".said").text_content()  # noqa: E731
    at, _ = cliff.descend(2.0, -0.3, 0.05, 1.0)
    # A walk along a cliff makes the last digit of tanh the fourth of its end.
    assert f"Clipped, it ends at ({at[-1, 0]:.2f}, " in said()
    tab_to(page, "#fig-remedies-cliff .handle")
    page.keyboard.press("ArrowRight")
    assert figure.get_by_label("w, number").input_value() == "2.02"
    page.keyboard.press("ArrowUp")  # the focus has stayed
    assert figure.get_by_label("b, number").input_value() == "-0.28"
    box = figure.locator(".handle").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y + 20, steps=4)
    page.mouse.up()
    assert float(figure.get_by_label("w, number").input_value()) < 1.98
    assert float(figure.get_by_label("b, number").input_value()) < -0.3
    before = said()
    figure.get_by_label("limit, number").fill("0.2")
    assert before.partition(" Clipped")[0] == said().partition(" Clipped")[0]
    assert before != said()


@pytest.mark.slow
def test_chunks_count_the_pairs_of_a_window(remedies):
    page = remedies()
    figure = page.locator("#fig-remedies-chunks")
    said = lambda: figure.locator(".said").text_content()  # noqa: E731
    assert "Window 2 of 4: steps 7 to 12" in said()
    assert "2 have a gradient" in said()
    assert figure.locator("path.true").count() == 2
    tab_to(page, '#fig-remedies-chunks [type="range"]')
    page.keyboard.press("ArrowRight")
    assert "Window 3 of 4" in said()
    figure.get_by_label("extra, number").fill("4")
    assert "share is 1.0000" in said()
    assert figure.locator("path.sigma").count() == 0
    figure.get_by_label("lag, number").fill("12")
    assert figure.locator("path.true").count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_are_accessible(remedies, theme, width):
    page = remedies(theme, width)
    assert accessibility(page) == []
    assert sideways(page) == []


def test_every_figure_of_the_page_has_its_picture():
    text = (ROOT / "book" / "remedies.md").read_text(encoding="utf-8")
    for name in STILLS:
        assert f"data-{name}" in text
        assert f"figures/{name}.svg" in text
        assert (FIGURES / f"{name}-narrow.svg").is_file()
