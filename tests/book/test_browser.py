"""Every page in a real browser: mathematics, network, reading aids, small screens."""

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from building import ROOT, toc_pages
from playwright.sync_api import Page

from course_pkg.plots import unrolled

pytestmark = pytest.mark.slow

PAGES = [f"{page}.html" for page in toc_pages()]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# A formula is rendered where its element holds exactly one KaTeX tree.
UNRENDERED = """() => [...document.querySelectorAll('.math')]
    .filter(m => m.querySelectorAll('.katex').length !== 1)
    .map(m => m.textContent.trim().slice(0, 80))"""
# KaTeX prints a formula that it cannot read, and a macro that it does not know, in red.
KATEX_ERRORS = """() => [...document.querySelectorAll(
        '.katex-error, .katex [mathcolor="#cc0000"]')]
    .map(e => (e.title || 'unknown macro') + ': ' + e.textContent)"""
# Raw TeX in the text that is shown; formulas (KaTeX keeps their source beside the
# picture) and code do not count.
RAW_TEX = r"""() => {
    const body = document.body.cloneNode(true);
    body.querySelectorAll('.katex, pre, code, script, style').forEach(e => e.remove());
    return body.textContent.match(/\\[()[\]]|\\[A-Za-z]{2,}|\$\$/g) || [];
}"""
HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
    .filter(h => h.checkVisibility()).map(h => Number(h.tagName[1]))"""
NO_ALT = """() => [...document.querySelectorAll('img')]
    .filter(i => !i.alt.trim()).map(i => i.outerHTML.slice(0, 120))"""
UNLOADED = """() => [...document.querySelectorAll('img')]
    .filter(i => i.checkVisibility() && !i.naturalWidth)
    .map(i => i.src.slice(0, 120))"""
EMPTY_HEADERS = """() => [...document.querySelectorAll('th')]
    .filter(h => !h.textContent.trim()).length"""
# Which image of each figure is shown: one, and the one of the theme.
SHOWN = """() => [...document.querySelectorAll('.unrolled-figure')].map(f =>
    [...f.querySelectorAll('img')].filter(i => i.checkVisibility())
        .map(i => i.className).join())"""
OPEN_FOLDS = """() => document.querySelectorAll('details')
    .forEach(d => { d.open = true; })"""
# What reaches past the right edge and cannot be scrolled to inside itself.
TOO_WIDE = """() => [...document.querySelectorAll('.bd-article *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1
        && e.checkVisibility() && !e.closest('.katex-mathml, svg'))
    .filter(e => { for (let p = e.parentElement; p; p = p.parentElement)
        if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)
            && p.getBoundingClientRect().right <= innerWidth + 1) return false;
        return true; })
    .map(e => e.outerHTML.slice(0, 100))"""


def accessibility(page: Page) -> list[str]:
    """Return axe's findings on the page, folds opened."""
    page.evaluate(OPEN_FOLDS)
    # Without "preload": axe would fetch style sheets, and miss one of the theme's.
    # Nor a rule that does not read MathML and takes `$T$` in a header for no text;
    # `EMPTY_HEADERS` is in its place.
    options = {
        "runOnly": RULES,
        "resultTypes": ["violations"],
        "preload": False,
        "rules": {"empty-table-header": {"enabled": False}},
    }
    # Formulas have the colour of their text; thousands of boxes less to look at.
    boxes = {"exclude": [[".katex-html"]]}
    found = Axe().run(page, context=boxes, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for rule in found
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """Return what makes the page scroll sideways; empty where it does not."""
    scrolls = "document.documentElement.scrollWidth > innerWidth"
    return page.evaluate(TOO_WIDE) or (["the page"] if page.evaluate(scrolls) else [])


@pytest.mark.parametrize("path", PAGES)
def test_page_renders(visit, path):
    page = visit(path)
    assert page.evaluate(UNRENDERED) == []
    assert page.evaluate(KATEX_ERRORS) == []
    assert page.evaluate(RAW_TEX) == []
    assert page.evaluate(NO_ALT) == []
    assert page.evaluate(UNLOADED) == []
    assert page.evaluate(EMPTY_HEADERS) == 0
    levels = page.evaluate(HEADINGS)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert visit.problems == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "search.html?q=gradient"])
