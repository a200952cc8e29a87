"""One student's feedback page, written from structured results, never from tests."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from course_pkg.grade import drawings, handed_in
from course_pkg.grade.case_reports import read_cases, show_cases
from course_pkg.grade.frame import lines_of, link, page, table, text
from course_pkg.grade.report import points
from course_pkg.grade.results import Question
from course_pkg.grade.standings import Standing
from course_pkg.syllabus import Task, Word


@dataclass(frozen=True)
class Sheet:
    """What all pages of an assignment share: its word, and where the book is."""

    word: str
    about: Word
    book: str
    released: frozenset[str]  # the ids of the released cells

    def section(self, task: Task) -> str:
        """Return the address of a task's section in the book."""
        return f"{self.book}/book/{quote(self.word)}.html#{quote(task.slug)}"


def student_page(sheet: Sheet, standing: Standing, cells: list[dict[str, Any]]) -> str:
    """Return the page of one student, ``cells`` being the executed notebook's."""
    parts = [_head(standing)]
    parts += [_list("What was mended before grading", standing.repairs)]
    parts += [_list("Please note", standing.warnings)]
    if standing.status == "graded":
        by_id = {handed_in.meta(cell).get("grade_id"): cell for cell in cells}
        parts.append(_overview(sheet, standing))
        for task, question in zip(sheet.about.tasks, standing.questions, strict=True):
            parts.append(_task(sheet, standing, task, question, by_id))
        parts.append(_others(sheet, cells))
    return page(
        sheet.about.title,
        "\n".join(part for part in parts if part),
        kicker=f"Feedback for {standing.name}",
    )


def _head(standing: Standing) -> str:
    score, most = points(standing.score), points(standing.max_score)
    lines = [f'<p class="score"><strong>{score}</strong> of {most} points</p>']
    if standing.penalty:
        lines.append(
            f"<p>{points(standing.penalty)} points are taken off for lateness."
        )
    if standing.status != "graded":
        lines.append(
            '<div class="note"><p>Your notebook could not be graded: '
            f"{text(standing.note)}.</p><p>Hand it in again, or speak to your "
            "instructor: a person looks at every zero of this kind.</p></div>"
        )
    elif standing.waiting:
        lines.append("<p>A person has still to read what you wrote in words.</p>")
    if standing.status == "graded" and standing.note:
        lines.append(f'<p class="meta">{text(standing.note)}</p>')
    return "\n".join(lines)


def _list(title: str, notes: list[str]) -> str:
    items = "".join(f"<li>{text(note)}</li>" for note in notes)
    return f"<h2>{title}</h2><ul>{items}</ul>" if notes else ""


def _overview(sheet: Sheet, standing: Standing) -> str:
    rows = []
    for task, question in zip(sheet.about.tasks, standing.questions, strict=True):
        share = drawings.bar(question.points or 0, question.max)
        got = f"{share} {points(question.points)} of {points(question.max)}"
        rows.append([link(f"#{task.name}", _title(task)), got, _verdict(question)])
    return table(["Task", "#Points", "So far"], rows, "Your points, task by task")


def _title(task: Task) -> str:
    return task.name.replace("_", " ") if task.manual else task.name


def _verdict(question: Question) -> str:
    if question.points is None:
        return "a person reads it"
    if question.points >= question.max:
        return "all right"
    return "partly right" if question.points else "not yet"


def _task(
    sheet: Sheet,
    standing: Standing,
    task: Task,
    question: Question,
    by_id: dict[Any, dict[str, Any]],
) -> str:
    said = f"{points(question.points)} of {points(question.max)} points"
    if question.points is None:
        said = f"{points(question.max)} points, given by a person"
    by_hand = " (set by a person)" if question.id in standing.by_hand else ""
    lines = [f'<section id="{text(task.name)}"><h2>{text(_title(task))}</h2>']
    lines.append(f'<p class="meta">{said}{by_hand}</p>')
    lines += _comments(standing, task)
    check = by_id.get(f"check-{task.name}")
    found = list(read_cases(check, question.id)) if check else []
    if found:
        lines.append(show_cases(found))
    elif question.message:
        kind = "" if question.points is None else ' class="note"'
        lines.append(f"<div{kind}><p>{lines_of(question.message)}</p></div>")
    if question.points is None or question.points < question.max:
        where = link(sheet.section(task), task.section)
        lines.append(f"<p>Read in the book: {where}.</p>")
    lines.append(_answer(by_id.get(task.name), question))
    return "\n".join(lines) + "</section>"


def _comments(standing: Standing, task: Task) -> list[str]:
    found = [standing.comments.get(name) for name in (task.name, f"check-{task.name}")]
    head = "<p><b>From your instructor</b></p>"
    return [
        f'<div class="note">{head}<p>{lines_of(said)}</p></div>'
        for said in found
        if said
    ]


def _answer(cell: dict[str, Any] | None, question: Question) -> str:
    if cell is None:
        return ""
    if cell.get("cell_type") == "markdown":
        return f"<h3>What you wrote</h3>{handed_in.words(cell)}"
    whole = question.points is not None and question.points >= question.max
    shown = handed_in.outputs(cell)
    printed = f'<p class="meta">It printed:</p>{shown}' if shown else ""
    return (
        f"<details{'' if whole else ' open'}><summary>Your answer</summary>"
        f"{handed_in.code(cell)}{printed}</details>"
    )


def _others(sheet: Sheet, cells: list[dict[str, Any]]) -> str:
    """Show the code cells that are not of the release, folded."""
    own = [
        cell
        for cell in cells
        if cell.get("cell_type") == "code"
        and not handed_in.meta(cell)
        and cell.get("id") not in sheet.released
        and handed_in.source(cell)
    ]
    if not own:
        return ""
    shown = "".join(handed_in.code(cell) + handed_in.outputs(cell) for cell in own[:40])
    return (
        "<section><h2>Your own cells</h2><p>They are not graded.</p><details>"
        f"<summary>Show {len(own)}</summary>{shown}</details></section>"
    )
