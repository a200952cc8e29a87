"""Scores as tables that nbgrader's readers, Canvas and Moodle import.

A score that still waits for a person is left empty and told, never a zero.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.report import points
from course_pkg.grade.standings import ABSENT, Standing, standings
from course_pkg.grade.submissions import plain

# What a spreadsheet takes for the beginning of a formula, in both widths.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
NBGRADER = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name",
    "email", "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("ID number", "First name", "Last name", "Email address")


@dataclass
class Export:
    """A table's text, how many have a score, and who has none and why."""

    text: str
    scored: int = 0
    empty: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def safe(x: object) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe before a formula's sign.

    It is one line; spaces in front do not hide a sign, for some readers drop them.
    """
    found = plain(" ".join(str(x).splitlines()), 300)
    risky = found.lstrip().startswith(FORMULA) or str(x).startswith(FORMULA)
    return f"'{found}" if risky else found


def missing(standing: Standing) -> str:
    """Say why a score is left empty, or return ""."""
    return ABSENT if standing.status == ABSENT else standing.waiting


def export(
    room: Classroom,
    word: str,
    form: str,
    column: str | None = None,
    roster: Path | None = None,
) -> Export:
    """Make the table of a form: csv (nbgrader's), canvas or moodle.

    ``column`` replaces the assignment's name; ``roster`` is a gradebook that Canvas
    exported, whose rows are kept and matched by id. Raises CourseError.
    """
    if form not in FORMS:
        raise CourseError(f"unknown format {plain(form)!r}; known: {', '.join(FORMS)}")
    if roster and form != "canvas":
        raise CourseError("--roster is for canvas; the others need no list of students")
    found = standings(room, word)
    made = FORMS[form](found, column or word, word, roster)
    made.empty = {s.student: missing(s) for s in found if missing(s)}
    made.scored = len(found) - len(made.empty)
    made.notes += [
        f"{plain(s.student)}: the id begins like a formula and got an apostrophe, "
        "so it will not be matched"
        for s in found
        if safe(s.student) != plain(s.student, 300)
    ]
    return made


def _nbgrader(
    found: list[Standing], column: str, word: str, roster: Path | None
) -> Export:
    rows = [list(NBGRADER)]
    for s in found:
        # As nbgrader has it: who handed in nothing has a score, of nothing.
        score, raw = ("", "") if s.waiting else (str(s.score), str(s.raw_score))
        people = [s.timestamp, s.student, s.last_name, s.first_name, s.email]
        told = [safe(word), "", *map(safe, people)]
        rows.append([*told, raw, str(s.penalty), score, str(s.max_score)])
    return Export(_csv(rows))


def _score(standing: Standing) -> str:
    return "" if missing(standing) else points(standing.score)


def _moodle(
    found: list[Standing], column: str, word: str, roster: Path | None
) -> Export:
    rows = [[*MOODLE, safe(column)]]
    for s in found:
        people = [s.student, s.first_name, s.last_name, s.email]
        rows.append([*map(safe, people), _score(s)])
    return Export(_csv(rows))


def _canvas(
    found: list[Standing], column: str, word: str, roster: Path | None
) -> Export:
    most = points(found[0].max_score) if found else ""
    rows = [[*CANVAS, safe(column)], ["Points Possible", "", "", "", "", most]]
    if roster is None:
        for s in found:
            name = f"{s.last_name}, {s.first_name}" if s.last_name else s.name
            rows.append([safe(name), "", "", safe(s.student), "", _score(s)])
        return Export(_csv(rows))
    people, columns = _roster(roster)
    made = Export("")
    left = {s.student: s for s in found}
    everybody = dict(left)
    for person in people:
        ids = {person[columns[name]] for name in CANVAS[1:4]}
        mine = sorted(ids & everybody.keys())
        if len(mine) > 1 or any(name not in left for name in mine):
            told = " and ".join(plain(name) for name in mine)
            raise CourseError(f"{roster}: {told}: ids that are not one student's alone")
        row = [safe(person[columns[name]]) for name in CANVAS]
        rows.append([*row, _score(left.pop(mine[0])) if mine else ""])
        if not mine:
            made.notes.append(
                f"{plain(person[columns['Student']])}: not in the class here"
            )
    made.notes += [f"{plain(s)}: not in {roster.name}, left out" for s in left]
    made.text = _csv(rows)
    return made


def _roster(path: Path) -> tuple[list[list[str]], dict[str, int]]:
    """Read the people of a gradebook from Canvas, and where its columns are."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        told = getattr(error, "strerror", None) or error
        raise CourseError(f"{path}: cannot be read: {told}") from None
    head = [name.strip() for name in rows[0]] if rows else []
    absent = [name for name in CANVAS if name not in head]
    if absent:
        raise CourseError(f"{path}: no Canvas gradebook, it lacks {', '.join(absent)}")
    columns = {name: head.index(name) for name in CANVAS}
    people = [
        row
        for row in rows[1:]
        if len(row) >= len(CANVAS) and any(row[columns[n]] for n in CANVAS[1:4])
    ]
    return people, columns


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


FORMS: dict[str, Callable[[list[Standing], str, str, Path | None], Export]] = {
    "csv": _nbgrader,
    "canvas": _canvas,
    "moodle": _moodle,
}
