"""Feedback pages: nbgrader's for every graded submission, and an index of them."""

import html
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

from course_pkg.grade import mathematics
from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.release import nbgrader_session
from course_pkg.grade.report import kept, points
from course_pkg.grade.run import grades

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 45rem;
  padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid; padding: .3rem .6rem; text-align: left; }}
td.n, th.n {{ text-align: right; }}
</style></head><body><main><h1>{title}</h1>
{body}
</main></body></html>
"""


def write_feedback(room: Classroom, word: str) -> tuple[Path, int]:
    """Write a page per student of the last run and the index; return it and how many.

    Scores come from the gradebook, so manual points count. Raises CourseError where
    the class has not been graded.
    """
    rows = _rows(room, word)
    config, directory, log = nbgrader_session(room.course.root, room.root, room.db_url)
    directory.assignment_id = word
    offline = mathematics.install(room.course, room.root / "feedback")
    for row in rows:
        if row["status"] == "graded":
            _student_page(room, word, row, (config, directory, log))
            page = room.feedback(word, row["student"]) / f"{word}.html"
            if row.get("link", True):
                mathematics.seal(page, offline)
        else:
            _failed_page(room, word, row)
    index = room.root / "feedback" / f"{word}.html"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(_index(room, word, rows), "utf-8")
    _home(index.parent)
    return index, len(rows)


def _rows(room: Classroom, word: str) -> list[dict]:
    path = room.results(word)
    if not path.is_file():
        raise CourseError(f"{word} is not graded here yet; run: course grade {word}")
    return kept(path)


def _student_page(room: Classroom, word: str, row: dict, session: Any) -> None:
    from nbgrader.converters import GenerateFeedback

    config, directory, log = session
    directory.student_id = row["student"]
    converter = GenerateFeedback(
        coursedir=directory, config=config, log=log.logger, force=True
    )
    try:
        converter.start()
    except Exception as error:
        # The others still get their pages; this one says what to do.
        row["link"], row["points"] = None, points(row["score"])
        row["state"] = f"no page, grade again: {log.reason(error)}"
        return
    with grades(room, word, row["student"]) as found:
        waits = any(g.needs_manual_grade for g in found.values())
        row["points"] = points(sum(float(g.score or 0) for g in found.values()))
        row["state"] = "a written answer waits for a person" if waits else "marked"


def _failed_page(room: Classroom, word: str, row: dict) -> None:
    """Say why nothing was graded, where nbgrader would write no page at all."""
    row["points"], row["state"] = "0", f"{row['status']}: {row['note']}"
    folder = room.feedback(word, row["student"])
    if "cannot use the folder's name" in row["note"]:
        row["link"] = None
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    text = f"<p>Your notebook could not be graded. {html.escape(row['note'])}.</p>"
    text += "<p>Hand it in again, or speak to your instructor.</p>"
    page = PAGE.format(title=html.escape(word), body=text)
    (folder / f"{word}.html").write_text(page, "utf-8")


def _index(room: Classroom, word: str, rows: list[dict]) -> str:
    lines = []
    for row in rows:
        name = html.escape(_printable(row["student"]))
        if row.get("link", True):
            address = quote(f"{row['student']}/{word}/{word}.html")
            name = f'<a href="{address}">{name}</a>'
        score = f"{row['points']} of {points(row['max_score'])}"
        state = html.escape(row["state"])
        lines.append(f'<tr><td>{name}<td class="n">{score}<td>{state}')
    head = '<tr><th>student<th class="n">points<th>state'
    title = html.escape(f"{word}: {room.course.words[word].title}")
    return PAGE.format(
        title=title, body=f"<table>{head}\n{chr(10).join(lines)}</table>"
    )


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def _home(folder: Path) -> None:
    """Write the page that lists the words which have feedback here."""
    words = sorted(p.stem for p in folder.glob("*.html") if p.stem != "index")
    links = "".join(
        f'<li><a href="{quote(w)}.html">{html.escape(w)}</a>' for w in words
    )
    page = PAGE.format(title="Feedback", body=f"<ul>{links}</ul>")
    (folder / "index.html").write_text(page, "utf-8")
