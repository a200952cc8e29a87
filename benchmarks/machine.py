"""What every record says of where and from what it was measured."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def commit() -> str:
    """Return the commit that is checked out, or "unknown"."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout.strip() or "unknown"


def device() -> str:
    """Return the processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else "cpu"


def load() -> float:
    """Return how many programs wanted the processor over the last minute."""
    return round(os.getloadavg()[0], 2)
