"""What the report says about a repair: one plain sentence each, naming the question."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from course_pkg.grade.fragments import MAX_SOURCE, Fragment
from course_pkg.grade.reading import plain
from course_pkg.grade.slots import Slot

if TYPE_CHECKING:
    from course_pkg.grade.repair import Plan

MENDED = {
    "windows": "Windows line ends were made plain in {}.",
    "surrogate": "Characters that are no text were replaced in {}.",
    "conflict": "Merge conflict marks were in {}; the student's own side counts.",
    "long": f"More than {MAX_SOURCE:,} characters were in {{}}; left out.",
    "kind": "A kind of cell that does not exist was given to {}.",
    "split": "The pieces of a split cell were joined in {}.",
}


def remarks(
    plan: "Plan", cells: list[Slot], notebooks: list[dict[str, Any]], released: Any
) -> Iterator[str]:
    """Tell all that differs between a submission and the notebook made of it."""
    yield from _formats(notebooks, released)
    for slot in cells:
        yield from _answer(slot, plan)
    yield from _restored(plan, cells)
    yield from _moved(plan)
    yield from _own(plan)
    everything = [(slot.name, f) for slot, f in plan.kept.items()]
    everything += [(f"the student's cell {f.number}", f) for f in plan.own]
    for kind, sentence in MENDED.items():
        yield from _about(sentence, [n for n, f in everything if kind in f.mended])


def _about(sentence: str, names: Iterable[str]) -> Iterator[str]:
    """Put names into a sentence, if there are any; a few of many."""
    found = list(dict.fromkeys(names))
    if len(found) > 8:
        found = [*found[:7], f"{len(found) - 7} more"]
    if found:
        yield sentence.format(", ".join(found))


def _formats(notebooks: list[dict[str, Any]], released: Any) -> Iterator[str]:
    last = notebooks[-1]
    said = [last.get(key) for key in ("nbformat", "nbformat_minor")]
    if said != [4, 5]:
        shown = ".".join(plain(str(x), 12) if x is not None else "?" for x in said)
        yield f"The notebook said it was of format {shown}; written as 4.5."
    metadata = last.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    for key, name in (("kernelspec", "kernel"), ("language_info", "language")):
        wanted = released["metadata"].get(key, {}).get("name")
        found = metadata.get(key)
        found = found.get("name") if isinstance(found, dict) else None
        if wanted and found != wanted:
            shown = repr(plain(found, 40)) if isinstance(found, str) else "missing"
            yield f"The {name} was {shown}; {wanted} is used."


def _answer(slot: Slot, plan: "Plan") -> Iterator[str]:
    """Tell where an answer came from, if not simply from its own cell."""
    if slot.role != "answer":
        return
    kept = plan.kept.get(slot)
    if kept is None:
        yield f"{slot.name}: the answer's cell was deleted; put back empty."
        return
    if slot.found:
        yield f"{slot.name}: the answer was in {slot.found}; put in its place."
        return
    rest = [f for owner, f in plan.dropped if owner is slot]
    if any(f.source != kept.source for f in rest):
        yield (
            f"{slot.name}: {len(rest) + 1} versions of the answer; "
            f"the one in cell {kept.number} counts, the last that is not empty."
        )
    elif any(f.book == kept.book for f in rest):
        yield f"{slot.name}: {len(rest) + 1} cells with the same answer; one is kept."


def _restored(plan: "Plan", cells: list[Slot]) -> Iterator[str]:
    lost = [s for s in cells if s not in plan.kept and s.role != "answer"]
    yield from _about("Put back, as it had been deleted: {}.", [s.name for s in lost])
    pairs = list(plan.kept.items())
    yield from _about(
        "Restored, as a locked cell had been edited: {}.",
        [s.name for s, f in pairs if s.role == "locked" and f.source != s.source],
    )
    yield from _about(
        "Left out, as it was there twice: {}.",
        [s.name for s, f in plan.dropped if s.role != "answer"],
    )
    yield from _about(
        "The kind of cell was changed back for {}.",
        [s.name for s, f in pairs if s.cell["cell_type"] != f.kind],
    )
    pairs = [(s, f) for s, f in pairs if not s.found]
    marked = [(s, f) for s, f in pairs if s.role != "free"]
    yield from _about(
        "Points were changed back for {}.",
        [s.name for s, f in marked if f.marks and _differ(s, f, ("points",))],
    )
    keys = ("grade_id", "grade", "locked", "solution", "task")
    yield from _about(
        "Marks of nbgrader were missing or edited and are restored for {}.",
        [s.name for s, f in marked if _differ(s, f, keys)],
    )
    yield from _about(
        "Cell ids were missing or changed and are restored for {}.",
        [s.name for s, f in pairs if s.cell.get("id") != f.id],
    )


def _differ(slot: Slot, fragment: Fragment, keys: tuple[str, ...]) -> bool:
    wanted = slot.cell["metadata"]["nbgrader"]
    return any(wanted.get(key) != fragment.marks.get(key) for key in keys)


def _moved(plan: "Plan") -> Iterator[str]:
    """Name the released cells that were not in the released order."""
    here = [(f.index, slot) for slot, f in plan.kept.items() if not slot.found]
    slots = [slot for _, slot in sorted(here, key=lambda pair: pair[0])]
    ends: list[int] = []
    lengths = []
    for slot in slots:
        at = bisect_left(ends, slot.index)
        ends[at : at + 1] = [slot.index]
        lengths.append(at)
    still, want = set(), len(ends) - 1
    for slot, length in zip(reversed(slots), reversed(lengths), strict=True):
        if length == want:
            still.add(slot)
            want -= 1
    yield from _about(
        "Moved back to its place: {}.",
        [slot.name for slot in slots if slot not in still],
    )


def _own(plan: "Plan") -> Iterator[str]:
    """Tell what changed at the student's own cells."""
    yield from _about(
        "The student's own cells had marks or names of other cells, removed: {}.",
        [f"cell {f.number}" for f in plan.own if f.marks],
    )
    yield from _about(
        "The student's own cells had missing, doubled or odd ids, renewed: {}.",
        [f"cell {f.number}" for f in plan.renamed],
    )
