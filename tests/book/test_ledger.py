"""The ledger of the lectures: every item known, placed by its chapters, and found."""

import re
from collections import Counter

import pytest
from building import ROOT, toc_pages
from docutils.nodes import make_id

BOOK = ROOT / "book"
LEDGER = BOOK / "ledger"
SIZES = {"S0": 81, "S1": 37, "S2": 111, "S3": 32, "S4": 60, "E": 90}
KEY = re.compile(r"^(\S+): \S", re.MULTILINE)
LABELS = re.compile(
    r"^\(([\w-]+)\)=$|:(?:name|label): +([\w-]+)|\((eq-[\w-]+)\)$", re.M
)


@pytest.fixture(scope="module")
def ledger():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BOOK / "_ext"))
        import ledger

        yield ledger


def written():
    """Return the words whose chapter is in the table of contents, and `start`."""
    pages = {page.removeprefix("book/") for page in toc_pages()}
    words = (LEDGER / "words.yml").read_text("utf8")
    return [w for w in re.findall(r"^(\w+): ", words, re.M) if w in {*pages, "start"}]


def anchors():
    """Return what a place may name: labels of all pages, and page#section."""
    found = set()
    for page in toc_pages():
        text = (ROOT / f"{page}.md").read_text("utf8")
        code = re.sub(r"^```+\{code-cell\}.*?^```+$", "", text, flags=re.M | re.S)
        found |= {name for names in LABELS.findall(code) for name in names if name}
        titles = re.findall(r"^#+ (.+)$", code, re.M)
        found |= {f"{page.removeprefix('book/')}#{make_id(t)}" for t in titles}
    return found


def test_every_item_of_the_lectures_is_listed_once():
    keys = KEY.findall((LEDGER / "items.yml").read_text("utf8"))
    head = [key.split("-")[0] if "-" in key else "E" for key in keys]
    assert dict(Counter(head)) == SIZES
    assert max(Counter(keys).values()) == 1
    for part, size in SIZES.items():
        stem = "E" if part == "E" else f"{part}-"
        assert {f"{stem}{n}" for n in range(1, size + 1)} <= set(keys)


def test_every_item_belongs_to_a_chapter(ledger):
    treated = [item for items in ledger.chapters().values() for item in items]
    assert set(treated) == set(ledger.read("items"))
    for word, items in ledger.chapters().items():
        assert len(items) == len(set(items)), word


@pytest.mark.parametrize("word", written())
def test_a_written_chapter_places_every_item_of_its_own(ledger, word):
    path = LEDGER / f"{word}.yml"
    assert path.is_file(), f"book/ledger/{word}.yml: expected item -> place"
    count = Counter(KEY.findall(path.read_text("utf8")))
    assert [item for item, n in count.items() if n > 1] == []
    assert set(ledger.read(word)) == set(ledger.chapters()[word])


@pytest.mark.parametrize("word", written())
def test_every_place_is_there(ledger, word):
    there = anchors()
    lost = {i: p for i, p in ledger.read(word).items() if p not in there}
    assert lost == {}


def test_the_ledger_has_no_file_of_an_unknown_word(ledger):
    known = {*ledger.chapters(), "items", "words"}
    assert {path.stem for path in LEDGER.iterdir()} <= known


@pytest.mark.parametrize("spans", ["S0-1...3", "S5", "E1-3", "S0-x"])
def test_a_list_of_items_is_read_strictly(ledger, spans):
    with pytest.raises(ValueError, match="expected S0-1"):
        list(ledger.expand(spans))


def test_a_list_of_items_is_spelt_out(ledger):
    assert list(ledger.expand("S0-9..11 E7")) == ["S0-9", "S0-10", "S0-11", "E7"]


@pytest.mark.slow
def test_the_page_shows_every_item_with_its_places(html, ledger):
    page = (html / "book" / "coverage.html").read_text("utf8")
    rows = re.findall(r'<tr class="row-(?:odd|even)"><th.*?</tr>', page, re.S)
    shown = [re.sub("<[^>]+>", " ", row).split()[0] for row in rows]
    shown = [item for item in shown if item != "Item"]
    assert shown == list(ledger.read("items"))
    here = {"start", *(p.removeprefix("book/") for p in toc_pages())}
    for row in rows:
        item = re.sub("<[^>]+>", " ", row).split()[0]
        words = [w for w, items in ledger.chapters().items() if item in items]
        if words:
            placed = sum(w in here for w in words)
            slip = item.startswith("E")
            assert row.count('<a class="reference internal"') == placed + slip, item
            assert row.count("to come") == len(words) - placed, item
