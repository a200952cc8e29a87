"""Where each item of the five lectures has its place in the book: a generated page.

    {coverage}      counts, then a table for each lecture and one for the slips

book/ledger/ has the items (items.yml), the chapters that treat them (words.yml) and
their places, a file per chapter: item -> a label of the book, or page#section. A place
that is not there, and an item of a written chapter without a place, is a warning.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

LEDGER = Path(__file__).parents[1] / "ledger"
SPAN = re.compile(r"(S\d-|E)(\d+)(?:\.\.(\d+))?")
START = "start"  # the pages around the chapters
LECTURES = {
    "S0": "Rousseau",
    "S1": "Hare",
    "S2": "Video course",
    "S3": "Eskandari",
    "S4": "McGill",
    "E": "Slips",
}
logger = logging.getLogger(__name__)


@cache
def read(name: str) -> dict[str, str]:
    """Return a file of the ledger, empty where there is none."""
    path = LEDGER / f"{name}.yml"
    return yaml.safe_load(path.read_text("utf8")) or {} if path.is_file() else {}


def expand(spans: str) -> Iterator[str]:
    """Yield the items of a list such as "S0-1..3 E7"."""
    for part in spans.split():
        found = SPAN.fullmatch(part)
        if found is None:
            raise ValueError(f"ledger: expected S0-1, S0-1..3 or E7, got {part!r}")
        head, first, last = found.groups()
        yield from (f"{head}{n}" for n in range(int(first), int(last or first) + 1))


def chapters() -> dict[str, list[str]]:
    """Return word -> the items that its chapter treats."""
    return {word: list(expand(spans)) for word, spans in read("words").items()}


def is_written(env, word: str) -> bool:
    """Tell whether the word's chapter is in the book."""
    return word == START or f"book/{word}" in env.found_docs


class Coverage(SphinxDirective):
    """Print all items with their places."""

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()  # shows headings of pages that change
        for path in LEDGER.glob("*.yml"):
            self.env.note_dependency(str(path))
        read.cache_clear()
        words, found = chapters(), []
        for key, lecture in LECTURES.items():
            ids = [i for i in read("items") if re.match(rf"{key}[-\d]", i)]
            rows = [self.row(i, [w for w in words if i in words[w]]) for i in ids]
            name = f"coverage-{key.lower()}"
            section = nodes.section("", nodes.title("", lecture), ids=[name])
            come = sum(not placed for _, placed in rows)
            section += nodes.paragraph("", told(len(rows) - come, come, key == "E"))
            section += table(lecture, [row for row, _ in rows])
            found.append(section)
        return found

    def row(self, item: str, words: list[str]) -> tuple[nodes.row, bool]:
        """Return the row of an item, and whether all its chapters are written."""
        cell = nodes.paragraph()
        if item.startswith("E"):
            cell += self.link(f"sec-slip-{item.lower()}")
        for word in words:
            cell += [nodes.Text("; ")] if cell.children else []
            cell += self.place(item, word)
        texts = [nodes.paragraph("", item), nodes.paragraph("", read("items")[item])]
        cells = [nodes.entry("", node) for node in (*texts, cell)]
        return nodes.row("", *cells), all(is_written(self.env, w) for w in words)

    def place(self, item: str, word: str) -> list[nodes.Node]:
        """Return a link to the item's place in a chapter, or what is to come."""
        if not is_written(self.env, word):
            return [nodes.emphasis("", "to come"), nodes.Text(f": {word}")]
        target = read(word).get(item)
        if target is None:
            logger.warning("ledger: %s has no place in %s.yml", item, word)
            return [nodes.Text(f"{word}: nowhere")]
        return [self.link(target)]

    def link(self, target: str) -> addnodes.pending_xref:
        """Return a link to a place, see `resolve`."""
        text = nodes.inline("", target)
        ref = addnodes.pending_xref("", text, reftype="place", reftarget=target)
        ref.update_all_atts({"refdomain": "", "refdoc": self.env.docname})
        ref["refwarn"] = True
        self.set_source_info(ref)
        return ref


def told(placed: int, come: int, slips: bool) -> str:
    """Count what has its place."""
    kind = "slips" if slips else "items"
    if not come:
        return f"All {placed} {kind} have their places."
    return f"{placed} {kind} have all their places; {come} wait for a chapter to come."


def table(title: str, rows: list[nodes.row]) -> nodes.table:
    """Return a table of items."""
    group = nodes.tgroup("", cols=3)
    for width in (1, 4, 4):
        group += nodes.colspec("", colwidth=width, stub=int(width == 1))
    head = [nodes.entry("", nodes.paragraph("", t)) for t in ("Item", "What", "Where")]
    group += [nodes.thead("", nodes.row("", *head)), nodes.tbody("", *rows)]
    caption = nodes.title("", f"{title}: item by item")
    return nodes.table("", caption, group, classes=["items"])


def resolve(app, env, xref, _) -> nodes.reference | None:
    """Link to a place and name it; Sphinx warns where this returns None."""
    if xref["reftype"] != "place":
        return None
    found = whereabouts(env, xref["reftarget"])
    if found is None:
        return None
    page, name, title = found
    text = nodes.inline("", title)
    return make_refnode(app.builder, xref["refdoc"], page, name, text)


def whereabouts(env, place: str) -> tuple[str, str, str] | None:
    """Return page, id and a title of a label, an equation or page#section."""
    page, _, slug = place.partition("#")
    standard, math = env.get_domain("std"), env.get_domain("math")
    if slug and f"book/{page}" in env.found_docs:
        return section(env, f"book/{page}", slug)
    if place in standard.labels:
        return standard.labels[place]
    if place in standard.anonlabels:
        page, name = standard.anonlabels[place]
        return page, name, above(env, page, name)
    if place in math.equations:
        page, _ = math.equations[place]
        return page, f"equation-{place}", above(env, page, f"equation-{place}")
    return None


def section(env, page: str, slug: str) -> tuple[str, str, str] | None:
    """Return the section of a page with this id."""
    for node in env.get_doctree(page).findall(nodes.section):
        if slug in node["ids"]:
            return page, slug, node.next_node(nodes.title).astext()
    return None


def above(env, page: str, name: str) -> str:
    """Return the title of the section in which the element with this id stands."""
    for node in env.get_doctree(page).findall(nodes.Element):
        if name in node.get("ids", ()):
            while node.parent is not None:
                node = node.parent
                if isinstance(node, nodes.section):
                    return node.next_node(nodes.title).astext()
    return env.titles[page].astext()


def setup(app) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive("coverage", Coverage)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
