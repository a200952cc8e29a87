"""Which students' code is alike, once what was released is taken away (copydetect).

Alike is not copied: short right answers are often alike. A person reads the pages.
"""

import io
import logging
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.frame import link, page, table, text, write
from course_pkg.grade.handed_in import MOST_CODE, meta, read_cells, source
from course_pkg.grade.standings import standings

GRAM = 25  # characters, once names are left out, that count as alike
LEAST = 0.5  # share of the shorter answer from which a pair is told
COMMON_SHARE, COMMON_STUDENTS = 1 / 3, 10  # who write alike without having copied
OWN = 2 * GRAM  # characters; of less, a share says nothing
MOST_SHOWN = 100  # pairs side by side; a page of all would be too long to read


@dataclass(frozen=True)
class Pair:
    """Two students, the share of each one's own code that the other has, and where."""

    students: tuple[str, str]
    shares: tuple[float, float]
    sides: tuple[str, str]  # markup

    @property
    def share(self) -> float:
        """The larger of both shares: who copies may also add."""
        return max(self.shares)


def written(cells: list[dict[str, Any]], released: frozenset[str] = frozenset()) -> str:
    """Return the code that a notebook's student could write, cell after cell.

    A cell that is as it was released is left out.
    """
    own = [
        source(cell)[:MOST_CODE]
        for cell in cells
        if cell.get("cell_type") == "code"
        and not meta(cell).get("grade")
        and not meta(cell).get("locked")
        and not str(meta(cell).get("grade_id")).startswith("check-")
        and source(cell) not in released
    ]
    return "\n\n".join(own) + "\n"


def fingerprint(code: str) -> Any:
    """Return copydetect's fingerprint of code; the same code gives the same."""
    from copydetect import CodeFingerprint

    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    return CodeFingerprint("answers.py", GRAM, 1, fp=io.StringIO(code))


def without(found: Any, grams: set[int]) -> Any:
    """Take grams away from a fingerprint, in place, and return it.

    copydetect's own subtraction takes each of its grams for unique, which they are not.
    """
    from copydetect.utils import get_token_coverage

    found.hashes = set(found.hashes) - grams
    found.hash_idx = {h: at for h, at in found.hash_idx.items() if h in found.hashes}
    found.token_coverage = get_token_coverage(
        found.hash_idx, GRAM, len(found.filtered_code)
    )
    return found


def common(prints: Collection[Any]) -> set[int]:
    """Return the grams that so many have written that they tell nothing of two."""
    counts = Counter(gram for found in prints for gram in set(found.hashes))
    least = max(COMMON_STUDENTS, COMMON_SHARE * len(prints))
    return {gram for gram, count in counts.items() if count >= least}


def similar(codes: dict[str, str], released: str, least: float = LEAST) -> list[Pair]:
    """Return the pairs of students whose code is alike, the most alike first."""
    from copydetect import compare_files

    prints = {name: fingerprint(code) for name, code in codes.items()}
    known = set(fingerprint(released).hashes) | common(prints.values())
    prints = {name: without(found, known) for name, found in prints.items()}
    prints = {n: found for n, found in prints.items() if found.token_coverage >= OWN}
    pairs = []
    for a, b in combinations(sorted(prints), 2):
        if not _may_be(prints[a], prints[b], least):
            continue
        _, shares, slices = compare_files(prints[a], prints[b])
        if max(shares) < least or max(shares) == 0:
            continue
        sides = [
            _marked(codes[name], part)
            for name, part in zip((a, b), slices, strict=True)
        ]
        shares = (float(min(shares[0], 1)), float(min(shares[1], 1)))
        pairs.append(Pair((a, b), shares, (sides[0], sides[1])))
    return sorted(pairs, key=lambda pair: (-pair.share, pair.students))


def _may_be(one: Any, other: Any, least: float) -> bool:
    """Say whether two may be alike: most pairs of a large class are not, seen soon."""
    both = one.hashes & other.hashes
    return any(
        both
        and GRAM * sum(len(found.hash_idx[gram]) for gram in both)
        >= least * found.token_coverage
        for found in (one, other)
    )


def _marked(code: str, slices: Any) -> str:
    """Return code as markup with the slices that are alike marked."""
    parts, at = [], 0
    for start, end in sorted(zip(*slices.astype(int).tolist(), strict=True)):
        start, end = max(start, at), min(end, len(code))
        if start < end:
            same = text(code[start:end], 10**6)
            parts += [text(code[at:start], 10**6), f"<mark>{same}</mark>"]
            at = end
    return "".join([*parts, text(code[at:], 10**6)])


def compare(room: Classroom, word: str, least: float = LEAST) -> list[Pair]:
    """Compare the graded submissions of a class. Raises CourseError."""
    graded = [s.student for s in standings(room, word) if s.status == "graded"]
    path = room.course.assignment(word)
    if not path.is_file():
        raise CourseError(f"{path}: not released; run: course release {word}")
    template = read_cells(path)
    released = frozenset(source(cell) for cell in template)
    codes = {
        student: written(
            read_cells(room.autograded(word, student) / f"{word}.ipynb"), released
        )
        for student in graded
    }
    return similar(codes, written(template), least)


def similarity_page(pairs: list[Pair], title: str, word: str) -> str:
    """Return a list of the pairs, and the first ones side by side, folded."""
    if not pairs:
        return page(title, "<p>No two are alike.</p>", kicker=f"Similarity: {word}")
    rows = [
        [_names(n, pair), *(f"{share:.0%}" for share in pair.shares)]
        for n, pair in enumerate(pairs)
    ]
    told = f"{len(pairs)} pairs: how much of each one's own code the other has"
    parts = [
        "<p>What was released is taken away, and what a third of the class has written "
        "alike; names and comments do not count. Alike is not copied: read both, speak "
        "to both, and decide.</p>",
        table(["Pair", "#First", "#Second"], rows, told),
        *(_side_by_side(n, pair) for n, pair in enumerate(pairs[:MOST_SHOWN])),
    ]
    body = "\n".join(parts)
    return page(title, body, kicker=f"Similarity: {word}", broad=True)


def _names(n: int, pair: Pair) -> str:
    both = " and ".join(pair.students)
    return link(f"#pair-{n + 1}", both) if n < MOST_SHOWN else text(both)


def _side_by_side(n: int, pair: Pair) -> str:
    names = [text(name) for name in pair.students]
    told = [
        f"{share:.0%} of {name}'s own code"
        for share, name in zip(pair.shares, names, strict=True)
    ]
    sides = "".join(
        f'<div><h3>{name}</h3><pre class="code" tabindex="0">{side}</pre></div>'
        for name, side in zip(names, pair.sides, strict=True)
    )
    return (
        f'<section id="pair-{n + 1}"><h2>{names[0]} and {names[1]}</h2>'
        f'<p class="meta">{", ".join(told)}</p><details{"" if n else " open"}>'
        f'<summary>Show both</summary><div class="sides">{sides}</div></details>'
        "</section>"
    )


def write_page(room: Classroom, word: str, pairs: list[Pair]) -> Path:
    """Write the page beside the results, away from what is handed to students."""
    path = room.results(word).with_name(f"{word}-similarity.html")
    write(path, similarity_page(pairs, room.course.words[word].title, word))
    return path
