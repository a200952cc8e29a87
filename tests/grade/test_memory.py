"""A worker and its sandbox hold no more memory after many submissions than a few."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psutil
import pytest

from course_pkg.grade import pool
from course_pkg.grade.limits import limits_of
from course_pkg.grade.settings import desk
from course_pkg.grade.work import Station

from .grading import unit

pytestmark = pytest.mark.slow  # a worker with bubblewrap
MiB = 2**20
FEW, MANY = 10, 30  # the first few fill caches
# Each says something of its own, and holds a MiB while its cell runs.
ANSWER = "def cross_entropy(logits, y, mask):\n    return len(bytes({n} + 2**20))"


@contextmanager
def leaking(station: Station) -> Iterator[Callable[[Any], Any]]:
    """Open a station that keeps half a MiB of every submission."""
    kept = []
    with station() as grade:

        def keep(work: Any) -> Any:
            kept.append(os.urandom(MiB // 2))
            return grade(work)

        yield keep


def grown(station: Station) -> int:
    """Grade many submissions with one worker; return its and its sandbox's growth."""
    units = [unit(cross_entropy=ANSWER.format(n=n)) for n in range(MANY)]
    sizes = []
    for _, outcome in pool.run(units, station, 1):
        assert outcome.result.status == "graded"
        started = psutil.Process().children(recursive=True)
        sizes.append({p.pid: p.memory_info().rss for p in started})
    early, late = sizes[FEW], sizes[-1]
    lasting = early.keys() & late.keys()
    assert len(lasting) >= 4, "what forks, the worker, bubblewrap, the zygote"
    return max(late[pid] - early[pid] for pid in lasting)


def test_memory_stays_flat() -> None:
    station = partial(desk, "bptt", limits_of("bptt"), "bwrap")
    assert grown(station) < 4 * MiB
    assert grown(partial(leaking, station)) > 8 * MiB, "a leak would be seen"
