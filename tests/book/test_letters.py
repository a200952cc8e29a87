"""The choice of letters: other letters, the same formulas, and the same source."""

import re

import pytest
from building import ROOT

SCRIPT = (ROOT / "book" / "_static" / "letters.js").read_text("utf8")
NOTATION = (ROOT / "book" / "notation.md").read_text("utf8")
COLUMNS = ["rousseau", "hare", "video", "eskandari", "mcgill", "torch"]
ROWS = {
    "\\\\Wih": "input weights",
    "\\\\Whh": "recurrent weights",
    "\\\\Why": "output weights, bias",
    "\\\\bih": "bias of the state",
    "\\\\bhh": "bias of the state",
    "\\\\by": "output weights, bias",
}
CONVENTION = re.compile(
    r"^  (\w+): \{\n?.*?macros: \{(.*?)\},?\n?.*?note:", re.M | re.S
)
FORMULAS = """() => [...document.querySelectorAll('.bd-article .math')].map(f => ({
    source: f.querySelector('annotation').textContent,
    signs: [...f.querySelectorAll('mo')].map(o => o.textContent),
    letters: f.querySelector('.katex-html').textContent,
    drawn: f.innerHTML }))"""
NAMED = re.compile(r"\\(Wih|Whh|Why|bih|bhh|by)(?![A-Za-z])")


def conventions():
    """Return name -> macro -> letters, as the script has them."""
    found = {}
    for name, macros in CONVENTION.findall(SCRIPT):
        found[name] = dict(re.findall(r'"(\S+?)": "(\S+?)"', macros))
    return found


def shown(letters):
    r"""Return letters as notation.md writes them: W_{i} is $W_i$, \texttt is code."""
    if letters.startswith("\\\\texttt"):
        return "`" + letters.removeprefix("\\\\texttt{")[:-1].replace("\\\\", "") + "`"
    return re.sub(r"_\{(\w)\}", r"_\1", letters)


def test_the_letters_are_those_of_the_notation():
    table = NOTATION[NOTATION.index(":name: notation-lectures") :]
    rows = {
        r.split(" | ")[0]: r.split(" | ")[2:] for r in table.splitlines() if " | " in r
    }
    listed = conventions()
    assert list(listed) == ["book", *COLUMNS]
    assert listed["book"] == {}
    for column, name in enumerate(COLUMNS):
        for macro, letters in listed[name].items():
            cell = rows[ROWS[macro]][column]
            assert re.search(rf"(?<!\w){re.escape(shown(letters))}(?!\w)", cell)


def test_every_macro_of_a_convention_is_the_books():
    config = (ROOT / "_config.yml").read_text("utf8")
    for macros in conventions().values():
        assert all(f'"{macro}"' in config for macro in macros)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["book/elman.html", "book/bptt.html"])
def test_other_letters_leave_formula_and_source_alone(visit, path):
    page = visit(path)
    ours = page.evaluate(FORMULAS)
    named = [i for i, f in enumerate(ours) if NAMED.search(f["source"])]
    assert len(named) > 10
    choice = page.get_by_label("Letters in formulas")
    for name in COLUMNS:
        choice.select_option(name)
        theirs = page.evaluate(FORMULAS)
        for i, (before, after) in enumerate(zip(ours, theirs, strict=True)):
            assert after["source"] == before["source"]
            assert after["signs"] == before["signs"]
            if i not in named:
                assert after["drawn"] == before["drawn"]
        assert any(ours[i]["letters"] != theirs[i]["letters"] for i in named), name
    choice.select_option("book")
    assert page.evaluate(FORMULAS) == ours
    assert visit.problems == []


@pytest.mark.slow
def test_the_choice_goes_along_to_the_next_page(visit):
    page = visit("book/elman.html")
    choice = page.get_by_label("Letters in formulas")
    choice.focus()
    page.keyboard.press("v")  # the video course
    page.keyboard.press("Tab")
    assert choice.input_value() == "video"
    assert "V reads the input" in page.locator(".letters p").inner_text()
    page.wait_for_load_state("networkidle")
    page.goto(page.url.replace("elman", "bptt"))
    assert page.get_by_label("Letters in formulas").input_value() == "video"
    first = next(f for f in page.evaluate(FORMULAS) if f["source"] == r"\Whh")
    assert first["letters"] == "W"
    assert visit.problems == []


FORBIDDEN = """for (const name of ['getItem', 'setItem']) {
    const usual = Storage.prototype[name];
    Storage.prototype[name] = function (key, ...rest) {
        if (key === 'letters') throw Error('forbidden');
        return usual.call(this, key, ...rest);
    };
}"""


@pytest.mark.slow
def test_without_storage_the_choice_lasts_for_the_page(visit):
    page = visit("book/elman.html")
    page.add_init_script(FORBIDDEN)
    # Leaving a page that still loads its icon would count as a failed request.
    page.wait_for_load_state("networkidle")
    page.reload()
    choice = page.get_by_label("Letters in formulas")
    choice.select_option("mcgill")
    formulas = page.evaluate(FORMULAS)
    assert any(f["letters"] == "U" for f in formulas if f["source"] == r"\Wih")
    assert visit.problems == []


@pytest.mark.slow
def test_a_page_without_such_letters_has_no_choice(visit):
    assert visit("book/map.html").locator(".letters").count() == 0
