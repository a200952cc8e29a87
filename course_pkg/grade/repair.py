"""Damaged notebooks: rebuild the release and put the student's answers in it.

The result always has the released cells, their order, marks and points; of the student
it takes the last version of each answer and the cells of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from course_pkg.grade.fragments import Fragment, fragments
from course_pkg.grade.matching import match
from course_pkg.grade.reading import Unreadable, read
from course_pkg.grade.remarks import remarks
from course_pkg.grade.slots import Slot, slots

CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class Repaired:
    """A notebook that can be graded, and a sentence for each thing that was mended."""

    notebook: Any
    notes: list[str]


@dataclass
class Plan:
    """What becomes of every fragment: kept in a slot, left out, or the student's own.

    place: for each cell of their own, the slot before which it stands.
    """

    kept: dict[Slot, Fragment] = field(default_factory=dict)
    dropped: list[tuple[Slot, Fragment]] = field(default_factory=list)
    own: list[Fragment] = field(default_factory=list)
    place: dict[Fragment, int] = field(default_factory=dict)
    renamed: list[Fragment] = field(default_factory=list)


def repair(content: bytes, released: Any) -> Repaired:
    """Rebuild a submission from its bytes and the released notebook.

    An undamaged one comes back as it is, without outputs and without a note. Raises
    Unreadable for what is no notebook of this assignment.
    """
    reading = read(content)
    found = fragments(reading.notebooks)
    cells = slots(released)
    owner = match(found, cells)
    _expect_assignment(cells)
    plan = _plan(found, cells, owner)
    notebook = _build(plan, cells, released)
    notes = [*reading.notes, *remarks(plan, cells, reading.notebooks, released)]
    return Repaired(notebook, notes)


def _expect_assignment(cells: list[Slot]) -> None:
    """Refuse a notebook that has none of the questions and little of the text."""
    asked = [s for s in cells if s.role != "free"]
    known = any(s.fits(f) >= 0.5 for s in asked for f in s.fragments)
    same = sum(any(f.source == s.source for f in s.fragments) for s in cells)
    if asked and not known and 2 * same < len(cells):
        raise Unreadable("it has none of this assignment's questions")


def _plan(
    found: list[Fragment], cells: list[Slot], owner: dict[Fragment, Slot]
) -> Plan:
    plan = Plan()
    for slot in cells:
        chosen = {"answer": _answer, "locked": _locked, "free": _free}[slot.role](slot)
        if chosen:
            plan.kept[slot] = chosen
        for fragment in slot.fragments:
            if fragment is chosen or owner.get(fragment) is not slot:
                continue
            if chosen and _superseded(fragment, chosen, slot):
                plan.dropped.append((slot, fragment))
            else:
                del owner[fragment]
    last = max((f.book for f in found), default=0)
    seen = {f.source for f in found if f.book == last}
    for fragment in found:
        if fragment not in owner and (
            fragment.book == last or fragment.source not in seen
        ):
            plan.own.append(fragment)
    _place(plan, found)
    return plan


def _answer(slot: Slot) -> Fragment | None:
    """Return the last version of an answer, an empty one only if all are empty."""
    written = [f for f in slot.fragments if slot.proper(f)]
    other = [f for f in slot.fragments if not slot.empty(f)]
    return next(reversed(written or other or slot.fragments), None)


def _locked(slot: Slot) -> Fragment | None:
    """Return the fragment that a locked cell replaces, the untouched one first."""
    same = [f for f in slot.fragments if f.source == slot.source]
    return next(iter(same or slot.fragments), None)


def _free(slot: Slot) -> Fragment | None:
    """Return the student's version of a cell that anybody may change."""
    kind = slot.cell["cell_type"]
    fit = [f for f in slot.fragments if f.kind == kind or f.source == slot.source]
    last = max((f.book for f in fit), default=0)
    return next((f for f in fit if f.book == last), None)


def _superseded(fragment: Fragment, chosen: Fragment, slot: Slot) -> bool:
    """Whether a claim on a cell adds nothing that has to stay in the notebook."""
    if slot.role == "answer":
        own = not slot.defines or bool(slot.defines & fragment.defines)
        return own or slot.empty(fragment)
    if slot.role == "locked":
        return fragment.source == slot.source or fragment.book != chosen.book
    return fragment.source in (slot.source, chosen.source) and (
        fragment.book != chosen.book
    )


def _place(plan: Plan, found: list[Fragment]) -> None:
    """Choose before which released cell each of the student's own stands.

    Right behind the cell that it followed; where that would put it behind the cell that
    followed it, in front of that one, which may need it.
    """
    index: dict[Fragment, int] = {}
    for slot, fragment in plan.kept.items():
        index.setdefault(fragment, slot.index)
    before, places = -1, {}
    for fragment in found:
        before = index.get(fragment, before)
        places[fragment] = before + 1
    after = len(index) + max(index.values(), default=0) + 1
    for fragment in reversed(found):
        after = index.get(fragment, after)
        places[fragment] = min(places[fragment], after)
    plan.place = {fragment: places[fragment] for fragment in plan.own}


def _build(plan: Plan, cells: list[Slot], released: Any) -> Any:
    import nbformat

    made: list[dict[str, Any]] = []
    used = {slot.cell.get("id") for slot in cells}
    used |= {f.id for f in plan.own}
    seen: set[str] = {slot.cell.get("id") for slot in cells}
    by_place: dict[int, list[Fragment]] = {}
    for fragment in plan.own:
        by_place.setdefault(plan.place[fragment], []).append(fragment)
    for place in range(len(cells) + 1):
        fresh = _fresh(place, used)
        for fragment in by_place.get(place, []):
            name = fragment.id
            if not CELL_ID.fullmatch(name) or name in seen:
                name = next(fresh)
                plan.renamed.append(fragment)
            seen.add(name)
            made.append(_own_cell(fragment, name))
        if place < len(cells):
            made.append(_released_cell(cells[place], plan.kept.get(cells[place])))
    notebook = {**released, "cells": made, "nbformat": 4, "nbformat_minor": 5}
    return nbformat.from_dict(notebook)  # which copies


def _fresh(place: int, used: set[Any]) -> Iterator[str]:
    """Name a student's own cells at one place, each name once."""
    names = (f"own-{place}-{n}" for n in count(1))
    return (name for name in names if name not in used)


def _own_cell(fragment: Fragment, name: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": fragment.kind, "id": name, "metadata": {}}
    cell["source"] = fragment.source
    if fragment.kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    elif fragment.attachments:
        cell["attachments"] = fragment.attachments
    return cell


def _released_cell(slot: Slot, kept: Fragment | None) -> dict[str, Any]:
    cell = {**slot.cell, "source": slot.source}
    if kept and slot.role != "locked":
        cell["source"] = kept.source
        if kept.attachments and cell["cell_type"] != "code":
            cell["attachments"] = kept.attachments
    return cell
