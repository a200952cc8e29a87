"""The memory of a command and of all processes that it starts, while it runs.

As a script: grade a long class with one worker, and record that nothing grows.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from machine import ROOT, commit, device_name, load

EXAMPLES = """examples:
  python benchmarks/memory.py                 500 students: a quarter of an hour
  python benchmarks/memory.py --students 40 --out /tmp/quick.json
"""
WINDOW = 10  # samples


def sizes(root: psutil.Process) -> tuple[dict[int, int], int]:
    """Return the resident bytes of a process and its descendants by id, and their sum.

    In the sum, pages that several of them share count in parts. By itself each process
    counts them whole: its part would change whenever a neighbour starts or ends.
    """
    found, total = {}, 0
    for process in [root, *root.children(recursive=True)]:
        try:
            memory = process.memory_full_info()
        except psutil.Error:
            continue  # it has just ended
        found[process.pid] = memory.rss
        total += memory.pss
    return found, total


def change(samples: list[dict[int, int]]) -> list[tuple[int, int]]:
    """Return what each process held early and late, if it lived half of the time.

    Early is after a fifth of its life, when everything is loaded; late is its end.
    """
    lives: dict[int, list[int]] = {}
    for sample in samples:
        for pid, size in sample.items():
            lives.setdefault(pid, []).append(size)
    long = [life for life in lives.values() if len(life) > len(samples) / 2]
    return [
        (
            max(life[len(life) // 5 : len(life) // 5 + WINDOW]),
            max(life[-WINDOW:]),
        )
        for life in long
    ]


def watch(command: list[str], cwd: Path, env: dict[str, str]) -> dict[str, Any]:
    """Run a command; compare what its lasting processes hold early and late, in MiB."""
    samples, peak = [], 0
    with subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        os.set_blocking(process.stdout.fileno(), False)
        said, root, start = b"", psutil.Process(process.pid), time.perf_counter()
        while process.poll() is None:
            sample, total = sizes(root)
            samples.append(sample)
            peak = max(peak, total)
            said += process.stdout.read() or b""
            time.sleep(0.5)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{said.decode()}")
    changes = [
        {"early_MiB": round(early / 2**20, 1), "late_MiB": round(late / 2**20, 1)}
        for early, late in change(samples)
    ]
    return {
        "processes": changes,
        "grown_MiB": round(max(r["late_MiB"] - r["early_MiB"] for r in changes), 1),
        "peak_MiB": round(peak / 2**20, 1),
        "seconds": round(time.perf_counter() - start, 1),
    }


def grade(students: int, root: Path) -> dict[str, Any]:
    """Grade a class with one worker, and return what `watch` saw."""
    from classroom import WORD, submit

    inbox = submit(root / "inbox", students)
    command = [sys.executable, "-m", "course_pkg", "grade", WORD, "--jobs", "1"]
    command += ["--submitted", str(inbox), "--to", str(root / "room")]
    return watch(command, ROOT, os.environ | {"PYTHONPATH": str(ROOT)})


def main() -> None:
    """Read the arguments, measure, write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    results = ROOT / "benchmarks" / "results" / "memory.json"
    parser.add_argument("--students", type=int, default=500, help="size of the class")
    parser.add_argument("--out", type=Path, default=results, help="the record, JSON")
    args = parser.parse_args()
    record = {"device": device_name(), "commit": commit(), "load_before": load()}
    with tempfile.TemporaryDirectory() as folder:
        record |= {"students": args.students} | grade(args.students, Path(folder))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf8")
    print(f"the process that grew most did so by {record['grown_MiB']:.1f} MiB")
    print(f"Wrote {args.out}")


if __name__ == "__main__":
    main()
