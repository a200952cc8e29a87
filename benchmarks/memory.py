"""The memory of a command and of all processes that it starts, while it runs."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil


def sizes(root: psutil.Process) -> dict[int, int]:
    """Return the bytes of a process and of its descendants, by their id.

    Pages that several of them share count in parts, so that sums mean something.
    """
    found = {}
    for process in [root, *root.children(recursive=True)]:
        try:
            found[process.pid] = process.memory_full_info().pss
        except psutil.Error:
            continue  # it has just ended
    return found


def watch(command: list[str], cwd: Path, env: dict[str, str]) -> dict[str, float]:
    """Run a command; compare what its lasting processes hold early and late.

    Early is after a fifth of the time, when everything is loaded. MiB.
    """
    samples = []
    with subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        os.set_blocking(process.stdout.fileno(), False)
        said, root, start = b"", psutil.Process(process.pid), time.perf_counter()
        while process.poll() is None:
            samples.append(sizes(root))
            said += process.stdout.read() or b""
            time.sleep(0.5)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{said.decode()}")
    seconds = time.perf_counter() - start
    lasting = set.intersection(*map(set, samples[len(samples) // 5 : -1]))
    early = sum(samples[len(samples) // 5][pid] for pid in lasting) / 2**20
    late = sum(samples[-2][pid] for pid in lasting) / 2**20
    peak = max(sum(sample.values()) for sample in samples) / 2**20
    return {
        "processes": len(lasting),
        "early_MiB": round(early, 1),
        "late_MiB": round(late, 1),
        "peak_MiB": round(peak, 1),
        "seconds": round(seconds, 1),
    }
