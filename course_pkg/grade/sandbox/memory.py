"""How much memory a box's sessions use, seen from outside."""

import contextlib
import re
from pathlib import Path

RESIDENT = re.compile(r"Rss(Anon|Shmem):\s+(\d+) kB")


def children(pid: int) -> list[int]:
    """Return a process's children, as this machine numbers them."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def resident(pid: int) -> dict[str, int]:
    """Return a process's own and shared memory in use, in bytes; {} if it has ended."""
    with contextlib.suppress(OSError):
        found = RESIDENT.findall(Path(f"/proc/{pid}/status").read_text())
        return {kind: 1024 * int(size) for kind, size in found}
    return {}


def used(first: int, sandbox: str = "bwrap") -> int:
    """Return what a box's sessions use beyond what they were forked with, in bytes.

    first: the process that was started. Below bubblewrap comes the first process of its
    namespace, below that the zygote, and then the sessions.
    """
    total = 0
    zygotes = [z for one in children(first) for z in children(one)]
    for zygote in zygotes if sandbox == "bwrap" else [first]:
        base = resident(zygote).get("Anon", 0)
        todo = children(zygote)
        while todo:
            pid = todo.pop()
            found = resident(pid)
            total += max(0, found.get("Anon", 0) - base) + found.get("Shmem", 0)
            todo += children(pid)
    return total
