"""How much memory and how many processes a box's sessions use, seen from outside."""

import contextlib
import re
from pathlib import Path
from typing import NamedTuple

STATUS = re.compile(r"(RssAnon|RssShmem|Threads):\s+(\d+)")


class Used(NamedTuple):
    """What sessions use: bytes, and processes with their threads."""

    memory: int = 0
    processes: int = 0


def children(pid: int) -> list[int]:
    """Return a process's children, as this machine numbers them."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def status(pid: int) -> dict[str, int]:
    """Return a living process's memory, own and shared, in kB, and its threads."""
    with contextlib.suppress(OSError):
        found = STATUS.findall(Path(f"/proc/{pid}/status").read_text())
        return {kind: int(size) for kind, size in found}
    return {}


def used(first: int, sandbox: str = "bwrap") -> Used:
    """Return what a box's sessions use beyond what they were forked with.

    first: the process that was started. Below bubblewrap comes the first process of its
    namespace, below that the zygote, and then the sessions.
    """
    memory = processes = 0
    zygotes = [z for one in children(first) for z in children(one)]
    for zygote in zygotes if sandbox == "bwrap" else [first]:
        base = status(zygote).get("RssAnon", 0)
        todo = children(zygote)
        while todo:
            pid = todo.pop()
            found = status(pid)
            memory += max(0, found.get("RssAnon", 0) - base) + found.get("RssShmem", 0)
            processes += found.get("Threads", 0)
            todo += children(pid)
    return Used(1024 * memory, processes)
