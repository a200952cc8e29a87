"""The instructors' chapter: its patterns find what they are said to find."""

import re

import pytest
from building import ROOT

PAGE = (ROOT / "book" / "instructors.md").read_text("utf8")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("d/lovelaceada_4711_88123_bptt.ipynb", "4711"),
        ("d/lovelaceada_LATE_4711_88123_bptt-2.ipynb", "4711"),
        ("d/lovelaceada_4711_88123_elman.ipynb", None),
    ],
)
def test_the_pattern_for_canvas(name: str, number: str | None) -> None:
    """It finds the student's id in names as Canvas writes them."""
    [pattern] = [x for x in PAGE.splitlines() if x.startswith(".*/[^_]+_")]
    found = re.match(pattern, name)
    assert (found and found["student_id"]) == number


def test_the_page_has_blocks() -> None:
    """A page without commands would pass."""
    assert len(BLOCK.findall(PAGE)) >= 7
