"""The figure of a window over a sonnet: its numbers, its static picture, its hands.

window.json and window.html are generated. After a change that is meant, write them
anew: WRITE_FIGURES=1 python -m pytest tests/book/figures/test_window.py -k generated
"""

import json
import math
import os
import re
from pathlib import Path

import pytest
from reading import FIGURES, tab_to
from test_browser import accessibility, sideways
from test_figures_access import CONTROLS, OUTSIDE

from course_pkg.ngrams import NGram
from course_pkg.vocab import Vocab

WRITE = "WRITE_FIGURES" in os.environ
VECTORS = Path(__file__).with_name("window.json")
FALLBACK = FIGURES / "window.html"
H, WIDEST = 100, 8
PLACES = [(269, k) for k in range(9)] + [(8, 8), (619, 3), (60, 0), (100, 1), (333, 2)]
COMPUTE = """async (places) => {
    const js = await import("/_static/figures/counts.mjs");
    const text = js.SONNET, V = js.symbols(text).length;
    return places.map(([at, k]) => ({
        p: js.probabilities(text, at, k), nats: js.nats(text, at, k),
        mean: js.meanNats(text, k), window: js.windowParameters(js.UNITS, V, k),
        recurrent: js.recurrentParameters(js.UNITS, V) }));
}"""
DRAW = """async () => {
    const { draw, START } = await import("/_static/figures/window.mjs");
    const { SONNET } = await import("/_static/figures/counts.mjs");
    const box = document.createElement("div");
    box.className = "window";
    box.append(...draw(SONNET, START));
    box.querySelectorAll(".poem span:not([class])").forEach(
        (span) => span.replaceWith(span.textContent));
    box.querySelectorAll("[data-i]").forEach((span) => span.removeAttribute("data-i"));
    box.normalize();
    return box.outerHTML;
}"""
FIGURE = """<figure class="unrolled" id="fig-sequences-window" data-window>
{}
<figcaption>Blue: the <var>k</var> characters that the model sees. Orange: the one that
it has to predict; this place is left out of the counts. ␣ is a space, ↵ the end of a
line. Shakespeare, Sonnet 18.</figcaption>
</figure><script type="module" src="../_static/figures/window.mjs"></script>
"""


def sonnet() -> str:
    source = (FIGURES / "counts.mjs").read_text("utf8")
    return re.search(r"SONNET = `(.*?)`", source, re.DOTALL)[1]


def left_out(at: int, k: int) -> list[float]:
    """Return P(v | c) where the run that ends at this place is not counted."""
    text = sonnet()
    vocab = Vocab.of(text, specials=())
    ids = vocab.encode(text)
    model = NGram(k + 1, len(vocab)).fit(ids)
    own = tuple(int(n) for n in ids[at - k : at + 1])
    model.counts[own] -= 1
    model.totals[own[:-1]] -= 1
    return model.probabilities(own[:-1]).tolist()


def values(at: int, k: int) -> dict:
    text = sonnet()
    vocab = Vocab.of(text, specials=())
    V, ids = len(vocab), vocab.encode(text)
    model, total = NGram(k + 1, V).fit(ids), 0.0
    for i in range(WIDEST, len(text)):
        own = tuple(int(n) for n in ids[i - k : i + 1])
        seen, all_ = model.counts[own] - 1, model.totals[own[:-1]] - 1
        total -= math.log((seen + model.add) / (all_ + model.add * V))
    p = left_out(at, k)
    return {
        "p": p,
        "nats": -math.log(p[vocab.ids[text[at]]]),
        "mean": total / (len(text) - WIDEST),
        "window": H * (k * V + 1),
        "recurrent": H * (V + H + 1),
    }


def near(kept: dict, made: dict) -> bool:
    return all(kept[name] == pytest.approx(made[name], rel=1e-9) for name in made)


def test_generated_vectors_are_the_packages():
    made = [{"place": list(place), **values(*place)} for place in PLACES]
    if WRITE:
        VECTORS.write_text(json.dumps(made) + "\n", encoding="utf-8")
    kept = json.loads(VECTORS.read_text("utf8"))
    assert all(near(a, b) for a, b in zip(kept, made, strict=True))


def test_what_the_page_says_of_the_sonnet():
    text, means = sonnet(), [values(269, k)["mean"] for k in range(9)]
    assert (len(text), means.index(min(means))) == (620, 1)
    assert f"{means[1]:.2f}" == "2.54"
    runs = [text[i - 5 : i] for i in range(8, 620)]
    once = sum(text.count(run) == 1 for run in runs)
    assert 0.75 < once / len(runs) < 0.85


@pytest.mark.slow
def test_generated_picture_is_what_the_figure_draws(window):
    drawn = FIGURE.format(window().evaluate(DRAW))
    if WRITE:
        FALLBACK.write_text(drawn, encoding="utf-8")
    assert FALLBACK.read_text("utf8") == drawn


@pytest.mark.slow
def test_javascript_agrees_with_the_package(window):
    kept = json.loads(VECTORS.read_text("utf8"))
    found = window().evaluate(COMPUTE, [case["place"] for case in kept])
    assert all(near(case, js) for case, js in zip(kept, found, strict=True))


def seen(page) -> tuple[str, str]:
    poem = page.locator(".poem")
    context = poem.locator(".context").all_text_contents()
    return "".join(context), poem.locator(".target").text_content()


@pytest.mark.slow
def test_the_window_moves_by_keyboard_and_by_mouse(window):
    page = window()
    tab_to(page, ".window")
    assert seen(page) == ("fa", "i")
    page.keyboard.press("ArrowRight")
    assert seen(page) == ("ai", "r")
    page.keyboard.press("ArrowUp")
    assert seen(page) == ("fai", "r")
    said = page.locator(".said").text_content()
    p = left_out(270, 3)[Vocab.of(sonnet(), specials=()).ids["r"]]
    assert f"occurs 2 more times. Here comes “r”, with probability {p:.3f}" in said
    assert "100 × (3 × 40 + 1)" in page.locator(".facts").text_content()
    page.locator(".poem [data-i='8']").click()
    assert seen(page)[1] == sonnet()[8]
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")  # no further: the widest window must fit
    assert seen(page) == ("", sonnet()[8])
    page.keyboard.press("End")
    assert seen(page) == ("", ".")
    page.get_by_role("slider", name="Window k").fill("4")
    assert seen(page) == ("thee", ".")


@pytest.mark.slow
def test_the_window_moves_by_touch(browser, site):
    context = browser.new_context(
        has_touch=True, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.goto(f"{site}/book/window.html")
    page.locator(".poem [data-i='30']").tap()
    assert seen(page) == (sonnet()[28:30], sonnet()[30])
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_window_is_accessible(window, theme, width):
    page = window(theme, width)
    page.locator(".window").press("ArrowUp")
    assert accessibility(page) == []
    assert sideways(page) == []
    assert page.evaluate(CONTROLS) == []
    assert page.evaluate(OUTSIDE) == []
    assert page.locator(".said").get_attribute("aria-live") == "polite"


@pytest.mark.slow
def test_readers_without_scripts_see_the_picture(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/book/window.html")
    assert seen(page) == ("fa", "i")
    assert page.locator("figure input").count() == 0
    context.close()
