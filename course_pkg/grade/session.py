"""A class, graded: what is new goes to the workers, what they bring to the ledger."""

import hashlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.database import locked
from course_pkg.grade.ledger import Ledger
from course_pkg.grade.marks import Graded
from course_pkg.grade.results import Result, zero
from course_pkg.grade.seed import secret_seed, seed_for
from course_pkg.grade.settings import Options, Workers, desk
from course_pkg.grade.submissions import (
    Missing,
    Submission,
    Unreadable,
    expect_name,
    handed_in,
    read_content,
)
from course_pkg.grade.work import Broken, Failure, Station


@dataclass(frozen=True)
class Step:
    """One submission's end. ``before`` is the row it had, ``offered`` the new result.

    how: "kept" is a lower result of the same submission that was not entered.
    """

    student: str
    result: Result
    how: Literal["graded", "unchanged", "kept"]
    before: Result | None
    offered: Result


@dataclass
class Grading:
    """One run over a class, with the gradebook to itself; `grading` opens it."""

    ledger: Ledger
    release: Any
    seed: int = field(repr=False)
    options: Options
    station: Station
    workers: Workers

    def steps(self, submissions: Iterable[Submission]) -> Generator[Step, None, None]:
        """Grade what is new or changed; give every submission once, as it gets ready.

        Raises CourseError where nothing can be graded or entered, OSError where no file
        can be written; what was given until then is in the gradebook.
        """
        waiting: dict[str, Submission] = {}
        for submission in submissions:
            step = self._settled(submission)
            if step:
                yield step
            else:
                waiting[submission.student] = submission
        try:
            for unit, outcome in self.workers(self._units(waiting), self.station):
                when = handed_in(waiting.pop(unit.student).folder)
                yield self._enter(self._graded(unit, outcome, when))
        except Broken as error:
            raise CourseError(str(error)) from None
        for submission in waiting.values():  # went while its turn came
            found = self._read(submission)
            if isinstance(found, Graded):
                yield self._enter(found)

    def _units(self, waiting: dict[str, Submission]) -> Iterator[Any]:
        """Read submissions when a worker is free for them, not the class at once."""
        for submission in [*waiting.values()]:
            found = self._read(submission)
            if not isinstance(found, Graded):
                yield found

    def _settled(self, submission: Submission) -> Step | None:
        """Return the end of what needs no worker: unchanged, or not to be read."""
        found = self._read(submission)
        if not self.options.regrade:
            when = handed_in(submission.folder)
            done = self.ledger.done(submission.student, found.key, when)
            if done:
                return Step(submission.student, done, "unchanged", done, done)
        return self._enter(found) if isinstance(found, Graded) else None

    def _read(self, submission: Submission) -> Any:
        """Return the unit of a submission, or the zero of one that cannot be read."""
        from course_pkg.grade.unit import Unit

        student, word = submission.student, self.release.word
        try:
            expect_name(student)
            content = read_content(submission.folder, word)
        except Unreadable as error:
            status = "missing" if isinstance(error, Missing) else "unreadable"
            result = zero(self.release.tasks, word, student, status, str(error))
            said = hashlib.sha256(f"{status}: {error}".encode()).hexdigest()
            when = handed_in(submission.folder)
            return Graded(result, said, said, self.seed_name, None, when)
        limits, sandbox = self.options.limits(word), self.options.sandbox
        seed = seed_for(self.seed, student)
        return Unit(student, content, self.release, seed, limits, sandbox)

    def _graded(self, unit: Any, outcome: Any, when: datetime | None) -> Graded:
        content = hashlib.sha256(unit.content).hexdigest()
        if isinstance(outcome, Failure):
            release = self.release
            result = zero(
                release.tasks, release.word, unit.student, "crashed", outcome.reason
            )
            # Not the submission's own doing for certain: the next run tries again.
            return Graded(result, "", content, self.seed_name, None, when)
        if outcome.key != unit.key:
            raise CourseError("a worker has another version of the course; update it")
        return Graded(
            outcome.result, unit.key, content, self.seed_name, outcome.notebook, when
        )

    def _enter(self, graded: Graded) -> Step:
        entered = self.ledger.enter(graded, allow_lower=self.options.allow_lower)
        how: Literal["kept", "graded"] = "kept" if entered.kept else "graded"
        student = graded.result.student
        return Step(student, entered.result, how, entered.before, entered.offered)

    @property
    def seed_name(self) -> str:
        """A name for the secret seed that does not tell it."""
        return hashlib.sha256(f"unrolled seed {self.seed:x}".encode()).hexdigest()[:16]


@contextmanager
def grading(room: Classroom, word: str, options: Options) -> Iterator[Grading]:
    """Take the gradebook, bring it up to the assignment's text, put right what is half.

    Raises CourseError where another run has it or nbgrader does not take the text.
    """
    from course_pkg.grade.run import open_assignment
    from course_pkg.grade.unit import Release

    limits = options.limits(word)
    station = partial(desk, word, limits, options.sandbox)
    workers = options.workers(limits)
    with locked(room) as engine:
        config, released = open_assignment(room, word)
        release = Release.of(word, released, room.course.tasks(word))
        ledger = Ledger(room, word, engine, config)
        ledger.recover()
        seed = secret_seed(room.course.root)
        yield Grading(ledger, release, seed, options, station, workers)
