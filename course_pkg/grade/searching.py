"""Answers that are not where their name says: found by content, then by position."""

from collections import Counter
from dataclasses import replace

from course_pkg.grade.fragments import Fragment
from course_pkg.grade.slots import Slot


def _give(slot: Slot, fragment: Fragment, owner: dict[Fragment, Slot]) -> None:
    before = owner.get(fragment)
    if before:
        before.fragments.remove(fragment)
    owner[fragment] = slot
    slot.fragments = sorted({*slot.fragments, fragment}, key=lambda f: f.index)


def by_definition(
    found: list[Fragment], cells: list[Slot], owner: dict[Fragment, Slot]
) -> None:
    """Find an answer that its own cell lacks wherever its function is defined.

    A cell that was merged with another task's is shared, so neither loses it.
    """
    makers: dict[str, list[Fragment]] = {}
    for fragment in found:
        for name in fragment.defines:
            makers.setdefault(name, []).append(fragment)
    for slot in (s for s in cells if s.role == "answer" and s.defines):
        if any(slot.proper(f) for f in slot.fragments):
            continue
        others = [
            f
            for name in sorted(slot.defines)
            for f in makers.get(name, [])
            if slot.proper(f) and not _works_there(f, slot, cells, owner)
        ]
        for fragment in reversed(others):
            claim = owner.get(fragment)
            wrong = claim and claim.role == "answer" and not claim.proper(fragment)
            if claim is None or wrong:
                slot.found = slot.found or f"cell {fragment.number}"
                _give(slot, fragment, owner)
                break
            if claim.role == "answer" and not claim.defines:
                slot.found = f"the cell of {claim.name}"
                _give(slot, fragment, owner)
                break
            if not slot.fragments:
                slot.found = f"the cell of {claim.name}, with which it was merged"
                slot.fragments = [fragment]
                break


def _works_there(
    fragment: Fragment, slot: Slot, cells: list[Slot], owner: dict[Fragment, Slot]
) -> bool:
    """Whether a student's own cell already runs between an empty answer and its check.

    Then the notebook says what the student meant, and stays as it is.
    """
    if fragment in owner or not slot.fragments:
        return False
    checks = [s for s in cells[slot.index + 1 :] if s.role == "locked" and s.fragments]
    after = checks[0].fragments[0].index if checks else fragment.index + 1
    return slot.fragments[-1].index < fragment.index < after


def by_likeness(
    found: list[Fragment], cells: list[Slot], owner: dict[Fragment, Slot]
) -> None:
    """Match what nobody claims to the cell with which it shares most of its lines."""
    missing = [slot for slot in cells if not slot.fragments]
    by_line: dict[str, list[Slot]] = {}
    for slot in missing:
        for line in slot.lines:
            if len(line) > 10:
                by_line.setdefault(line, []).append(slot)
    for fragment in found:
        if fragment in owner:
            continue
        own = fragment.lines
        shared = Counter(slot for line in own for slot in by_line.get(line, []))
        for slot, count in shared.most_common(1):
            smaller = min(len(own), len(slot.lines))
            if not slot.fragments and 2 * count > smaller and slot.proper(fragment):
                _give(slot, fragment, owner)


def by_position(
    found: list[Fragment], cells: list[Slot], owner: dict[Fragment, Slot]
) -> None:
    """Take for a missing written answer what lies between its neighbours."""
    for slot in cells:
        if slot.role != "answer" or slot.defines:
            continue
        if slot.fragments and not all(slot.empty(f) for f in slot.fragments):
            continue
        gap = _gap(slot, found, cells, owner)
        kind = slot.cell["cell_type"]
        gap = [f for f in gap if f.source.strip() and not f.defines]
        gap = [f for f in gap if f.kind == kind] or ([] if slot.fragments else gap)
        if not gap and not slot.fragments:
            gap = _cut_out(slot, cells)
        if gap:
            slot.found = f"cell {gap[0].number}"
            for fragment in gap[1:]:
                gap[0].append(fragment, "\n\n")
                found.remove(fragment)
            _give(slot, gap[0], owner)


def _cut_out(slot: Slot, cells: list[Slot]) -> list[Fragment]:
    """Take an answer out of the text above, with which it was merged."""
    above = cells[slot.index - 1]
    if slot.index and above.role == "free" and above.fragments:
        whole = above.fragments[-1]
        rest = whole.source.removeprefix(above.source).strip()
        if rest and above.source and rest != whole.source.strip():
            whole.rewrite(above.source)
            return [replace(whole, source=rest, id="", name="", marks={})]
    return []


def _gap(
    slot: Slot, found: list[Fragment], cells: list[Slot], owner: dict[Fragment, Slot]
) -> list[Fragment]:
    """Return what nobody claims where a cell should be.

    None if another answer is missing there too, or if the neighbours are not in order.
    """
    before = [s for s in cells[: slot.index] if s.fragments]
    after = [s for s in cells[slot.index + 1 :] if s.fragments]
    near = slot if slot.fragments else before[-1] if before else None
    start = near.fragments[-1].index if near else -1
    stop = after[0].fragments[0].index if after else float("inf")
    last = after[0].index if after else len(cells)
    rivals = [
        s
        for s in cells[near.index + 1 if near else 0 : last]
        if s is not slot and s.role == "answer"
    ]
    if rivals:
        return []
    return [f for f in found if start < f.index < stop and f not in owner]
