"""One box for all tests of the sandbox: its sessions share nothing but the zygote."""

from collections.abc import Iterator
from typing import Any

import pytest

from course_pkg.grade.limits import limits_of
from course_pkg.grade.sandbox.box import Box
from course_pkg.grade.sandbox.session import Session

MiB = 2**20
SMALL: dict[str, Any] = {
    "cell_seconds": 3.0,
    "question_seconds": 2.0,
    "session_seconds": 60.0,
    "memory": 256 * MiB,
    "processes": 24,
    "file_size": 8 * MiB,
    "disk": 16 * MiB,
    "output": 50_000,
}


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """Give a box with small limits."""
    with Box("bptt", limits_of("bptt", **SMALL)) as found:
        yield found


@pytest.fixture
def session(box: Box) -> Iterator[Session]:
    """Give a session of its own to each test."""
    with box.session() as found:
        yield found


def printed(ran: Any) -> str:
    """Return what a cell printed, and the names of its exceptions."""
    texts = [o.get("text", "") or o.get("ename", "") for o in ran.outputs]
    return "".join(texts)
