"""The figures of the chapter `gradients`: their mathematics, their use, their pictures.

plots.json and the pictures are generated. After a change that is meant, write them
anew: WRITE_FIGURES=1 python -m pytest tests/book/figures -k generated
"""

import json
import os
import re
from pathlib import Path

import pytest
from building import ROOT
from plot_vectors import cases
from reading import FIGURES, number, tab_to
from test_browser import accessibility, sideways

WRITE = "WRITE_FIGURES" in os.environ
VECTORS = Path(__file__).with_name("plots.json")
STILLS = {"matrix": "matrixfigure", "lag": "lagfigure"}
COMPUTE = """async ({ matrices, nets, rates }) => {
    const m = await import("/_static/figures/matrix.mjs");
    const r = await import("/_static/figures/randomnet.mjs");
    const norms = (W, linear) => m.products(W, 12, linear).map(m.norm);
    return {
        matrices: matrices.map(({ W }) => ({ radius: m.radius(W),
            sigma: m.singularValues(W), linear: norms(W, true),
            tanh: norms(W, false) })),
        nets: nets.map(({ name, W, inputs, h, d }) => {
            const hs = r.forward(W, inputs, h, r.ACTIVATIONS[name]);
            return { hs, norms: r.norms(W, hs, d, r.ACTIVATIONS[name]) };
        }),
        rates: rates.map(({ gain, s }) =>
            r.predictedRate(r.ACTIVATIONS.tanh, gain, s)),
    };
}"""
DRAW = """async ([name, room, css]) => {
    const { still } = await import(`/_static/figures/${name}.mjs`);
    const { svg } = await import("/_static/figures/dom.mjs");
    const picture = still(room);
    picture.prepend(svg("style", {}, css),
        svg("rect", { class: "ground", width: "100%", height: "100%", rx: 8 }));
    return new XMLSerializer().serializeToString(picture) + "\\n";
}"""
RANDOM = """async () => {
    const r = await import("/_static/figures/randomnet.mjs");
    const draw = r.normals(3), x = Array.from({ length: 20000 }, draw);
    const mean = (f) => x.reduce((sum, v) => sum + f(v), 0) / x.length;
    return [mean((v) => v), mean((v) => v * v), mean((v) => v ** 4)];
}"""


def near(want):
    return pytest.approx(want, rel=1e-6, abs=1e-9)


def flat(x):
    return [y for part in x for y in flat(part)] if isinstance(x, list) else [x]


def test_generated_vectors_are_the_packages():
    made = json.loads(json.dumps(cases()))
    if WRITE:
        VECTORS.write_text(json.dumps(made) + "\n", encoding="utf-8")
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert kept["matrices"][0]["W"] == [[0.9, 2], [0, 0.9]]
    for kind, rows in made.items():
        for old, new in zip(kept[kind], rows, strict=True):
            old, new = old.pop("values", old), new.pop("values", new)
            old.pop("name", None), new.pop("name", None)
            assert set(old) == set(new)
            for name, want in new.items():
                # A defective matrix has its eigenvalues to half the digits only.
                assert flat(old[name]) == pytest.approx(flat(want), rel=1e-6, abs=1e-9)


@pytest.mark.slow
def test_javascript_agrees_with_the_package(plots):
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    found = plots().evaluate(COMPUTE, kept)
    for case, got in zip(kept["matrices"], found["matrices"], strict=True):
        # LAPACK's eigenvalues of [[.9, 2], [0, .9]] are off by the root of rounding.
        assert got["radius"] == pytest.approx(case["values"]["radius"], abs=1e-6)
        for name in ("sigma", "linear", "tanh"):
            assert got[name] == near(case["values"][name])
    for case, got in zip(kept["nets"], found["nets"], strict=True):
        assert flat(got["hs"]) == near(flat(case["hs"]))
        assert got["norms"] == near(case["norms"])
    assert found["rates"] == near([case["rate"] for case in kept["rates"]])


@pytest.mark.slow
def test_random_numbers_are_normal(plots):
    mean, square, fourth = plots().evaluate(RANDOM)
    assert abs(mean) < 0.03
    assert square == pytest.approx(1, abs=0.03)
    assert fourth == pytest.approx(3, abs=0.2)


