"""Workers on other machines: the units of a class on a Dask cluster (extra ``scale``).

A unit is a function of its arguments, so the scheduler may run what a lost worker had
on another one. Outcomes are what the cluster sends: its machines must be the course's.
"""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from course_pkg.grade.course import CourseError
from course_pkg.grade.work import Broken, Failure, Station, reason

AHEAD = 2  # units per thread of the cluster that are under way or wait there
SECONDS_TO_CONNECT = 10
_here = threading.local()  # what a worker's thread keeps open between units


def run(units: Iterable[Any], station: Station, address: str) -> Iterator[Any]:
    """Give each unit with its outcome, or a Failure, in the order they get ready.

    Raises Broken where a worker cannot open the station, and CourseError where no
    cluster answers at the address.
    """
    from distributed import CancelledError, as_completed
    from distributed.client import ClosedClientError
    from distributed.comm import CommClosedError

    client = _connect(address)
    source, done = iter(units), as_completed(loop=client.loop)
    asked: dict[Any, Any] = {}
    try:
        count = AHEAD * max(1, sum(client.nthreads().values()))
        while True:
            while len(asked) < count and (unit := next(source, None)) is not None:
                future = client.submit(work, station, unit, pure=False)
                asked[future] = unit
                done.add(future)
            if not asked:
                return
            future = next(done)
            yield asked.pop(future), _outcome(future)
    except (CancelledError, ClosedClientError, CommClosedError):
        raise CourseError(
            f"the scheduler at {address} went away; what is graded is kept, "
            "start it and give the same command again"
        ) from None
    finally:
        client.close(timeout=SECONDS_TO_CONNECT)


def work(station: Station, unit: Any) -> Any:
    """Grade a unit on a worker; its thread keeps the station for the next one."""
    if getattr(_here, "name", None) != repr(station):
        _leave()
        stack = ExitStack()
        try:
            _here.grade = stack.enter_context(station())
        except Exception as error:
            raise Broken(reason(error)) from None
        _here.stack, _here.name = stack, repr(station)
    try:
        return _here.grade(unit)
    except Exception as error:
        _leave()  # the sandbox is broken: a new one for the next unit
        return Failure(reason(error))


def _leave() -> None:
    stack = getattr(_here, "stack", None)
    _here.__dict__.clear()
    if stack:
        stack.close()


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise CourseError(
            'Dask is missing; run: pip install "course_pkg[scale]"'
        ) from None
    _expect_address(address)
    for name in ("distributed", "distributed.client"):  # each has a level of its own
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise CourseError(f"no scheduler at {address}: {reason(error)}") from None


def _expect_address(address: str) -> None:
    """Raise CourseError for what is no address, on which Dask's client hangs."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        good = False
    if not good:
        raise CourseError(f"--scheduler: expected tcp://HOST:PORT, got {address!r}")


def _outcome(future: Any) -> Any:
    """Return what a future holds; a unit that ended several workers is a Failure."""
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        return Failure("the workers that graded it died")
