"""The cases of a check's report: read with suspicion, and shown."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from course_pkg.grade import drawings, handed_in
from course_pkg.grade.frame import lines_of, text
from course_pkg.grade.report import points
from course_pkg.grade.results import report_of

MOST_CASES, MOST_POINTS = 50, 400
WORDS = ("message", "misconception", "hint", "picture")


@dataclass(frozen=True)
class Case:
    """One case of a check's report, after every field was looked at."""

    name: str
    points: float
    max: float
    ok: bool
    graph: list[tuple[float, float, bool]]
    message: str = ""
    misconception: str = ""
    hint: str = ""
    picture: str = ""


def read_cases(check: dict[str, Any], name: str) -> Iterator[Case]:
    """Read the cases of a report in a cell's outputs; what is malformed is left out."""
    report = report_of(check, name) or {}
    cases = report.get("cases")
    for case in cases[:MOST_CASES] if isinstance(cases, list) else []:
        if not isinstance(case, dict):
            continue
        got, most = _number(case.get("points")), _number(case.get("max"))
        if got is None or most is None:
            continue
        name, ok, graph = (
            str(case.get("name")),
            case.get("ok") is True,
            case.get("graph"),
        )
        words = {k: case[k] for k in WORDS if isinstance(case.get(k), str)}
        yield Case(name, got, most, ok, _graph(graph), **words)


def _number(x: Any) -> float | None:
    good = isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)
    return float(x) if good else None


def _graph(found: Any) -> list[tuple[float, float, bool]]:
    """Return a graph's points, none where one of them is no point."""
    drawn = []
    for point in found if isinstance(found, list) and len(found) <= MOST_POINTS else []:
        if not isinstance(point, list) or len(point) != 3:
            return []
        x, y = _number(point[0]), _number(point[1])
        if x is None or y is None:
            return []
        drawn.append((x, y, point[2] is True))
    return drawn


def show_cases(cases: list[Case]) -> str:
    """Return cases as a list; a hint is given once, and the first graph is drawn."""
    items: list[str] = []
    said: set[str] = set()
    drawn = False
    for case in cases:
        graph = case.graph if not drawn and not case.ok else []
        hint = case.hint if case.hint not in said and not case.ok else ""
        drawn, said = drawn or bool(graph), said | {hint}
        items.append(_show(case, hint, graph))
    return f'<ul class="cases">{"".join(items)}</ul>'


def _show(case: Case, hint: str, graph: list[tuple[float, float, bool]]) -> str:
    word = "right" if case.ok else "wrong"
    share = f"{points(case.points)} of {points(case.max)}"
    lines = [
        f'<li>{drawings.sign(case.ok)}<p class="case"><b>{text(case.name, 200)}'
        f'<span class="visually-hidden">: {word},</span></b> <span>{share}</span></p>'
    ]
    if case.message:
        lines.append(f"<p>{lines_of(case.message)}</p>")
    if case.misconception:
        named = text(case.misconception, 200)
        lines.append(f'<p class="named">It looks like this: <b>{named}</b>.</p>')
    if hint:
        hint = lines_of(hint.removeprefix("Hint: "))
        lines.append(f'<p class="hint"><b>Hint.</b> {hint}</p>')
    if graph:
        drawing = drawings.against(graph, case.name[:200])
        lines.append(
            f"<figure>{drawing}<figcaption>Your values against the right ones, in "
            "units of the largest. Circles are right and lie on the diagonal; "
            "crosses are wrong.</figcaption></figure>"
        )
    if case.picture and not case.ok:
        lines.append(handed_in.block("map", text(case.picture, 4000)))
    return "".join(lines) + "</li>"
