"""Feedback: a page per student, and an index of the class."""

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.frame import link, page, table, text, write
from course_pkg.grade.handed_in import read_cells
from course_pkg.grade.report import points
from course_pkg.grade.standings import ABSENT, Standing, standings
from course_pkg.grade.student_page import Sheet, student_page
from course_pkg.grade.submissions import plain

BOOK = "http://127.0.0.1:8000"  # where `course serve` has it


def write_feedback(
    room: Classroom,
    word: str,
    book: str = BOOK,
    told: Callable[..., object] = lambda **progress: None,
) -> tuple[Path, list[dict]]:
    """Write a page per student of the last run and the index; return it and a row each.

    Points come from the gradebook, so manual ones count. ``book`` is the address of
    the book; ``told`` hears of each page. Raises CourseError where the class has not
    been graded.
    """
    if not book.startswith(("http://", "https://")):
        raise CourseError(f"--book {plain(book)}: expected http://… or https://…")
    found = [s for s in standings(room, word) if s.status != ABSENT]
    cells = read_cells(room.course.assignment(word))
    released = frozenset(str(cell.get("id")) for cell in cells)
    sheet = Sheet(word, room.course.words[word], book.rstrip("/"), released)
    rows = []
    for done, standing in enumerate(found):
        told(completed=done, total=len(found), student=plain(standing.student, 24))
        rows.append(_write(room, sheet, standing))
    index = room.root / "feedback" / f"{word}.html"
    write(index, _index(sheet, rows))
    _home(index.parent)
    return index, rows


def _write(room: Classroom, sheet: Sheet, standing: Standing) -> dict:
    """Write one page, in place of whatever was there, and return the index's row."""
    word, student = sheet.word, standing.student
    row = {
        "student": student,
        "name": standing.name,
        "points": standing.score,
        "max": standing.max_score,
        "state": standing.waiting or "marked",
        "page": None,
    }
    if not _can_be_a_folder(student):
        row["state"] = f"no page: {standing.note}"
        return row
    folder = room.feedback(word, student)
    cells = read_cells(room.autograded(word, student) / f"{word}.ipynb")
    if standing.status == "graded" and not cells:
        row["state"] = "no page, grade again: the graded notebook is not there"
        return row
    shutil.rmtree(folder, ignore_errors=True)
    path = folder / f"{word}.html"
    write(path, student_page(sheet, standing, cells))
    row["page"] = str(path.relative_to(room.root))
    if standing.status != "graded":
        row["state"] = f"{standing.status}: {standing.note}"
    return row


def _can_be_a_folder(student: str) -> bool:
    return student == plain(student).strip() and student not in ("", ".", "..")


def _index(sheet: Sheet, rows: list[dict]) -> str:
    lines = []
    for row in rows:
        name = text(row["student"])
        if row["page"]:
            address = quote(f"{row['student']}/{sheet.word}/{sheet.word}.html")
            name = link(address, row["student"])
        called = row["name"] if row["name"] != row["student"] else ""
        score = f"{points(row['points'])} of {points(row['max'])}"
        lines.append([name, text(called), score, text(row["state"])])
    heads = ["Student", "Name", "#Points", "State"]
    if not any(row["name"] != row["student"] for row in rows):
        heads, lines = (
            [h for h in heads if h != "Name"],
            [[a, *b] for a, _, *b in lines],
        )
    body = table(heads, lines, f"{len(rows)} students")
    return page(sheet.about.title, body, kicker=f"Feedback: {sheet.word}")


def _home(folder: Path) -> None:
    """Write the page that lists the words which have feedback here."""
    words = sorted(p.stem for p in folder.glob("*.html") if p.stem != "index")
    links = "".join(f"<li>{link(quote(w) + '.html', w)}</li>" for w in words)
    write(folder / "index.html", page("Feedback", f"<ul>{links}</ul>"))
