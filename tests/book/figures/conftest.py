"""A bare page with the figure: what is wrong on it is the figure's fault."""

import re
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
from building import ROOT, serving

STATIC = ROOT / "book" / "_static"

HOST = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Host</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="../_static/figures/picture.css">
<link rel="stylesheet" href="../_static/figures/plots.css">
<link rel="stylesheet" href="../_static/figures/figures.css">
<script>document.documentElement.dataset.theme = localStorage.theme;</script>
<style>body {{ margin: 0 auto; padding: 16px; max-width: 690px; }}
html[data-theme="dark"] {{ background: #14181e; color: #ced6dd; }}</style></head>
<body><main><h1>Host</h1>{snippet}
<figure class="unrolled" data-unrolled data-steps="5" data-loss="every" data-cuts="4">
</figure></main></body></html>"""


def snippet() -> str:
    """Return the figure as the chapter embeds it."""
    text = (ROOT / "book" / "bptt.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\{raw\} html\n(.*?)```", text, re.DOTALL)
    return next(block for block in blocks if "data-unrolled" in block)


def plots_page(word: str = "gradients") -> str:
    """Return a bare page with the figures of a chapter."""
    text = (ROOT / "book" / f"{word}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\{raw\} html\n(.*?)```", text, re.DOTALL)
    return bare("".join(blocks))


def bare(figures: str) -> str:
    """Return a page with these figures and nothing else."""
    head, _, tail = HOST.partition("<figure")
    end = tail.partition("</figure>")[2]
    return (head + end).format(snippet=figures)


def theme_css() -> dict[str, Path]:
    """Return the style sheets of the book's theme, by name."""
    found = {}
    for theme in ("pydata_sphinx_theme", "sphinx_book_theme"):
        folder = Path(find_spec(theme).origin).parent
        found |= {path.name: path for path in folder.rglob("*.css")}
    return found | {"unrolled.css": STATIC / "unrolled.css"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Serve a bare page with the figure: what is wrong there is the figure's fault."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "_static").symlink_to(STATIC)
    (folder / "book").mkdir()
    page = HOST.format(snippet=snippet())
    (folder / "book" / "host.html").write_text(page, encoding="utf-8")
    (folder / "book" / "plots.html").write_text(plots_page(), encoding="utf-8")
    remedies = plots_page("remedies")
    (folder / "book" / "remedies.html").write_text(remedies, encoding="utf-8")
    window = (STATIC / "figures" / "window.html").read_text(encoding="utf-8")
    (folder / "book" / "window.html").write_text(bare(window), encoding="utf-8")
    links = ""
    for name, path in theme_css().items():
        (folder / "book" / name).symlink_to(path)
        links += f'<link rel="stylesheet" href="{name}">'
    page = page.replace("<main>", '<main class="bd-article">')
    page = page.replace("<link", f"{links}<link", 1)
    (folder / "book" / "themed.html").write_text(page, encoding="utf-8")

    with serving(folder) as address:
        yield address


@pytest.fixture
def host(visit):
    """Return a function that opens the bare page."""
    yield partial(visit, "book/host.html")
    assert visit.problems == []


@pytest.fixture
def plots(visit):
    """Return a function that opens the bare page with the figures of `gradients`."""
    yield partial(visit, "book/plots.html")
    assert visit.problems == []


@pytest.fixture
def window(visit):
    """Return a function that opens the bare page with the window over a sonnet."""
    yield partial(visit, "book/window.html")
    assert visit.problems == []


@pytest.fixture
def remedies(visit):
    """Return a function that opens the bare page with the figures of `remedies`."""
    yield partial(visit, "book/remedies.html")
    assert visit.problems == []
