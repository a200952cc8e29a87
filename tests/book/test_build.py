"""The build: it passes, it fails where it must, and what it wrote holds together."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from building import ROOT, build, once, toc_pages

from course_pkg import bptt, ngrams

pytestmark = pytest.mark.slow

PARTS = ("_config.yml", "_toc.yml", "assignments", "benchmarks", "book")
PARTS += ("course_pkg", "tests")


class Page(HTMLParser):
    """The links, anchors and text of one page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {v for k in ("id", "name") if (v := given.get(k))}
        self.links += [v for k in ("href", "src") if (v := given.get(k))]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def pages(html):
    """Parse every page of the site."""
    files = [p for p in html.rglob("*.html") if "_static" not in p.parts]
    return {path: Page(path) for path in files}


@pytest.fixture(scope="module")
def broken(html, tmp_path_factory):
    """Copy the book, plant three mistakes, and build it twice."""
    copy = tmp_path_factory.mktemp("broken")
    return once(tmp_path_factory, "broken", lambda: build_broken(copy))


def build_broken(copy):
    """Return status and output of both builds."""
    for name in PARTS:
        source = ROOT / name
        copying = shutil.copytree if source.is_dir() else shutil.copy
        copying(source, copy / name)
    # what ran before need not run again
    shutil.copytree(ROOT / "_build" / ".jupyter_cache", copy / "_build/.jupyter_cache")
    with (copy / "book" / "notation.md").open("a", encoding="utf-8") as page:
        page.write("\nSee {ref}`no-such-section`.\n")
        page.write("\n```{code-cell}\nimport sys\nsys.stderr.write('!')\n```\n")
        page.write("\n```{code-cell}\nraise RuntimeError('planted')\n```\n")
    return build(copy), build(copy)


def test_every_page_of_the_contents_is_built(html):
    assert [p for p in toc_pages() if not (html / f"{p}.html").is_file()] == []


@pytest.mark.parametrize(
    "sign", ["no-such-section", "stderr was found", "RuntimeError: planted"]
)
def test_a_mistake_fails_the_build(broken, sign):
    (status, output), _ = broken
    assert status != 0
    assert sign in output


def test_a_failed_build_fails_again(broken):
    # Sphinx alone reads an unchanged page once, and would pass the second time.
    _, (status, output) = broken
    assert status != 0
    assert "no-such-section" in output


def test_the_build_leaves_the_rest_of_the_project_alone(html):
    strangers = {"assignments", "course_pkg", "solutions", "tests", ".venv"}
    assert strangers.isdisjoint(p.name for p in html.iterdir())
    assert not list((html / "_static").rglob("*.md"))


def test_no_page_shows_a_traceback(pages):
    assert [p.name for p, page in pages.items() if "Traceback" in page.text] == []


def test_listings_show_the_package(pages, html):
    listing = re.compile(r"literalinclude\} \.\./(\S+)\n(?:.*\n)*?:pyobject: (\S+)")
    found = 0
    for name in toc_pages():
        text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
        for file, thing in listing.findall(text):
            source = (ROOT / file).read_text(encoding="utf-8")
            assert defined(source, thing) in pages[html / f"{name}.html"].text
            found += 1
    assert found >= 2


def defined(source: str, name: str) -> str:
    """Return the text of a function or class, or of a method: "NGram.nats"."""
    *outer, inner = name.split(".")
    margin = "    " * len(outer)
    start = re.search(
        rf"^{margin}(def|class) {re.escape(inner)}\b", source, re.MULTILINE
    )
    assert start, f"{name} is not defined"
    rest = source[start.start() :]
    end = re.search(rf"\n(?= {{0,{len(margin)}}}\S)(?!{margin}\))", rest)
    return rest[: end.start() if end else None].rstrip()


def test_the_sought_function_is_cut_out_whole():
    source = Path(bptt.__file__).read_text(encoding="utf-8")
    text = defined(source, "scan_grad")
    assert text.startswith("def scan_grad(")
    assert "return" in text
    assert "\ndef " not in text


def test_a_method_is_cut_out_whole():
    source = Path(ngrams.__file__).read_text(encoding="utf-8")
    text = defined(source, "NGram.sample")
    assert text.startswith("    def sample(\n")
    assert text.endswith("dtype=np.int64)")


def test_every_internal_link_leads_somewhere(pages, html):
    dead = []
    for path, page in pages.items():
        for link in page.links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            target = target / "index.html" if target.is_dir() else target
            known = pages.get(target)
            lost = url.fragment and known and url.fragment not in known.anchors
            if not target.is_file() or lost:
                dead.append(f"{path.relative_to(html)}: {link}")
    assert dead == []


def test_pages_load_nothing_from_elsewhere(html):
    # The browser test sees what is requested; this sees what would be on a click.
    pattern = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(https?:)?//")
    files = [p for p in html.rglob("*.html") if "_static" not in p.parts]
    found = [p for p in files if pattern.search(p.read_text(encoding="utf-8"))]
    assert found == []
