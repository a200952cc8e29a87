"""A thousand damaged notebooks of real submissions: nothing intact is ever lost.

UNROLLED_FUZZ=5 pytest tests/grade/test_repair_fuzz.py    five times as many, and others
"""

import json
import os
import random
import re
from collections import Counter
from contextlib import suppress
from functools import cache

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_pkg.grade.reading import Unreadable
from course_pkg.grade.repair import Repaired, repair

from . import damages
from .damages import ANSWERS, RELEASE, SOURCES, STUDENTS, Damaged

TIMES = int(os.environ.get("UNROLLED_FUZZ", "1"))
SEEDS = st.integers(0, 2**32 - 1)
STEPS = st.lists(
    st.tuples(st.sampled_from(damages.DAMAGES), SEEDS),
    min_size=1,
    max_size=5,
    unique_by=lambda step: step[0],
)
answers = cache(damages.answers)


def damage(student: str, steps: list) -> Damaged:
    """Apply some damages to what a student handed in, in their fixed order."""
    made = damages.submission(student)
    for step, seed in sorted(steps, key=lambda s: damages.DAMAGES.index(s[0])):
        step(made, random.Random(seed))
    return made.settle()


def sources(repaired: Repaired) -> dict[str, str]:
    """Return the sources of the released cells."""
    return {c.id: c.source for c in repaired.notebook.cells if c.id in SOURCES}


def expect_released(repaired: Repaired) -> None:
    """The released cells are all there, in order, with their marks."""
    cells = [c for c in repaired.notebook.cells if c.id in SOURCES]
    assert [c.id for c in cells] == list(SOURCES)
    for cell, released in zip(cells, RELEASE["cells"], strict=True):
        assert cell.metadata == released["metadata"]
        assert cell.cell_type == released["cell_type"]
        if cell.metadata.get("nbgrader", {}).get("locked"):
            assert cell.source == "".join(released["source"])
        assert not cell.get("outputs")
    nbformat.validate(repaired.notebook)
    assert json.dumps(repaired.notebook, allow_nan=False).encode()


def expect_answers(student: str, made: Damaged, repaired: Repaired) -> None:
    """What is intact is in its place; what is vague is somewhere; nobody else's."""
    found = sources(repaired)
    everything = "\0".join(c.source for c in repaired.notebook.cells)
    for name, text in answers(student).items():
        if name in made.lost:
            others = {t for n, t in answers(student).items() if n != name}
            assert found[name] not in others - {SOURCES[name]}, name
        elif name in made.vague:
            assert text.strip() in everything, name
        else:
            assert found[name] == text, name


@settings(max_examples=1000 * TIMES, derandomize=TIMES == 1)
@given(st.sampled_from(STUDENTS), STEPS)
def test_intact_answers_are_in_place(student: str, steps: list) -> None:
    """Whatever happened, and every time the report says something."""
    made = damage(student, steps)
    repaired = repair(made.content(), RELEASE)
    expect_released(repaired)
    expect_answers(student, made, repaired)
    assert bool(repaired.notes) >= bool(made.said)
    assert all(note.isprintable() and note[-1] == "." for note in repaired.notes)


@settings(max_examples=400 * TIMES, derandomize=TIMES == 1)
@given(st.sampled_from(STUDENTS), st.sampled_from(damages.DAMAGES), SEEDS)
def test_one_damage_is_told(student: str, step, seed: int) -> None:
    """Each has a sentence of its own; what is no damage has none."""
    made = damage(student, [(step, seed)])
    repaired = repair(made.content(), RELEASE)
    expect_answers(student, made, repaired)
    notes = "\n".join(repaired.notes)
    for words in made.said:
        assert re.search(words, notes), f"{words} not in {notes}"
    if not made.said:
        assert repaired.notes == []


@pytest.mark.parametrize("student", STUDENTS)
def test_an_undamaged_submission_is_unchanged(student: str) -> None:
    """No note, and every cell as it was."""
    made = damages.submission(student)
    repaired = repair(made.content(), RELEASE)
    assert repaired.notes == []
    cells = [(c["id"], c["cell_type"], damages.source(c)) for c in made.cells]
    assert [(c.id, c.cell_type, c.source) for c in repaired.notebook.cells] == cells
    again = repair(nbformat.writes(repaired.notebook).encode(), RELEASE)
    assert again == repaired


@settings(max_examples=100 * TIMES, derandomize=TIMES == 1)
@given(st.sampled_from(STUDENTS), SEEDS)
def test_own_cells_stay_where_they_are(student: str, seed: int) -> None:
    """The student's own cells keep their place, text, kind and id."""
    made = damage(student, [(damages.own_cells, seed)])
    repaired = repair(made.content(), RELEASE)
    cells = [(c["id"], c["cell_type"], damages.source(c)) for c in made.cells]
    assert [(c.id, c.cell_type, c.source) for c in repaired.notebook.cells] == cells


@settings(max_examples=150 * TIMES, derandomize=TIMES == 1)
@given(st.sampled_from(STUDENTS), STEPS)
def test_a_repaired_notebook_needs_no_repair(student: str, steps: list) -> None:
    """Repairing twice is repairing once."""
    once = repair(damage(student, steps).content(), RELEASE)
    twice = repair(nbformat.writes(once.notebook).encode(), RELEASE)
    assert twice.notebook.cells == once.notebook.cells
    assert twice.notes == []


@settings(max_examples=150 * TIMES, derandomize=TIMES == 1)
@given(st.sampled_from(STUDENTS), STEPS, SEEDS)
def test_no_file_stops_the_class(student: str, steps: list, seed: int) -> None:
    """Bytes changed at random: repaired or refused, never another exception."""
    chance = random.Random(seed)
    raw = bytearray(damage(student, steps).content())
    for _ in range(chance.randrange(1, 30)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    with suppress(Unreadable):
        expect_released(repair(bytes(raw), RELEASE))


def test_every_damage_happens() -> None:
    """No damage is an idle one: each says something for most seeds."""
    idle = Counter()
    for step in set(damages.DAMAGES) - set(damages.HARMLESS):
        for seed in range(20):
            idle[step.__name__] += not damage("boris", [(step, seed)]).said
    assert max(idle.values()) <= 10, idle
    assert set(ANSWERS) == set(answers("ada"))
