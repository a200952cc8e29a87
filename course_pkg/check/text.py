"""Reports and progress as plain text and as HTML: escaped, and without colours."""

import textwrap
from html import escape

from course_pkg.check.judge import Result
from course_pkg.check.report import Report, clean, number, out_of
from course_pkg.syllabus import Task

TABLE = "border-collapse:collapse;color:inherit;background:transparent"
MARGIN = " " * 9
WIDTH = 20  # characters of a full bar
STYLE = "border-top:1px solid;padding:.25em .75em .25em 0;text-align:left;"
STYLE += "vertical-align:top;opacity:inherit"


def report_text(report: Report) -> str:
    """Write a report as aligned text; shown outside IPython, and where HTML is not."""
    lines = [f"{report.name}: {out_of(report.points, report.task.points)}"]
    if report.unwritten:
        return "\n".join([*lines, "  not written yet", f"  {report.book}"])
    width = max(len(result.case.name) for result in report.results)
    said: set[str] = set()
    for result in report.results:
        share = f"{number(result.points)} of {number(result.case.points)}"
        mark = "right" if result.ok else "wrong"
        lines.append(f"  {mark}  {result.case.name:<{width}}  {share:>12}".rstrip())
        for part in _explanation(report, result, said):
            lines += _indented(part)
    if report.points < report.task.points:
        lines.append(f"  {report.book}")
    return "\n".join(lines)


def _indented(part: str) -> list[str]:
    """Wrap a sentence, keep the lines of a picture, and indent either."""
    if "\n" not in part:
        return textwrap.wrap(part, 86, initial_indent=MARGIN, subsequent_indent=MARGIN)
    return [MARGIN + line for line in part.splitlines()]


def _explanation(report: Report, result: Result, said: set[str]) -> list[str]:
    """Return a wrong result's paragraphs; what was said above is not said again."""
    parts = [clean(result.message), result.picture, report.advice(result)]
    new = [part for part in parts if part and part not in said]
    said.update(new)
    return new


def report_html(report: Report) -> str:
    """Write a report as a small table; it takes its colours from the page around it."""
    title = f"{escape(report.name)}: {out_of(report.points, report.task.points)}"
    head = f"<caption style='text-align:left'><strong>{title}</strong></caption>"
    if report.unwritten:
        return f"<p><strong>{title}</strong><br>not written yet</p>{_book(report)}"
    rows, said = [], set[str]()
    for result in report.results:
        parts = _explanation(report, result, said)
        share = f"{number(result.points)} of {number(result.case.points)}"
        told = "".join(_paragraph(part) for part in parts)
        mark = "right" if result.ok else "<strong>wrong</strong>"
        name = f"<strong>{escape(result.case.name)}</strong>{told}"
        cells = f"<td style='{STYLE}'>{mark}</td><td style='{STYLE}'>{name}</td>"
        rows.append(
            f"<tr>{cells}<td style='{STYLE};white-space:nowrap'>{share}</td></tr>"
        )
    names = "".join(
        f"<th scope='col' style='{STYLE}'>{name}</th>"
        for name in ("Verdict", "Case", "Points")
    )
    body = f"<thead><tr>{names}</tr></thead><tbody>{''.join(rows)}</tbody>"
    table = f"<table style='{TABLE}'>{head}{body}</table>"
    return table + _book(report) * (report.points < report.task.points)


def _book(report: Report) -> str:
    return f"<p>{escape(report.book)}</p>"


def _paragraph(text: str) -> str:
    if "\n" in text:
        return (
            f"<pre style='margin:.25em 0;background:transparent'>{escape(text)}</pre>"
        )
    return f"<div>{escape(text)}</div>"


def progress_text(word: str, rows: list[tuple[Task, float | None]]) -> str:
    """Write a bar of points for each task: None has not been checked yet."""
    width = max(len(task.name) for task, _ in rows)
    lines = []
    for task, points in rows:
        filled = round(WIDTH * (points or 0) / task.points)
        bar = "#" * filled + "." * (WIDTH - filled)
        lines.append(f"  {task.name:<{width}}  [{bar}]  {_standing(task, points)}")
    return "\n".join([_total(word, rows), *lines])


def progress_html(word: str, rows: list[tuple[Task, float | None]]) -> str:
    """Write the same as a table with progress elements."""
    lines = []
    for task, points in rows:
        standing, name = escape(_standing(task, points)), escape(task.name)
        bar = (
            f"<progress aria-label='{name}' max='{task.points}' value='{points or 0}'>"
            f"{standing}</progress>"
        )
        cells = "".join(f"<td style='{STYLE}'>{x}</td>" for x in (bar, standing))
        head = f"<th scope='row' style='{STYLE}'>{name}</th>"
        lines.append(f"<tr>{head}{cells}</tr>")
    title = f"<caption style='text-align:left'>{escape(_total(word, rows))}</caption>"
    return f"<table style='{TABLE}'>{title}<tbody>{''.join(lines)}</tbody></table>"


def _standing(task: Task, points: float | None) -> str:
    if task.manual:
        return f"{task.points} by hand"
    if points is None:
        return f"not checked yet ({out_of(0, task.points)})"
    return out_of(points, task.points)


def _total(word: str, rows: list[tuple[Task, float | None]]) -> str:
    reached = sum(points or 0 for _, points in rows)
    automatic = sum(task.points for task, _ in rows if not task.manual)
    by_hand = sum(task.points for task, _ in rows if task.manual)
    more = f", and {by_hand} by hand" if by_hand else ""
    return f"{word}: {out_of(reached, automatic)} so far{more}"
