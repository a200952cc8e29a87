"""The pages of slips: each of the ninety once, under its title, with a proof."""

import re

import pytest
import yaml
from building import ROOT, toc_pages

BOOK = ROOT / "book"
PAGES = ["errata", "errata-gradients", "errata-gates"]
ENTRY = re.compile(
    r"^\(sec-slip-e(\d+)\)=\n\*\*E(\d+)\. (.+?)\??\*\* \((.+)", re.MULTILINE
)
CODE = re.compile(r"^```\{code-cell\}.*?^```$", re.MULTILINE | re.DOTALL)
BY_READING = "## Names, dates, links"


def text(page):
    return (BOOK / f"{page}.md").read_text("utf8")


def entries():
    return [entry for page in PAGES for entry in ENTRY.findall(text(page))]


def test_every_slip_has_one_entry_with_its_anchor():
    numbers = [int(number) for _, number, _, _ in entries()]
    assert sorted(numbers) == list(range(1, 91))
    assert all(anchor == number for anchor, number, _, _ in entries())


def test_an_entry_bears_the_ledgers_title():
    items = yaml.safe_load((BOOK / "ledger" / "items.yml").read_text("utf8"))
    titles = {f"E{number}": title.lower() for _, number, title, _ in entries()}
    listed = {i: what.lower() for i, what in items.items() if i.startswith("E")}
    assert titles == listed


def test_an_entry_says_where_the_slip_stands():
    lectures = ("Rousseau", "Hare", "video course", "Eskandari", "McGill")
    near = ("same", "advice", "these", "PyTorch")
    lost = [
        n for _, n, _, rest in entries() if not any(w in rest for w in lectures + near)
    ]
    assert lost == []


@pytest.mark.parametrize("page", PAGES)
def test_every_entry_is_proved_in_the_cell_below_it(page):
    body, *_ = text(page).split(BY_READING)
    waiting, proved = set(), set()
    for piece in re.split(r"(^```\{code-cell\}.*?^```$)", body, flags=re.M | re.S):
        if not CODE.match(piece):
            waiting |= {number for _, number, _, _ in ENTRY.findall(piece)}
            continue
        here = set(re.findall(r"\bE(\d+)\b", piece))
        assert "assert" in piece or not waiting
        proved |= waiting & here
        waiting -= here
    assert proved
    assert waiting == set()


def test_links_to_slips_name_the_slip_they_lead_to():
    for page in toc_pages():
        source = (ROOT / f"{page}.md").read_text("utf8")
        for shown, number in re.findall(r"`(E\d+) <sec-slip-e(\d+)>`", source):
            assert shown == f"E{number}"