@pytest.mark.slow
def test_generated_pictures_are_what_the_figures_draw(plots):
    page, css = plots(), (FIGURES / "plots.css").read_text(encoding="utf-8")
    for name, module in STILLS.items():
        for end, room in {".svg": 640, "-narrow.svg": 300}.items():
            drawn = page.evaluate(DRAW, [module, room, css])
            path = FIGURES / (name + end)
            if WRITE:
                path.write_text(drawn, encoding="utf-8")
            kept = path.read_text(encoding="utf-8")
            # The last digit may differ between processors.
            assert re.sub(r"[\d.]+", "0", kept) == re.sub(r"[\d.]+", "0", drawn)


CHART = """async (values) => {
    const { logChart } = await import("/_static/figures/chart.mjs");
    const parts = logChart({ curves: [{ values, look: "true" }], decades: [-2, 2],
        width: 154, height: 142, xlabel: "n" });
    return parts.at(-1).getAttribute("d");
}"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "want"),
    [
        ([1, 10, 1], "M44.0 58.0L94.0 33.0L144.0 58.0"),
        ([1, 1e4, 1], "M44.0 58.0L69.0 8.0M144.0 58.0"),  # out half way, and back
        ([1, 0, 1], "M44.0 58.0M144.0 58.0"),  # no logarithm, no point
        ([1, 10, 0], "M44.0 58.0L94.0 33.0"),
    ],
)
def test_a_curve_ends_where_it_leaves_the_chart(plots, values, want):
    assert plots().evaluate(CHART, values) == want


def cell(figure, name):
    return number(figure.locator(f'td[data-name="{name}"]').text_content())


@pytest.mark.slow
def test_matrix_follows_mouse_keys_and_fields(plots):
    page = plots()
    figure = page.locator("#fig-gradients-matrix")
    assert cell(figure, "radius") == 0.9
    assert cell(figure, "size") == pytest.approx(7.1255, abs=1e-4)
    tab_to(page, '[data-column="1"]')
    page.keyboard.press("ArrowLeft")
    assert figure.get_by_label("w 12, number").input_value() == "1.95"
    page.keyboard.press("ArrowUp")  # the focus has stayed
    assert figure.get_by_label("w 22, number").input_value() == "0.95"
    assert cell(figure, "radius") == 0.95
    box = figure.locator('[data-column="0"]').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 10, y - 10, steps=3)
    page.mouse.up()
    assert float(figure.get_by_label("w 21, number").input_value()) > 0.05
    assert float(figure.get_by_label("w 11, number").input_value()) < 0.85
    figure.get_by_label("Matrix").select_option("norm 2, square 0")
    assert cell(figure, "size") == 0
    figure.get_by_label("n, number").fill("1")
    assert cell(figure, "size") == 2
    told = figure.locator(".said").text_content()
    figure.get_by_label("Slopes").select_option("of tanh")
    assert figure.locator(".said").text_content() != told
    assert cell(figure, "size") < 2


@pytest.mark.slow
def test_lag_tells_prediction_and_measurement(plots):
    page = plots()
    figure = page.locator("#fig-gradients-lag")
    told = figure.locator(".said").text_content()
    assert "Predicted factor per step 0.8647" in told
    tab_to(page, '#fig-gradients-lag [type="range"]')
    page.keyboard.press("ArrowRight")
    assert figure.get_by_label("gain, number").input_value() == "1.3"
    figure.get_by_label("Activation").select_option("linear")
    assert "step 1.3000" in figure.locator(".said").text_content()
    assert figure.locator("path.run").count() == 5


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_are_accessible(plots, theme, width):
    page = plots(theme, width)
    assert accessibility(page) == []
    assert sideways(page) == []


def test_every_figure_of_the_page_has_its_picture():
    text = (ROOT / "book" / "gradients.md").read_text(encoding="utf-8")
    for name in STILLS:
        assert f"data-{name}" in text
        assert f"figures/{name}.svg" in text
        assert (FIGURES / f"{name}-narrow.svg").is_file()
