"""Stand-ins for a sandbox and what grades in it: quick, and broken on demand.

A unit here is a name; what stands before the colon says what becomes of it.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Grade = Callable[[Any], Any]


@contextmanager
def quick(folder: Path, seconds: float = 0.0) -> Iterator[Grade]:
    """Write down who opened, graded and closed, in files of the folder."""
    (folder / f"open-{os.getpid()}").touch()

    def grade(unit: str) -> str:
        time.sleep(seconds)
        what = unit.partition(":")[0]
        with (folder / "tries").open("a") as file:
            file.write(f"{unit}\n")
        tried = (folder / "tries").read_text().splitlines().count(unit)
        if (what == "once" and tried == 1) or what == "always":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "exit":
            os._exit(3)
        if what == "raise":
            raise OSError("the box\nis broken")
        if what == "hang":
            time.sleep(600)
        if what == "odd":
            return lambda: None  # type: ignore[return-value]  # cannot be sent
        return f"graded {unit} by {os.getpid()}"

    yield grade
    (folder / f"closed-{os.getpid()}").touch()


@contextmanager
def stuck(folder: Path) -> Iterator[Grade]:
    """Open at the second try only."""
    if not (folder / "tried").exists():
        (folder / "tried").touch()
        raise OSError("killed as it started")
    with quick(folder) as grade:
        yield grade


@contextmanager
def shut() -> Iterator[Grade]:
    """Refuse to open."""
    from course_pkg.grade.course import CourseError

    raise CourseError("bubblewrap is missing;\n apt install bubblewrap")
    yield
