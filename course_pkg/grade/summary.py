"""A class at a glance: distribution, mean, hard questions, misconceptions, persons."""

import statistics
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from course_pkg.grade import drawings
from course_pkg.grade.course import Course
from course_pkg.grade.report import names, points
from course_pkg.grade.standings import ABSENT, Standing
from course_pkg.grade.submissions import plain

BARS = " ▁▂▃▄▅▆▇█"
BINS = 10
MOST = 10  # misconceptions listed


@dataclass
class Summary:
    """What there is to say of a class; scores are of graded submissions only."""

    word: str
    max_score: float
    students: int
    graded: int
    mean: float | None
    median: float | None
    distribution: list[int]
    questions: list[dict[str, Any]]
    misconceptions: list[dict[str, Any]]
    waiting: dict[str, str]
    absent: list[str]

    def as_plain(self) -> dict[str, Any]:
        """Return the summary for JSON."""
        return asdict(self)


def summarise(course: Course, word: str, found: list[Standing]) -> Summary:
    """Sum up a class; what waits for a person counts nothing in a score so far."""
    graded = [s for s in found if s.status == "graded"]
    scores = [s.score for s in graded]
    most = float(sum(task.points for task in course.tasks(word)))
    return Summary(
        word,
        most,
        len(found),
        len(graded),
        statistics.fmean(scores) if scores else None,
        statistics.median(scores) if scores else None,
        drawings.counted(scores, most, BINS),
        _questions(course, word, graded),
        _misconceptions(graded),
        {s.student: s.waiting for s in found if s.waiting},
        [s.student for s in found if s.status == ABSENT],
    )


def _questions(course: Course, word: str, graded: list[Standing]) -> list[dict]:
    """Return the questions, hardest first, by the mean share of points given."""
    rows = []
    for place, task in enumerate(course.tasks(word)):
        got = [s.questions[place].points for s in graded]
        shares = [x / task.points for x in got if x is not None]
        share = statistics.fmean(shares) if shares else None
        full = sum(share >= 1 for share in shares)
        rows.append(
            {
                "id": f"{word}.{task.name}",
                "share": share,
                "full": full,
                "of": len(shares),
            }
        )
    return sorted(rows, key=lambda row: (row["share"] is None, row["share"] or 0))


def _misconceptions(graded: list[Standing]) -> list[dict[str, Any]]:
    counts = Counter(
        (question.id, name)
        for standing in graded
        for question in standing.questions
        for name in dict.fromkeys((question.misconception or "").split("; "))
        if name
    )
    return [
        {"id": task, "name": name, "students": n}
        for (task, name), n in counts.most_common(MOST)
    ]


def lines(summary: Summary) -> list[str]:
    """Return the summary for a terminal."""
    head = f"{summary.word}: {summary.students} students, {summary.graded} graded"
    if summary.mean is None or summary.median is None:
        return [head, *_persons(summary)]
    of = f"of {points(summary.max_score)}"
    tallest = max(summary.distribution)
    bars = "".join(
        BARS[-(-n * (len(BARS) - 1) // tallest)] for n in summary.distribution
    )
    found = [
        head,
        f"mean {summary.mean:.1f}, median {summary.median:.1f} {of}",
        f"points  0 {bars} {points(summary.max_score)}",
        "hardest questions",
    ]
    for row in summary.questions:
        share = "waits" if row["share"] is None else f"{row['share']:.0%}"
        found.append(
            f"  {share:>5}  {row['id']}  ({row['full']} of {row['of']} in full)"
        )
    if summary.misconceptions:
        found.append("commonest misconceptions")
    found += [
        f"  {row['students']:>5}  {row['id']}: {plain(row['name'], 80)}"
        for row in summary.misconceptions
    ]
    return found + _persons(summary)


def _persons(summary: Summary) -> list[str]:
    found = ["who needs a person"] if summary.waiting else []
    for why, students in by_reason(summary).items():
        found.append(f"  {len(students):>5}  {why}: {names(students)}")
    if summary.absent:
        found.append(f"{ABSENT}: {names(summary.absent)}")
    return found


def by_reason(summary: Summary) -> dict[str, list[str]]:
    """Return who needs a person by what for, the rarest reason first."""
    found: dict[str, list[str]] = {}
    for student, why in summary.waiting.items():
        found.setdefault(why, []).append(student)
    return dict(sorted(found.items(), key=lambda row: len(row[1])))
