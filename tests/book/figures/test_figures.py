"""The interactive figure: its mathematics and its static pictures.

elman.json and the pictures are generated. After a change that is meant, write them
anew: WRITE_FIGURES=1 python -m pytest tests/book/figures -k generated
"""

import json
import os

import pytest
from reading import FIGURES, VECTORS, stored
from vectors import cases

WRITE = "WRITE_FIGURES" in os.environ

# All numbers that JavaScript finds for the shared vectors, named as in Python.
COMPUTE = """async (cases) => {
    const js = await import("/_static/figures/elman.mjs");
    return cases.map(({ net, cuts }) => {
        const run = js.forward(net);
        const back = js.backward(net, run, new Set(cuts));
        const whole = js.backward(net, run);
        const check = ["w_hh", "w_ih"].map((name) =>
            js.finiteDifference(net, name) - whole[name]);
        const { dh: [dh_0, ...dh], w_hh, w_ih } = back;
        return { check, values: { L: run.L, dh_0, dh, w_hh, w_ih,
            a: run.a.slice(1), h: run.h.slice(1), da: back.da.slice(1),
            w_hh_terms: back.w_hh_terms.slice(1),
            w_ih_terms: back.w_ih_terms.slice(1) } };
    });
}"""
# The last stage of the worked example, with its style sheet, as a file of its own.
DRAW = """async ([room, css]) => {
    const at = "/_static/figures/";
    const names = ["picture", "stages", "elman", "dom"];
    const modules = names.map((name) => import(`${at}${name}.mjs`));
    const [{ draw }, { stages, view }, { EXAMPLE }, { svg }] =
        await Promise.all(modules);
    const last = stages(EXAMPLE.x.length).length - 1;
    const picture = draw(view(EXAMPLE, new Set(), last), room);
    picture.prepend(svg("style", {}, css),
        svg("rect", { class: "ground", width: "100%", height: "100%", rx: 8 }));
    return new XMLSerializer().serializeToString(picture) + "\\n";
}"""


def test_generated_vectors_are_the_packages():
    made = cases()
    if WRITE:
        VECTORS.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    # Not to the last bit: processors differ there.
    assert [c["net"] for c in kept] == [c["net"] for c in made]
    assert [c["cuts"] for c in kept] == [c["cuts"] for c in made]
    for old, new in zip(kept, made, strict=True):
        assert set(old["values"]) == set(new["values"])
        for name, want in new["values"].items():
            assert old["values"][name] == pytest.approx(want, rel=1e-11, abs=1e-14)


def test_vectors_hold_the_worked_example():
    _, want = stored()
    assert want["h"] == pytest.approx([0.761594, 0.543617, 0.409403], abs=5e-7)
    assert want["dh"] == pytest.approx([-0.034001, -0.060330, -0.090597], abs=5e-7)
    assert want["da"] == pytest.approx([-0.014280, -0.042501, -0.075412], abs=5e-7)
    assert want["w_hh"] == pytest.approx(-0.073364, abs=5e-7)
    assert want["w_ih"] == pytest.approx(-0.014280, abs=5e-7)


@pytest.mark.slow
def test_generated_pictures_are_what_the_figure_draws(host):
    page = host()
    css = (FIGURES / "picture.css").read_text(encoding="utf-8")
    for name, room in {"unrolled.svg": 620, "unrolled-narrow.svg": 300}.items():
        drawn = page.evaluate(DRAW, [room, css])
        if WRITE:
            (FIGURES / name).write_text(drawn, encoding="utf-8")
        assert (FIGURES / name).read_text(encoding="utf-8") == drawn


@pytest.mark.slow
def test_javascript_agrees_with_the_package(host):
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    for case, found in zip(kept, host().evaluate(COMPUTE, kept), strict=True):
        assert set(found["values"]) == set(case["values"])
        for name, want in case["values"].items():
            assert found["values"][name] == pytest.approx(want, rel=1e-9, abs=1e-12)
        assert found["check"] == pytest.approx([0, 0], abs=1e-8)
