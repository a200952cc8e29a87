"""Records: what was run, where, from which code, and what came out, as JSON."""

import json
import math
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import torch


def describe(device: str = "cpu") -> dict[str, Any]:
    """Return commit, device, threads and versions: what a figure depends on."""
    return {
        "commit": commit(),
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
    }


def device_name(device: str = "cpu") -> str:
    """Return what the maker calls a device: "cpu", "cuda" or "cuda:1"."""
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text("utf8").splitlines()
        name = next(line for line in lines if line.startswith("model name"))
        return name.partition(":")[2].strip()
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def commit() -> str | None:
    """Return the package's commit, or None outside git; "+" says it was changed."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None

    def git(*words: str) -> str:
        command = ["git", "-C", str(root), *words]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    # Results of earlier runs, which lie outside of the package, change no other's.
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "course_pkg")
    return (git("rev-parse", "--short=12", "HEAD") + "+" * bool(changed)) or None


def write_record(path: str | Path, record: dict[str, Any]) -> None:
    """Write a record as JSON, as a whole or not at all; numbers get six digits.

    Raises ValueError for a number that is not finite, which JSON does not know.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    text = json.dumps(_rounded(record), indent=1, ensure_ascii=False, allow_nan=False)
    part.write_text(text + "\n", "utf8")
    os.replace(part, path)


def _rounded(x: Any) -> Any:
    if isinstance(x, dict):
        return {name: _rounded(value) for name, value in x.items()}
    if isinstance(x, list | tuple):
        return [_rounded(value) for value in x]
    return float(f"{x:.6g}") if isinstance(x, float) and math.isfinite(x) else x
