"""How a class is graded: the options of a run, and what they make of a worker."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from course_pkg.grade.limits import Limits, limits_of
from course_pkg.grade.work import Station

Workers = Callable[[Iterable[Any], Station], Iterator[tuple[Any, Any]]]


@dataclass(frozen=True)
class Options:
    """How a class is graded; ``jobs`` None is a job per core of this machine."""

    jobs: int | None = None
    scheduler: str | None = None
    sandbox: str = "bwrap"
    cell_seconds: float | None = None
    regrade: bool = False
    allow_lower: bool = False

    def limits(self, word: str) -> Limits:
        """Return the limits of a submission."""
        own = {} if self.cell_seconds is None else {"cell_seconds": self.cell_seconds}
        return limits_of(word, **own)

    def workers(self, limits: Limits) -> Workers:
        """Return what runs the units: a Dask cluster or processes on this machine."""
        if self.scheduler:
            from course_pkg.grade import dask

            return partial(dask.run, address=self.scheduler)
        from course_pkg.grade import pool

        pool.prepare()
        jobs = self.jobs or len(os.sched_getaffinity(0))
        # The limits end a session; twice that is a worker that hangs by itself.
        return partial(pool.run, jobs=jobs, seconds=2 * limits.session_seconds + 60)


@contextmanager
def desk(word: str, limits: Limits, sandbox: str) -> Iterator[Callable[[Any], Any]]:
    """Open a sandbox and give the function that grades units in it."""
    from course_pkg.grade.sandbox.box import Box
    from course_pkg.grade.unit import grade_unit

    with Box(word, limits, sandbox) as box:
        yield partial(grade_unit, box=box)