def test_page_is_accessible(visit, path, theme, width):
    page = visit(path, theme, width)
    assert accessibility(page) == []
    assert sideways(page) == []
    assert set(page.evaluate(SHOWN)) <= {f"unrolled-{theme}"}
    assert visit.problems == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_longest_listed_source_is_accessible(visit, html, theme):
    pages = (html / "source").rglob("*.py.html")
    longest = max(pages, key=lambda page: page.stat().st_size)
    page = visit(longest.relative_to(html).as_posix(), theme, 360)
    assert accessibility(page) == []
    assert sideways(page) == []
    assert visit.problems == []


@pytest.mark.parametrize("button", [".primary-toggle", ".search-button"])
def test_dialogs_open_close_and_are_accessible(visit, button):
    page = visit("book/elman.html", width=360)
    page.locator(f"{button}:visible").first.click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    assert accessibility(page) == []
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert visit.problems == []


def test_mathematics_was_there_to_render(visit):
    # The checks above pass on a page without formulas: this one may not have none.
    page = visit("book/bptt.html")
    assert page.locator(".math .katex").count() > 20


def test_a_first_visit_is_quiet(visit):
    """A reader who has chosen no theme gets one, and nothing is logged."""
    page = visit("book/elman.html", theme="")
    assert page.locator("html").get_attribute("data-theme") in ("light", "dark")
    assert not visit.problems


def test_paper_is_light_and_its_folds_are_open(visit):
    """Printing from the dark theme takes light figures, and shows every solution."""
    page = visit("book/elman.html", theme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_search_works_offline(visit):
    page = visit("search.html?q=gradient")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li").count() >= 1
    assert visit.problems == []


def test_theme_button_changes_figures(visit):
    page = visit("book/bptt.html", "light")
    before = page.evaluate(SHOWN)
    assert set(before) == {"unrolled-light"}
    button = page.locator(".theme-switch-button:visible").first
    for _ in range(3):
        button.click()
        if page.locator("html").get_attribute("data-theme") == "dark":
            break
    assert set(page.evaluate(SHOWN)) == {"unrolled-dark"}
    assert visit.problems == []


def test_solutions_are_folded_executed_and_open_by_keyboard(visit):
    page = visit("book/bptt.html")
    folds = page.locator("details.solution")
    outputs = folds.locator(".cell_output")
    assert outputs.count() >= 1
    assert not any(output.is_visible() for output in outputs.all())
    fold = folds.filter(has=page.locator(".cell_output")).first
    fold.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert fold.locator(".cell_output").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_notebook_shows_one_image_of_a_figure(browser, scheme):
    # No style sheet of the book here: as in JupyterLab and in nbconvert's HTML.
    picture = unrolled(2, alt="Two copies.", caption="Two.")
    page = browser.new_page(color_scheme=scheme)
    page.set_content(f"<!doctype html><title>n</title>{picture._repr_html_()}")
    assert page.evaluate(SHOWN) == ["unrolled-light"]
    assert page.evaluate(UNLOADED) == []
    page.close()


def test_wide_code_scrolls_by_keyboard(visit):
    page = visit("book/bptt.html", width=360)
    wide = "e => e.scrollWidth > e.clientWidth + 1"
    code = next(c for c in page.locator("pre").all() if c.evaluate(wide))
    code.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("e => e.scrollLeft > 0", arg=code.element_handle())


def test_the_katex_parts_fit_together():
    from sphinxcontrib.katex import katex_version

    css = (ROOT / "book" / "_static" / "katex" / "katex.min.css").read_text()
    assert f'content:"{katex_version}"' in css, "vendor KaTeX's CSS and fonts anew"
