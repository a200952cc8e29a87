"""Reading the figure in a browser, and the numbers that belong there."""

import json
from pathlib import Path

import pytest
from building import ROOT

FIGURES = ROOT / "book" / "_static" / "figures"
VECTORS = Path(__file__).with_name("elman.json")


def number(text: str) -> float:
    """Read a number as the figure prints it."""
    return float(text.replace("−", "-"))


def picture(figure) -> dict[str, float]:
    """Return the numbers in the picture by name."""
    shown = figure.locator(".stage [data-name]").all()
    return {s.get_attribute("data-name"): number(s.text_content()) for s in shown}


def cell(figure, name: str) -> float:
    """Return a number of the table: "term-2 w_hh", "sum w_ih", "check w_hh"."""
    return number(figure.locator(f'td[data-name="{name}"]').text_content())


def stored(i: int = 0) -> tuple[dict, dict]:
    case = json.loads(VECTORS.read_text(encoding="utf-8"))[i]
    return case["net"], case["values"]


def walk() -> list[dict[str, float]]:
    """Return the numbers that each stage of the worked example adds to the picture."""
    net, want = stored()
    steps = range(1, len(net["x"]) + 1)
    start = {"h_0": net["h_0"]} | {f"x_{t}": net["x"][t - 1] for t in steps}
    ahead = [{f"{name}_{t}": want[name][t - 1] for name in "ah"} for t in steps]
    back = []
    for t in reversed(steps):
        back += [{f"{name}_{t}": want[name][t - 1]} for name in ("dh", "da")]
        back += [{}]  # the terms, in the table
    return [start, *ahead, {"L": want["L"]}, *back, {"dh_0": want["dh_0"]}, {}]


def near(want):
    """Equal in the four decimals that are shown."""
    return pytest.approx(want, abs=5.1e-5)


def tab_to(page, selector: str) -> None:
    """Press Tab until the focus is there: whatever the keyboard needs is reachable."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")
