"""Which cell of a submission is which cell of the release."""

from collections import Counter

from course_pkg.grade.fragments import Fragment, continues
from course_pkg.grade.searching import by_definition, by_likeness, by_position
from course_pkg.grade.slots import Slot

MAX_JOINED = 20_000  # characters; each join looks at all that was joined before


def match(found: list[Fragment], cells: list[Slot]) -> dict[Fragment, Slot]:
    """Give fragments to the cells they claim to be; what is left is a student's own."""
    owner: dict[Fragment, Slot] = {}
    _by_identity(found, cells, owner)
    _release(owner)
    _by_source(found, cells, owner)
    _join_splits(found, cells, owner)
    for slot in cells:
        slot.fragments = [f for f in found if owner.get(f) is slot]
    by_definition(found, cells, owner)
    _release(owner)
    by_likeness(found, cells, owner)
    by_position(found, cells, owner)
    return owner


def _by_identity(
    found: list[Fragment], cells: list[Slot], owner: dict[Fragment, Slot]
) -> None:
    """Match by nbgrader's name, then by cell id; where they disagree, by content."""
    names = {s.name: s for s in cells if s.role != "free"}
    ids = {s.cell["id"]: s for s in cells if s.cell.get("id")}
    counts = Counter(s.source for s in cells)
    sources = {s.source: s for s in cells if counts[s.source] == 1}
    for fragment in found:
        options = [names.get(fragment.name), ids.get(fragment.id)]
        claims = [slot for slot in options if slot]
        if claims and fragment.source in sources:
            claims.append(sources[fragment.source])
        if claims:
            owner[fragment] = max(claims, key=lambda slot: slot.fits(fragment))


def _release(owner: dict[Fragment, Slot]) -> None:
    """Take a cell's name from those with other content, if one fits it."""
    claims: dict[Slot, list[Fragment]] = {}
    for fragment, slot in owner.items():
        claims.setdefault(slot, []).append(fragment)
    for slot, rivals in claims.items():
        fits = {fragment: slot.fits(fragment) for fragment in rivals}
        if max(fits.values()) > 0.5:
            for fragment in (f for f in rivals if fits[f] == 0):
                del owner[fragment]
                if fragment in slot.fragments:
                    slot.fragments.remove(fragment)


def _by_source(
    found: list[Fragment], cells: list[Slot], owner: dict[Fragment, Slot]
) -> None:
    """Match what is as it was released to the cells that nothing has claimed."""
    taken = {(fragment.book, slot) for fragment, slot in owner.items()}
    waiting: dict[tuple[int, str], list[Slot]] = {}
    for book in {fragment.book for fragment in found}:
        for slot in cells:
            if (book, slot) not in taken and slot.source.strip():
                waiting.setdefault((book, slot.source.strip()), []).append(slot)
    for fragment in found:
        same = waiting.get((fragment.book, fragment.source.strip()))
        if fragment not in owner and same:
            owner[fragment] = same.pop(0)


def _join_splits(
    found: list[Fragment], cells: list[Slot], owner: dict[Fragment, Slot]
) -> None:
    """Make one fragment of the pieces of an answer that lie side by side."""
    by_name = {name: s for s in cells if s.role == "answer" for name in s.defines}
    pieces = found.copy()
    found.clear()
    for piece in pieces:
        head = found[-1] if found else None
        claims = {owner[f] for f in (head, piece) if f in owner}
        if head and len(claims) < 2 and _one_text(head, piece, owner):
            names = [by_name[name] for name in head.defines if name in by_name]
            slot = next(iter(claims), names[0] if names else None)
            if slot and slot.role == "answer" and _belongs(head, slot):
                head.append(piece)
                head.mended.add("split")
                if head not in owner and piece in owner:
                    head.name, head.id, head.marks = piece.name, piece.id, piece.marks
                    owner[head] = slot
                owner.pop(piece, None)
                continue
        found.append(piece)


def _one_text(head: Fragment, tail: Fragment, owner: dict[Fragment, Slot]) -> bool:
    """Whether two neighbours are pieces, not versions, of one answer."""
    if len(head.source) + len(tail.source) > MAX_JOINED:
        return False
    if continues(head, tail):
        return True
    slot = owner.get(head)
    if slot is None or slot is not owner.get(tail) or slot.defines:
        return False
    if slot.cell.get("id") in (head.id, tail.id):  # a copy: splitting makes new ids
        return False
    a, b = set(head.source.split()), set(tail.source.split())
    both = not slot.empty(head) and not slot.empty(tail)
    return both and head.book == tail.book and 2 * len(a & b) < min(len(a), len(b))


def _belongs(head: Fragment, slot: Slot) -> bool:
    return not slot.defines or bool(slot.defines & head.defines)
