"""The words of a check: a case asks, evidence comes back, a verdict is found.

Student's side (may run in a sandbox): ask, plain, probes. Trusted side: cases, compare,
judge, misconceptions. Between the two goes plain data only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course_pkg.check.picture import Graph

Inputs = dict[str, Any]  # plain data by name
Answer = Any  # what a student handed in, as a rule a function
Probe = Callable[[Answer, Inputs], Any]  # runs the answer, returns its result
Form = Any  # axes "T B H", None (not looked at), a dict of forms, or ((name, form), …)


@dataclass(frozen=True)
class Problem:
    """Why there is no value: its kind, and a sentence for the student.

    ``stops`` marks what would happen again (a time-out): the rest is not asked.
    """

    kind: str
    text: str
    stops: bool = False


@dataclass(frozen=True)
class Evidence:
    """What one probe brought back: plain data, never a verdict.

    ``value`` is the answer's result, ``after`` the inputs after the call, by name, so
    that the trusted side sees whether the answer changed its arguments.
    """

    value: Any = None
    problem: Problem | None = None
    after: Inputs = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One part of a check, with its points.

    ``draw`` makes inputs, ``probe`` runs the answer on them (a function of
    probes.<word>, which a sandbox finds by its name), ``expect`` computes the right
    result from the reference, ``form`` names its parts and axes. ``rtol`` replaces the
    tolerance that follows from the length. ``tidy`` asks for unchanged arguments too.
    Where many answers are right, ``facts`` takes the place of a comparison: it returns,
    from inputs and the answer's plain value, sentences that must all be true.
    """

    name: str
    points: float
    draw: Callable[[np.random.Generator], Inputs]
    probe: Probe
    expect: Callable[[Inputs], Any]
    form: Form
    hint: str
    rtol: float | None = None
    tidy: bool = False
    draws: int = 2
    facts: Callable[[Inputs, Any], dict[str, bool]] | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether one piece of evidence is right; if not, why, and pictures.

    ``problem`` is set where the case's hint would not help: the kind of the evidence's
    problem, or "values" where values are wrong before manners could be looked at.
    """

    ok: bool
    message: str = ""
    picture: str = ""
    problem: str = ""
    graph: Graph = ()


@dataclass(frozen=True)
class Wrong:
    """A misconception: a wrong answer that students write, its name and a hint.

    ``keeps`` is the number of points such an answer still gets.
    """

    name: str
    hint: str
    keeps: float
    answer: Answer
