"""The summary of a class as a page."""

from course_pkg.grade import drawings
from course_pkg.grade.frame import page, table, text
from course_pkg.grade.report import points
from course_pkg.grade.standings import ABSENT, Standing
from course_pkg.grade.summary import BINS, Summary, by_reason

SHORT = 20  # rows of a table that is not folded


def summary_page(summary: Summary, found: list[Standing], title: str) -> str:
    """Return the summary as a page."""
    parts = [
        f'<p class="meta">{summary.students} students, {summary.graded} graded</p>'
    ]
    if summary.mean is not None and summary.median is not None:
        parts.append(_scores(summary, found))
    parts += [_questions(summary), _misconceptions(summary), _persons(summary, found)]
    body = "\n".join(part for part in parts if part)
    return page(title, body, kicker=f"Report: {summary.word}")


def _scores(summary: Summary, found: list[Standing]) -> str:
    scores = [s.score for s in found if s.status == "graded"]
    drawing = drawings.histogram(scores, summary.max_score, BINS)
    caption = "Students by points. What waits for a person counts nothing yet."
    return (
        f'<p class="score">Mean <strong>{summary.mean:.1f}</strong>, median '
        f"<strong>{summary.median:.1f}</strong> of {points(summary.max_score)} points"
        f"</p><figure>{drawing}<figcaption>{caption}</figcaption></figure>"
    )


def _questions(summary: Summary) -> str:
    rows = []
    for row in summary.questions:
        share = row["share"]
        drawn = "" if share is None else f"{drawings.bar(share, 1)} {share:.0%}"
        name = text(row["id"].partition(".")[2])
        rows.append([name, drawn, f"{row['full']} of {row['of']}"])
    heads = ["Question", "#Points got", "#In full"]
    return "<h2>Questions</h2>" + table(heads, rows, "Hardest first")


def _misconceptions(summary: Summary) -> str:
    rows = [
        [
            text(row["name"], 200),
            text(row["id"].partition(".")[2]),
            str(row["students"]),
        ]
        for row in summary.misconceptions
    ]
    heads = ["Misconception", "Question", "#Students"]
    head = "<h2>Misconceptions</h2>"
    return head + table(heads, rows, "Commonest first") if rows else ""


def _persons(summary: Summary, found: list[Standing]) -> str:
    notes = {s.student: s.note for s in found if s.status != "graded"}
    parts = []
    for why, students in by_reason(summary).items():
        rows = [[text(name), text(notes.get(name) or "")] for name in students]
        parts.append(_folded(why, rows, ["Student", "Note"]))
    if summary.absent:
        rows = [[text(name)] for name in summary.absent]
        parts.append(_folded(ABSENT, rows, ["Student"]))
    return "<h2>Who needs a person</h2>" + "".join(parts) if parts else ""


def _folded(why: str, rows: list[list[str]], heads: list[str]) -> str:
    """Return a table under its reason, open where it is short."""
    if not any(row[-1] for row in rows):  # no notes
        rows, heads = [row[:1] for row in rows], heads[:1]
    told = f"{len(rows)} student{'s' * (len(rows) > 1)}"
    return (
        f"<details{' open' if len(rows) <= SHORT else ''}><summary>"
        f"{text(why[:1].upper() + why[1:])}: {told}</summary>"
        f"{table(heads, rows, why)}</details>"
    )
