"""A worker of the pool: a process that grades one unit after another."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

from course_pkg.grade.work import TRIES, Failure, Station, reason


@contextmanager
def in_folder(folder: str, station: Station) -> Iterator[Callable[[Any], Any]]:
    """Open a station whose temporary files lie in the run's folder."""
    tempfile.tempdir = folder
    with station() as grade:
        yield grade


def serve(pipe: Connection, station: Station) -> None:
    """Grade units one after another until the pipe closes: a worker's whole life."""
    die_with_parent()
    with ExitStack() as stack, suppress(EOFError, OSError):
        unit = pipe.recv()
        try:
            grade = _open(stack, station)
        except Exception as error:
            pipe.send(("broken", reason(error)))
            return
        while True:
            try:
                pipe.send(("outcome", grade(unit)))
            except Exception as error:  # the sandbox is broken: a new worker, then
                pipe.send(("failed", Failure(reason(error))))
                return
            unit = pipe.recv()


def _open(stack: ExitStack, station: Station) -> Callable[[Any], Any]:
    """Open a station, at the second try if its sandbox was killed as it started."""
    for _ in range(TRIES - 1):
        with suppress(Exception):
            return stack.enter_context(station())
    return stack.enter_context(station())


def die_with_parent() -> None:
    """Let Ctrl-C be the parent's alone, and let its death be ours, also by kill -9."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = parent_process()
    assert parent

    def watch() -> None:
        wait([parent.sentinel])
        if tempfile.tempdir:
            shutil.rmtree(tempfile.tempdir, ignore_errors=True)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
