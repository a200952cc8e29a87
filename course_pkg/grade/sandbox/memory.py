"""How much memory a box's sessions use, seen from outside."""

import contextlib
import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def children(pid: int) -> list[int]:
    """Return a process's children, as this machine numbers them."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def resident(pid: int) -> int:
    """Return the memory that a process has in use, in bytes; 0 if it has ended."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return 0


def used(wall: int) -> int:
    """Return what the sessions behind a wall use beyond what they were forked with.

    Below bubblewrap comes its first process, below that the zygote, then the sessions.
    """
    todo = [
        (zygote, resident(zygote))
        for first in children(wall)
        for zygote in children(first)
    ]
    total = 0
    while todo:
        parent, base = todo.pop()
        for child in children(parent):
            total += max(0, resident(child) - base)
            todo.append((child, base))
    return total
