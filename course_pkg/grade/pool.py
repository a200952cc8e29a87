"""Workers on this machine: a process per job, each with a sandbox of its own.

A worker that dies is replaced, and what it was at work on is tried once more; a unit
that ends two workers is told as such. Workers end with this process, however it ends.
"""

import os
import signal
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from multiprocessing import forkserver, get_context
from multiprocessing.connection import wait
from typing import Any

from course_pkg.grade.work import (
    TRIES,
    Broken,
    Failure,
    Station,
    ctrl_c_waits,
    reason,
)
from course_pkg.grade.worker import in_folder, serve

SECONDS_TO_END = 0.2  # for a killed process to be seen as dead
PRELOADED = ["course_pkg.grade.unit", "course_pkg.grade.cells"]


def run(
    units: Iterable[Any], station: Station, jobs: int, seconds: float | None = None
) -> Iterator[tuple[Any, Any]]:
    """Give each unit with its outcome, or a Failure, in the order they get ready.

    seconds: after so long with one unit a worker counts as dead. Units are taken from
    the iterable when a worker is free. Raises Broken if the station does not open.
    """
    waiting = _Waiting(units)
    workers: list[_Worker] = []
    folder = tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True)
    os.chmod(folder.name, 0o711)  # a sandbox of root's reads there as nobody
    station = partial(in_folder, folder.name, station)
    try:
        while True:
            _hand_out(waiting, workers, station, jobs)
            busy = [worker for worker in workers if worker.unit is not None]
            if not busy:
                return
            for worker in _ready(busy, seconds):
                unit, tries = worker.unit, worker.tries
                worker.unit = None
                outcome = worker.hear()
                if isinstance(outcome, Failure):
                    workers.remove(worker)
                    worker.end()
                    if tries < TRIES:
                        waiting.again.append((unit, tries + 1))
                        continue
                yield unit, outcome
    finally:
        for worker in workers:
            worker.end()
        folder.cleanup()  # what killed workers have left


def prepare() -> None:
    """Let what workers are forked from import what they need, ahead of the first."""
    forkserver.set_forkserver_preload(PRELOADED)
    with ctrl_c_waits():
        forkserver.ensure_running()


class _Waiting:
    """The units to come: those to try again first."""

    def __init__(self, units: Iterable[Any]):
        self.units, self.again = iter(units), deque[tuple[Any, int]]()

    def next(self) -> tuple[Any, int] | None:
        """Return the next unit and which try this is, None if there is no more."""
        if self.again:
            return self.again.popleft()
        unit = next(self.units, None)
        return None if unit is None else (unit, 1)


class _Worker:
    """A process, the unit it is at work on, and since when."""

    def __init__(self, station: Station):
        prepare()
        context = get_context("forkserver")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=serve, args=(theirs, station), daemon=True
        )
        self.process.start()
        theirs.close()
        self.unit: Any = None
        self.tries, self.since, self.late = 0, 0.0, False

    def give(self, unit: Any, tries: int) -> None:
        """Hand over a unit; a worker that died meanwhile shows when it is heard."""
        self.unit, self.tries, self.since = unit, tries, time.monotonic()
        with suppress(OSError):
            self.pipe.send(unit)

    def hear(self) -> Any:
        """Return the outcome, or the Failure of a worker that is of no more use."""
        if self.late:
            return Failure("no answer in the time for a whole submission")
        try:
            kind, value = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            code = self.process.exitcode or 0
            how = signal.strsignal(-code) if code < 0 else f"exit code {code}"
            return Failure(f"the worker that graded it died: {how}")
        if kind == "broken":
            raise Broken(value)
        return value

    def end(self) -> None:
        """Kill the process: it holds nothing that is not here already."""
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


def _hand_out(
    waiting: _Waiting, workers: list[_Worker], station: Station, jobs: int
) -> None:
    """Give every free worker a unit, starting workers up to the number of jobs."""
    for place in range(jobs):
        if place < len(workers) and workers[place].unit is not None:
            continue
        found = waiting.next()
        if found is None:
            return
        if place == len(workers):
            workers.append(_hire(station))
        workers[place].give(*found)


def _hire(station: Station) -> _Worker:
    """Start a worker, at the second try if what forks it was killed meanwhile."""
    for _ in range(TRIES - 1):
        with suppress(EOFError, OSError):
            return _Worker(station)
        time.sleep(SECONDS_TO_END)
    try:
        return _Worker(station)
    except (EOFError, OSError) as error:
        raise Broken(f"no worker process starts here: {reason(error)}") from None


def _ready(busy: list[_Worker], seconds: float | None) -> list[_Worker]:
    """Wait for workers that have answered, died or taken too long."""
    left = None
    if seconds is not None:
        oldest = min(worker.since for worker in busy)
        left = max(0.0, oldest + seconds - time.monotonic())
    spoken = wait([worker.pipe for worker in busy], left)
    now = time.monotonic()
    for worker in busy:
        over = seconds is not None and now - worker.since >= seconds
        worker.late = over and worker.pipe not in spoken
    return [worker for worker in busy if worker.pipe in spoken or worker.late]
