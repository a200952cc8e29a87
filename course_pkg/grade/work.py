"""The words that workers and the run have in common, here or on other machines."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

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
