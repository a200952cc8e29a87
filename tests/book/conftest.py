"""The built book: made once per test run, and served to a browser without a network."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import ROOT, build, complaints, once, serving
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the book once, also under xdist, and return the folder of its pages."""
    status, output = once(tmp_path_factory, "book", lambda: build(ROOT))
    if status:
        problem = complaints(output)
        pytest.fail(f"the book does not build:\n{problem}", pytrace=False)
    return ROOT / "_build" / "html"


@pytest.fixture(scope="module")
def site(html: Path) -> Iterator[str]:
    """Serve the book on a free port and return its address."""
    with serving(html) as address:
        yield address


# Per module and not per session: playwright keeps an event loop running while it is
# up, and the tests of notebooks start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a headless Chromium."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        looked = ", ".join(BROWSERS)
        pytest.fail(
            f"no browser: install Chromium (looked for {looked})", pytrace=False
        )
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=sandbox)
        yield chromium
        chromium.close()


class Visit:
    """Open pages of the site with the network off, and collect what goes wrong."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser, self.site = browser, site
        self.contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def __call__(self, path: str, theme: str = "light", width: int = 1280) -> Page:
        """Return the page `path` (such as "book/bptt.html") once it has settled.

        theme: what the reader chose on an earlier visit, "" on the first.
        """
        viewport = {"width": width, "height": 800}
        context = self.browser.new_context(viewport=viewport, reduced_motion="reduce")
        context.set_default_timeout(90_000)  # two busy cores, many formulas
        self.contexts.append(context)
        chosen = f"localStorage.mode = localStorage.theme = '{theme}'"
        if theme:
            context.add_init_script(f"if (!localStorage.mode) {chosen}")
        context.route("**/*", self._local_only)
        page = context.new_page()
        note = self.problems.append
        page.on("console", lambda m: m.type in ("error", "warning") and note(m.text))
        page.on("pageerror", lambda e: note(f"script failed: {e}"))
        page.on("requestfailed", lambda r: note(f"request failed: {r.url[:200]}"))
        page.on("response", lambda r: r.status >= 400 and note(f"{r.status}: {r.url}"))
        page.goto(f"{self.site}/{path}", wait_until="load")
        page.evaluate("document.fonts.ready")
        return page

    def _local_only(self, route) -> None:
        url = route.request.url
        if url.startswith((self.site + "/", "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"leaves the machine: {url}")
            route.abort()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """Return a function that opens a page; its `problems` list what went wrong."""
    visit = Visit(browser, site)
    yield visit
    for context in visit.contexts:
        context.close()
