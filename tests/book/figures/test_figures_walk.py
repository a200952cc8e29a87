"""Walking through the figure by mouse, by keyboard and by touch."""

from functools import partial
from itertools import pairwise

import pytest
from reading import cell, near, number, picture, stored, tab_to, walk

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_walk_shows_the_numbers(host, hand):
    page = host()
    figure = page.locator(".unrolled").first
    other = page.locator(".unrolled").nth(1)
    before = picture(other)
    assert len(before) == 6

    def press(button, key):
        if hand == "mouse":
            # Forced: at either end the button says that it is disabled.
            figure.get_by_role("button", name=button, exact=True).click(force=True)
        else:
            page.keyboard.press(key)

    if hand == "keyboard":
        tab_to(page, ".stage")
    want, told = {}, []
    for i, added in enumerate(walk()):
        if i:
            press("Step", "ArrowRight")
        want |= added
        assert picture(figure) == near(want)
        told.append(figure.locator(".said").text_content())
    assert len(set(told)) == len(told)
    assert "h2 = tanh(whh h1 + wih x2)" in told[2]
    assert "tanh(0.8 × 0.7616 + 1 × 0) = tanh(0.6093) = 0.5436" in told[2]
    assert "dh2 = whh da3 = 0.8 × (−0.0754) = −0.0603" in told[8]
    press("Step", "ArrowRight")  # nothing beyond the end
    assert figure.locator(".said").text_content() == told[-1]
    for text in reversed(told[:-1]):
        press("Back", "ArrowLeft")
        assert figure.locator(".said").text_content() == text
    assert picture(other) == before


def test_home_end_and_table(host):
    page = host()
    figure = page.locator(".unrolled").first
    _, want = stored()
    tab_to(page, ".stage")
    page.keyboard.press("End")
    for t in (1, 2, 3):
        assert cell(figure, f"term-{t} w_hh") == near(want["w_hh_terms"][t - 1])
        assert cell(figure, f"term-{t} w_ih") == near(want["w_ih_terms"][t - 1])
    for row in ("sum", "check"):
        assert cell(figure, f"{row} w_hh") == near(want["w_hh"])
        assert cell(figure, f"{row} w_ih") == near(want["w_ih"])
    assert "agree" in figure.locator(".verdict").text_content()
    page.keyboard.press("Home")
    assert figure.locator(".count").text_content() == "Stage 0 of 15"
    assert figure.locator('td[data-name="sum w_hh"]').text_content() == ""


@pytest.mark.parametrize("hand", ["mouse", "Space", "Enter"])
def test_detaching_removes_terms(host, hand):
    page = host()
    figure = page.locator(".unrolled").first
    switch = figure.get_by_role("switch", name="Detach h 2 from step 3")
    press = switch.click if hand == "mouse" else partial(page.keyboard.press, hand)
    tab_to(page, ".stage")
    page.keyboard.press("End")
    if hand != "mouse":
        tab_to(page, ".switch:nth-of-type(3)")
    press()
    assert switch.get_attribute("aria-checked") == "true"
    _, cut = stored(1)
    _, whole = stored(0)
    said = figure.locator(".said").text_content()
    assert "instead of −0.0734" in said
    assert picture(figure)["dh_2"] == 0
    assert cell(figure, "term-2 w_hh") == 0
    assert cell(figure, "sum w_hh") == near(cut["w_hh"])
    assert cell(figure, "check w_hh") == near(whole["w_hh"])
    assert "miss −0.0324" in figure.locator(".verdict").text_content()
    assert figure.locator(".ghost").count() == 1
    assert figure.locator(".slash").count() == 1
    press()
    assert switch.get_attribute("aria-checked") == "false"
    assert picture(figure)["dh_2"] == near(whole["dh"][1])


def test_attributes_choose_the_beginning(host):
    figure = host().locator(".unrolled").nth(1)
    figure.locator(".stage").press("End")
    assert {f"L_{t}" for t in range(1, 6)} <= set(picture(figure))
    switches = figure.get_by_role("switch").all()
    checked = [s.get_attribute("aria-checked") for s in switches]
    assert checked == ["false", "false", "false", "true", "false"]


def test_works_by_touch(browser, site):
    context = browser.new_context(
        has_touch=True, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.goto(f"{site}/book/host.html")
    figure = page.locator(".unrolled").first
    for _ in range(15):
        figure.get_by_role("button", name="Step", exact=True).tap()
    figure.get_by_role("switch", name="Detach h 2 from step 3").tap()
    assert cell(figure, "sum w_hh") == near(stored(1)[1]["w_hh"])
    context.close()


def test_settings_change_the_numbers(host):
    page = host()
    figure = page.locator(".unrolled").first
    tab_to(page, ".stage")
    page.keyboard.press("End")
    figure.get_by_role("slider", name="whh").press("ArrowRight")
    field = figure.get_by_role("spinbutton", name="w hh, number")
    assert number(field.input_value()) == 0.85
    h_2 = picture(figure)["h_2"]
    assert h_2 > 0.5436
    assert cell(figure, "sum w_hh") == near(cell(figure, "check w_hh"))
    field.fill("")  # somebody is still typing: keep the last number
    assert picture(figure)["h_2"] == h_2
    field.fill("9")
    field.blur()
    assert number(field.input_value()) == 2
    assert cell(figure, "sum w_hh") == near(cell(figure, "check w_hh"))
    figure.get_by_role("combobox", name="Loss").select_option("at every step")
    assert {"L_1", "L_2", "L_3"} <= set(picture(figure))
    figure.get_by_role("combobox", name="Steps").select_option("5")
    assert figure.locator(".count").text_content() == "Stage 0 of 23"
    figure.get_by_role("button", name="Reset").click()
    assert figure.locator(".count").text_content() == "Stage 0 of 15"
    assert number(field.input_value()) == 0.8


def test_arrow_width_is_the_size_of_the_adjoint(host):
    page = host()
    page.locator(".stage").first.press("End")
    boxes = page.locator(".stage").first.locator("path.wire.back").all()
    heights = [b.bounding_box()["height"] for b in boxes if wide(b)]
    assert len(heights) == 3  # in time's order: into h_0, h_1, h_2
    assert all(a < b for a, b in pairwise(heights))


def wide(box) -> bool:
    return box.bounding_box()["width"] > box.bounding_box()["height"]
