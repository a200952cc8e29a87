"""Find the verdict on evidence and name misconceptions. Trusted side only."""

from dataclasses import dataclass
from typing import Any

from course_pkg.check.case import Case, Evidence, Form, Problem, Verdict, Wrong
from course_pkg.check.compare import DRIFT, differences, wanted
from course_pkg.check.picture import Graph
from course_pkg.check.question import Question
from course_pkg.check.same import changed, same

Asked = list[tuple[Question, Evidence]]  # all draws of one case


def judge(question: Question, evidence: Evidence) -> Verdict:
    """Compare evidence with what the reference gives on the same inputs."""
    case, expected = question.case, question.expected
    if evidence.problem:
        return _no_value(case, expected, evidence.problem)
    if case.facts:
        return _by_facts(case.facts(question.inputs, evidence.value), evidence)
    found = differences(case.form, expected, evidence.value, question.rtol)
    touched = changed(question.inputs, evidence.after, DRIFT) if case.tidy else []
    if not (found or touched):
        return Verdict(True)
    said = []
    if touched:
        said.append(f"Your function changes its argument {', '.join(touched)}.")
    if found:
        said.append(found[0].text + "." * (found[0].text[-1] not in ".?"))
    if others := dict.fromkeys(d.part for d in found[1:] if not case.tidy):
        said.append(f"Also wrong: {', '.join(others)}.")
    if evidence.warnings:
        said.append(f"Python warned: {evidence.warnings[0].rstrip('.')}.")
    # Where the first call is wrong already, advice about manners is beside the point.
    early = case.tidy and not touched and found[0].part.startswith("first call")
    picture, graph = (found[0].picture, found[0].graph) if found else ("", ())
    problem = "values" if early else ""
    return Verdict(False, " ".join(said), picture, problem, graph)


def _by_facts(facts: dict[str, bool], evidence: Evidence) -> Verdict:
    false = [fact for fact, true in facts.items() if not true]
    if not false:
        return Verdict(True)
    more = f" There are {len(false)} like this." if len(false) > 1 else ""
    said = [f"Not so: {false[0]}.{more}"]
    if evidence.warnings:
        said.append(f"Python warned: {evidence.warnings[0].rstrip('.')}.")
    return Verdict(False, " ".join(said))


def _no_value(case: Case, expected: Any, problem: Problem) -> Verdict:
    verb = "returned " if problem.kind == "type" else ""
    text = f"Your function {verb}{problem.text}."
    if problem.kind == "type" and not case.facts:
        text = f"Expected {wanted(case.form, expected)}, got {problem.text}."
    return Verdict(False, text, problem=problem.kind)


@dataclass(frozen=True)
class Result:
    """One case of a report: points, and for a wrong one why and where."""

    case: Case
    ok: bool
    message: str = ""
    picture: str = ""
    wrong: Wrong | None = None
    problem: str = ""  # as in Verdict
    graph: Graph = ()

    @property
    def points(self) -> float:
        """All of the case's points or none."""
        return self.case.points if self.ok else 0.0


def results(
    cases: list[Case], asked: list[Asked], catalogue: list[Wrong]
) -> list[Result]:
    """Judge every case; all its draws must be right. Name what explains the rest."""
    verdicts = [
        [judge(question, evidence) for question, evidence in draws] for draws in asked
    ]
    named = explain(asked, verdicts, catalogue)
    found = []
    for i, case in enumerate(cases):
        bad = [verdict for verdict in verdicts[i] if not verdict.ok]
        first = bad[0] if bad else Verdict(True)
        ok = not bad and len(verdicts[i]) > 0
        said = (first.message, first.picture)
        found.append(Result(case, ok, *said, named.get(i), first.problem, first.graph))
    return found


def explain(
    asked: list[Asked],
    verdicts: list[list[Verdict]],
    catalogue: list[Wrong],
) -> dict[int, Wrong]:
    """Return the misconception for each wrong case (by position) that one explains.

    It must give the same wrong value in every wrong draw of the case. Of several, the
    one that explains more cases comes first, then the one closer in the right cases.
    """
    rows = list(zip(asked, verdicts, strict=True))
    right = [row for row in rows if all(v.ok for v in row[1])]
    failed = {i for i, row in enumerate(rows) if not all(v.ok for v in row[1])}
    fits = [(w, {i for i in failed if _fits(w, *rows[i])}) for w in catalogue]
    named: dict[int, Wrong] = {}
    while left := failed - set(named):
        most = max((len(found & left) for _, found in fits), default=0)
        best = [(w, found) for w, found in fits if len(found & left) == most > 0]
        if not best:
            break
        if len(best) > 1:
            best.sort(key=lambda pair: -sum(_fits(pair[0], *row) for row in right))
        wrong, found = best[0]
        named |= dict.fromkeys(found & left, wrong)
    return named


def _fits(wrong: Wrong, draws: Asked, verdicts: list[Verdict]) -> bool:
    """Tell whether a misconception gives the answer's values wherever those are wrong.

    In a case without a wrong draw: in all of them.
    """
    failing = [d for d, verdict in zip(draws, verdicts, strict=True) if not verdict.ok]
    if any(evidence.problem for _, evidence in failing or draws):
        return False
    return all(
        _same_mistake(question, question.by(wrong), evidence, failed=bool(failing))
        for question, evidence in failing or draws
    )


def _same_mistake(
    question: Question, theirs: Evidence, evidence: Evidence, *, failed: bool
) -> bool:
    case = question.case
    if theirs.problem:
        return False
    if case.facts:  # right answers differ, so wrong ones may: what counts is in what
        told = [case.facts(question.inputs, e.value) for e in (theirs, evidence)]
        return told[0] == told[1] and not all(told[0].values())
    wrong_value = _looked_at(case.form, theirs.value)
    if not same(wrong_value, _looked_at(case.form, evidence.value), question.rtol):
        return False
    if case.tidy and not same(theirs.after, evidence.after, DRIFT):
        return False
    return not (failed and judge(question, theirs).ok)


def _looked_at(form: Form, value: Any) -> Any:
    """Blank out the parts of a value that the case does not look at."""
    if form is None:
        return None
    if isinstance(form, dict) and isinstance(value, dict):
        return {k: _looked_at(form.get(k, ""), x) for k, x in value.items()}
    parts = isinstance(form, tuple) and isinstance(value, (tuple, list))
    if parts and len(value) == len(form):
        return [_looked_at(f, x) for (_, f), x in zip(form, value, strict=True)]
    return value
