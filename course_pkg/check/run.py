"""`check` and `progress`: what a student's notebook calls.

`check` runs in place what a grader runs across a border: `plan` draws the questions,
`interview` asks them where the answer lives, `conclude` judges what came back.
"""

import sys
import zlib
from contextvars import ContextVar
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from course_pkg.check.ask import interview
from course_pkg.check.case import Answer, Case, Evidence, Wrong
from course_pkg.check.judge import Asked, results
from course_pkg.check.question import Question
from course_pkg.check.report import Report, tasks
from course_pkg.check.text import (
    progress_html,
    progress_text,
    report_html,
    report_text,
)
from course_pkg.syllabus import WORDS, Task

REPORT = "application/vnd.unrolled.check+json"
PUBLIC_SEED = 0  # of a student's notebook; a grader has its own

_session: dict[str, float] = {}  # points of the last check of each name, for progress()


class Grader(Protocol):
    """What stands behind `check` and `progress` where a graded cell runs."""

    def check(self, name: str, answer: Answer) -> float:
        """Check an answer that lives elsewhere, and return its points."""

    def progress(self, word: str) -> None:
        """Show the points so far."""


GRADER: ContextVar[Grader | None] = ContextVar("GRADER", default=None)


def check(name: str, answer: Answer, *, seed: int | None = None) -> float:
    """Check an answer, show what is right and what is not, and return its points.

    name: "<word>.<task>"; answer: the student's function; seed: of the random inputs,
    by default the public one. Returns a float in [0, points of the task]. Raises
    ValueError for an unknown name, and nothing for whatever the answer does.
    """
    if grader := GRADER.get():  # which has a seed of its own
        return grader.check(name, answer)
    questions = plan(name, seed)
    evidence = interview([(case.probe, inputs) for case, inputs in questions], answer)
    report = conclude(name, questions, evidence)
    _session[name] = report.points
    _show(report_bundle(report))
    return report.points


def progress(word: str) -> None:
    """Show the points of each task of a word, as far as checked in this session."""
    if grader := GRADER.get():
        return grader.progress(word)
    return _show(progress_bundle(word, _session))


def report_bundle(report: Report) -> dict[str, Any]:
    """Return a report in all its forms, by media type."""
    forms = {"text/plain": report_text(report), "text/html": report_html(report)}
    return forms | {REPORT: report.as_plain()}


def progress_bundle(word: str, points: dict[str, float]) -> dict[str, Any]:
    """Return the progress in all its forms; points by name, "<word>.<task>"."""
    rows = [(task, points.get(f"{word}.{task.name}")) for task in tasks(word)]
    return {
        "text/plain": progress_text(word, rows),
        "text/html": progress_html(word, rows),
    }


def names() -> list[str]:
    """Return all names that `check` knows: the tasks that no person grades."""
    return [
        f"{word}.{task.name}"
        for word, row in WORDS.items()
        for task in row.tasks
        if not task.manual
    ]


def plan(name: str, seed: int | None = None) -> list[Question]:
    """Return the questions of a check: one for each draw of each case."""
    first = PUBLIC_SEED if seed is None else seed
    questions = []
    for case in _cases(name):
        for i in range(case.draws):
            entropy = [first, zlib.crc32(f"{name}/{case.name}".encode()), i]
            inputs = case.draw(np.random.default_rng(entropy))
            questions.append(Question(case, inputs))
    return questions


def conclude(name: str, questions: list[Question], evidence: list[Evidence]) -> Report:
    """Judge the evidence, in the order of the questions, on the trusted side."""
    cases = _cases(name)
    asked: list[Asked] = [[] for _ in cases]
    place = {case.name: i for i, case in enumerate(cases)}
    for question, found in zip(questions, evidence, strict=True):
        asked[place[question.case.name]].append((question, found))
    return Report(name, _task(name), tuple(results(cases, asked, _catalogue(name))))


def _task(name: str) -> Task:
    known = names()
    if name not in known:
        raise ValueError(f"unknown check {name!r}; known: {', '.join(known)}")
    word, task = name.split(".")
    return next(row for row in WORDS[word].tasks if row.name == task)


def _cases(name: str) -> list[Case]:
    task = _task(name)
    module = import_module(f"course_pkg.check.cases.{name.split('.')[0]}")
    return module.CASES[task.name]


def _catalogue(name: str) -> list[Wrong]:
    word, task = name.split(".")
    module = import_module(f"course_pkg.check.misconceptions.{word}")
    return module.CATALOGUE[task]


def _show(forms: dict[str, Any]) -> None:
    """Display once in IPython, with all its forms; elsewhere print the text."""
    shell = sys.modules.get("IPython")
    if shell is None or shell.get_ipython() is None:
        print(forms["text/plain"])
        return
    import_module("IPython.display").display(forms, raw=True)
