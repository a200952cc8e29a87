"""What pages cost: stated on each, measured there, and an error above the budget."""

import re
import sys

import pytest
from building import ROOT, toc_pages

BOOK = ROOT / "book"
FRONT = "---\nfile_format: mystnb\n{}---\n\n# P\n\n"
CELL = "```{code-cell} ipython3\nx = 1\n```\n"
TOLD = re.compile(
    r'<p class="page-cost">Running this page took (\d+\.\d) s of processor time and '
    r"(\d+) MiB of memory; its budget is (\d+) s and (\d+) MiB\.</p>"
)


@pytest.fixture(scope="module")
def budget():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BOOK / "_ext"))
        import budget

        yield budget
    sys.modules.pop("budget", None)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (FRONT.format("budget: 7 s, 90 MiB\n") + CELL, (7, 90)),
        (FRONT.format("") + CELL, (5, 50)),
        (FRONT.format("budget: 7 s, 90 MiB\n"), None),
        ("# P\n\n" + CELL, None),
        ("---\norphan: true\n---\n\n# P\n\nfile_format: mystnb\n\n" + CELL, None),
    ],
)
def test_the_budget_is_the_pages_own_or_the_default(budget, page, expected):
    assert budget.budget_of(page, "5 s, 50 MiB") == expected


@pytest.mark.parametrize("text", ["7 s", "7, 90", "7 s, 90 MB", "7.5 s, 90 MiB", ""])
def test_a_budget_is_read_strictly(budget, text):
    with pytest.raises(ValueError, match="expected '20 s, 600 MiB'"):
        budget.read(text)


def measure(budget, seconds, memory):
    """Run the cell that a page gets."""
    code = budget.CELL.format(seconds=seconds, memory=memory)
    lines = code.split("remove-input]\n")[1].rsplit("```", 1)[0]
    body, call = lines.rsplit("\n\n\n", 1)
    names = {}
    exec(body, names)
    return eval(call, names).data


def test_a_page_within_its_budget_says_what_it_took(budget):
    told = TOLD.fullmatch(measure(budget, 10_000, 1_000_000))
    assert told
    assert float(told[1]) > 0
    assert 20 < int(told[2]) < 100_000


@pytest.mark.parametrize(("seconds", "memory"), [(0, 1_000_000), (10_000, 1)])
def test_a_page_above_twice_its_budget_is_an_error(budget, seconds, memory):
    with pytest.raises(RuntimeError, match=r"Running this page took .* is the limit"):
        measure(budget, seconds, memory)


def test_the_limit_is_twice_the_budget(budget):
    peak = int(TOLD.fullmatch(measure(budget, 10_000, 1_000_000))[2])
    assert measure(budget, 10_000, peak // 2 + 20)
    with pytest.raises(RuntimeError, match="Twice that is the limit"):
        measure(budget, 10_000, peak // 2 - 20)


@pytest.mark.slow
def test_every_executed_page_states_what_it_took(html, budget):
    stated = 0
    for name in toc_pages():
        source = (ROOT / f"{name}.md").read_text("utf8")
        expected = budget.budget_of(source, "60 s, 1000 MiB")
        page = (html / f"{name}.html").read_text("utf8")
        found = TOLD.findall(page)
        assert len(found) == (expected is not None), name
        for seconds, memory, *limits in found:
            assert tuple(map(int, limits)) == expected, name
            assert float(seconds) <= 2 * expected.seconds
            assert int(memory) <= 2 * expected.memory
            stated += 1
    assert stated > 5
