"""What a run says when it is done: a table, who needs a person, and JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from course_pkg.grade.answer import as_json, write
from course_pkg.grade.course import CourseError
from course_pkg.grade.results import Question, Result, mean
from course_pkg.grade.submissions import plain

ROW = {"student", "status", "max_score", "questions", "note"}  # at least
MOST_NAMES = 12  # in one line


def points(value: float | None) -> str:
    """Write points without idle zeros; ``?`` waits for a person."""
    return "?" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def table(results: list[Result]) -> Table:
    """Return the class as a table: a row per student, a column per question."""
    shown = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown.add_column("student", no_wrap=True, max_width=24)
    for name in ("score", "status", "s"):
        side: Literal["left", "right"] = "left" if name == "status" else "right"
        shown.add_column(name, justify=side, no_wrap=True)
    for question in results[0].questions:
        name = question.id.partition(".")[2].replace("_", "_\n")
        head = f"{name}\n/{points(question.max)}"
        shown.add_column(head, justify="right", overflow="fold")
    for result in results:
        failed = result.status != "graded"
        shown.add_row(
            Text(plain(result.student, 40)),
            f"{points(result.score)}/{points(result.max_score)}",
            Text(result.status, style="red" if failed else ""),
            f"{result.seconds:.1f}",
            *("" if failed else points(q.points) for q in result.questions),
        )
    return shown


def summary(results: list[Result]) -> list[str]:
    """Return the closing lines: the count, the mean, the misconceptions, persons."""
    of = points(results[0].max_score)
    count = sum(result.status == "graded" for result in results)
    average = f"mean {mean(results):.1f} of {of}" if count else "no score"
    lines = [f"{len(results)} submissions, {count} graded, {average}"]
    wrong = Counter(
        f"{question.id}: {question.misconception}"
        for result in results
        for question in result.questions
        if question.misconception
    )
    lines += [f"  {n} × {name}" for name, n in wrong.most_common(5)]
    return lines + persons(results)


def persons(results: list[Result]) -> list[str]:
    """Return who needs a person, and whose notebook a person may want to see."""
    lines = []
    waiting = [result.student for result in results if result.waiting]
    if waiting:
        lines.append(f"needs a person: written answers of {names(waiting)}")
    failed = [result for result in results if result.status != "graded"]
    lines += [
        f"needs a person: {plain(result.student)}, {result.status}: {result.note}"
        for result in failed[:MOST_NAMES]
    ]
    if failed[MOST_NAMES:]:
        more = names([result.student for result in failed[MOST_NAMES:]])
        lines.append(f"needs a person: {more}")
    repaired = [result.student for result in results if result.repairs]
    if repaired:
        lines.append(f"repaired before grading: {names(repaired)}")
    lines += [
        f"note: {plain(result.student)}: {result.note}"
        for result in results
        if result.status == "graded" and result.note
    ]
    return lines


def names(students: Sequence[str]) -> str:
    """Return names for a line: the first ones, and how many more there are."""
    more = len(students) - MOST_NAMES
    first = ", ".join(plain(student, 40) for student in students[:MOST_NAMES])
    return f"{first} and {more} more" if more > 0 else first


def show(screen: Console, results: list[Result]) -> None:
    """Print table and summary, if there is anything to print."""
    if results:
        screen.print(table(results))
        for line in summary(results):
            screen.print(line, markup=False)


def keep(
    results: list[Result], path: Path, *, partial: bool, dropped: str = ""
) -> None:
    """Keep results for the feedback pages; a partial run keeps the others' rows.

    ``dropped`` was being graded when the run stopped, so nothing of it is left.
    """
    rows = {row["student"]: row for row in kept(path)} if partial else {}
    rows.pop(dropped, None)
    rows |= {result.student: result.row() for result in results}
    write(as_json([rows[student] for student in sorted(rows)]), path)


def kept(path: Path) -> list[dict]:
    """Return the rows that `keep` wrote, none where there is no file.

    Raises CourseError for a file that is damaged.
    """
    try:
        rows = json.loads(path.read_text("utf-8")) if path.is_file() else []
        for row in rows:
            if not row.keys() >= ROW:
                raise ValueError("no row of a result")
            _ = [Question(**question) for question in row["questions"]]
        return list(rows)
    except (ValueError, TypeError, AttributeError):
        raise CourseError(f"{path} is damaged; remove it and grade again") from None
