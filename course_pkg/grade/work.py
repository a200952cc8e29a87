"""The words that workers and the run have in common, here or on other machines."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

TRIES = 2  # for what a kill from outside may have stopped, before it is told

# Opens what grades units (with its sandbox) and gives the function that does it.
Station = Callable[[], AbstractContextManager[Callable[[Any], Any]]]


class Broken(Exception):
    """Nothing can be graded here; the message says why, in one line."""


@dataclass(frozen=True)
class Failure:
    """Why there is no outcome of a unit, in one line."""

    reason: str


def reason(error: BaseException) -> str:
    """Return an error as one line."""
    text = " ".join(str(error).split())
    known = type(error).__name__ in ("CourseError", "BoxError", "Broken")
    return text if known else f"{type(error).__name__}: {text}"[:300]


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Hold Ctrl-C back from here and from processes that start meanwhile.

    A terminal sends it to all of them, and each would print a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
