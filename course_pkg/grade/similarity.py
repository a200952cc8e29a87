"""Which students' code is alike, once what was released is taken away (copydetect).

Alike is not copied: short right answers are often alike. A person reads the pages.
"""

import io
import logging
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.frame import page, text, write
from course_pkg.grade.handed_in import MOST_CODE, meta, read_cells, source
from course_pkg.grade.standings import standings

GRAM = 25  # characters, once names are left out, that count as alike
LEAST = 0.5  # share of the shorter answer from which a pair is told


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


def written(cells: list[dict[str, Any]]) -> str:
    """Return the code that a notebook's student could write, cell after cell."""
    own = [
        source(cell)[:MOST_CODE]
        for cell in cells
        if cell.get("cell_type") == "code"
        and not meta(cell).get("grade")
        and not meta(cell).get("locked")
        and not str(meta(cell).get("grade_id")).startswith("check-")
    ]
    return "\n\n".join(own) + "\n"


def fingerprint(code: str, released: set[int]) -> Any:
    """Return copydetect's fingerprint of code, less that of what was released.

    copydetect's own subtraction takes each of its grams for unique, which they are
    not; with a window of one, the same code gives the same report in every run.
    """
    from copydetect import CodeFingerprint
    from copydetect.utils import get_token_coverage

    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    found = CodeFingerprint("answers.py", GRAM, 1, fp=io.StringIO(code))
    found.hashes = found.hashes - released
    found.hash_idx = {h: at for h, at in found.hash_idx.items() if h in found.hashes}
    found.token_coverage = get_token_coverage(
        found.hash_idx, GRAM, len(found.filtered_code)
    )
    return found


def similar(codes: dict[str, str], released: str, least: float = LEAST) -> list[Pair]:
    """Return the pairs of students whose code is alike, the most alike first."""
    from copydetect import compare_files

    template = fingerprint(released, set()).hashes
    prints = {name: fingerprint(code, template) for name, code in codes.items()}
    pairs = []
    for a, b in combinations(sorted(prints), 2):
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
    codes = {
        student: written(read_cells(room.autograded(word, student) / f"{word}.ipynb"))
        for student in graded
    }
    return similar(codes, written(read_cells(path)), least)


def similarity_page(pairs: list[Pair], title: str, word: str) -> str:
    """Return the pairs side by side."""
    parts = [
        "<p>What was released is taken away, names and comments do not count. Alike is "
        "not copied: a person decides.</p>"
    ]
    for pair in pairs:
        names = [text(name) for name in pair.students]
        told = [
            f"{share:.0%} of {name}'s own code"
            for share, name in zip(pair.shares, names, strict=True)
        ]
        sides = "".join(
            f'<div><h3>{name}</h3><pre class="code" tabindex="0">{side}</pre></div>'
            for name, side in zip(names, pair.sides, strict=True)
        )
        parts.append(
            f"<section><h2>{names[0]} and {names[1]}</h2>"
            f'<p class="meta">{", ".join(told)}</p><div class="sides">{sides}</div>'
            "</section>"
        )
    body = "\n".join(parts) if pairs else "<p>No two are alike.</p>"
    return page(title, body, kicker=f"Similarity: {word}")


def write_page(room: Classroom, word: str, pairs: list[Pair]) -> Path:
    """Write the page beside the results, away from what is handed to students."""
    path = room.results(word).with_name(f"{word}-similarity.html")
    write(path, similarity_page(pairs, room.course.words[word].title, word))
    return path
