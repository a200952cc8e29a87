"""Compare the grading of a class by stock nbgrader with `course grade`, sandbox on.

Both are one command for the class, on the same submissions, from an empty gradebook,
in turn: each round gives a ratio of seconds per submission, and the median counts, as
other programs disturb single rounds. What grading adds to the students' own cells is
measured apart, one submission after the other: each is graded in a warm sandbox, and
then its cells alone are run in a session of that sandbox.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from classroom import WORD, name, stock_course, submit
from machine import ROOT, commit, device_name, load
from memory import watch

EXAMPLES = """examples:
  python benchmarks/grading.py                    60 students, 3 rounds: half an hour
  python benchmarks/grading.py --stock 20 --rounds 2 --memory 0      some minutes
  python benchmarks/grading.py --students 9 --rounds 1 --memory 0 --out /tmp/quick.json
"""
SCORES = (
    "select a.student_id, cell.name, grade.auto_score from grade"
    " join base_cell as cell on cell.id = grade.cell_id"
    " join submitted_notebook as n on n.id = grade.notebook_id"
    " join submitted_assignment as a on a.id = n.assignment_id"
    " where cell.name like 'check-%'"
)


def environment() -> dict[str, str]:
    """Return this environment with our package and our programs in front."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}


def timed(command: list[str], cwd: Path) -> float:
    """Run a command and return its seconds; what it said is shown if it fails."""
    start = time.perf_counter()
    run = subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(f"{' '.join(command)}\n{run.stdout}{run.stderr}")
    return seconds


def scores(gradebook: Path) -> dict[tuple[str, str], float]:
    """Read the points of every check of every student from a gradebook."""
    with sqlite3.connect(gradebook) as book:
        rows = book.execute(SCORES).fetchall()
    book.close()
    return {(student, check): points for student, check, points in rows}


class Contest:
    """Both ways of grading one class, in a folder that is thrown away."""

    def __init__(self, root: Path, students: int, stock: int, options: list[str]):
        self.root, self.students, self.options = root, students, options
        self.stock_students = stock
        self.inbox = submit(root / "inbox", students)
        self.stock_root = stock_course(root / "stock", stock)
        self.nbgrader = [sys.executable, "-m", "nbgrader"]
        timed([*self.nbgrader, "generate_assignment", WORD], self.stock_root)
        shutil.copy(self.stock_root / "gradebook.db", root / "empty.db")

    def stock(self) -> float:
        """Grade with nbgrader as it comes; return seconds."""
        shutil.rmtree(self.stock_root / "autograded", ignore_errors=True)
        shutil.copy(self.root / "empty.db", self.stock_root / "gradebook.db")
        return timed([*self.nbgrader, "autograde", WORD], self.stock_root)

    def ours(self) -> float:
        """Grade with `course grade`; return seconds."""
        shutil.rmtree(self.root / "ours", ignore_errors=True)
        return timed(self.command(self.inbox), ROOT)

    def command(self, inbox: Path) -> list[str]:
        """Return the command that grades an inbox."""
        folders = ["--submitted", str(inbox), "--to", str(self.root / "ours")]
        course = [sys.executable, "-m", "course_pkg", "grade", WORD]
        return [*course, *folders, *self.options]

    def disagreements(self) -> list[str]:
        """Return where the two gave different points, and raise if nothing is there."""
        ours = scores(self.root / "ours" / "gradebook.db")
        theirs = scores(self.stock_root / "gradebook.db")
        if not theirs or {s for s, _ in ours} != set(map(name, range(self.students))):
            raise RuntimeError("a gradebook lacks students")
        return [
            f"{student} {check}: stock {points}, course {ours.get((student, check))}"
            for (student, check), points in sorted(theirs.items())
            if ours.get((student, check)) != points
        ]


def race(contest: Contest, rounds: int) -> dict[str, object]:
    """Let both grade in turn; return seconds, ratios and what they disagree on."""
    rows = []
    for turn in range(rounds):
        stock = contest.stock() / contest.stock_students
        ours = contest.ours() / contest.students
        rows.append({"stock": stock, "course": ours, "ratio": stock / ours})
        text = ", ".join(f"{k} {v:.3f}" for k, v in rows[-1].items())
        print(f"round {turn + 1} of {rounds}: seconds each: {text}", flush=True)
        if turn == 0:
            found = contest.disagreements()
            print(f"scores that differ: {'; '.join(found) or 'none'}", flush=True)
    return {
        "seconds_per_submission": rows,
        "speed_vs_stock": statistics.median(row["ratio"] for row in rows),
        "scores_that_differ": found,
    }


def above_own(students: int) -> dict[str, float]:
    """Return the seconds of a submission and of its cells alone; the median counts."""
    command = [sys.executable, str(Path(__file__).with_name("classroom.py"))]
    command += [str(students)]
    run = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=True
    )
    rows = json.loads(run.stdout)
    above = [graded - own for graded, own in rows]
    return {
        "graded_seconds": statistics.median(graded for graded, _ in rows),
        "own_cells_seconds": statistics.median(own for _, own in rows),
        "above_own_cells_seconds": statistics.median(above),
        "above_own_cells_seconds_most": max(above),
    }


def measure(args: argparse.Namespace, root: Path) -> dict[str, object]:
    """Run the race, the students' own cells and the long class."""
    stock = min(args.stock or args.students, args.students)
    print(f"{args.students} students, of which stock grades {stock}", flush=True)
    contest = Contest(root, args.students, stock, args.option)
    record = {"students": args.students, "stock_students": stock}
    record |= race(contest, args.rounds)
    record |= {"cores": len(os.sched_getaffinity(0))} | above_own(args.students)
    print(f"{record['speed_vs_stock']:.1f} times as fast as stock", flush=True)
    above, most = (record[f"above_own_cells_seconds{x}"] for x in ("", "_most"))
    print(f"above the own cells: {above:.3f} s, at most {most:.3f} s", flush=True)
    if args.memory:
        shutil.rmtree(root / "ours", ignore_errors=True)
        inbox = submit(root / "long", args.memory)
        one = [*contest.command(inbox), "--jobs", "1"]
        record["memory"] = {"students": args.memory} | watch(one, ROOT, environment())
        print(f"memory: {record['memory']}", flush=True)
    return record


def main() -> None:
    """Read the arguments, measure, write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    results = ROOT / "benchmarks" / "results" / "grading.json"
    add = parser.add_argument
    add("--out", type=Path, default=results, help="the record, JSON")
    add("--students", type=int, default=60, help="size of the class")
    add("--stock", type=int, help="how many of them stock grades; all by default")
    add("--rounds", type=int, default=3, help="how often both grade")
    add("--memory", type=int, default=500, help="students of one worker; 0: none")
    add(
        "--option", action="append", default=[], help="for course grade, as --option=-x"
    )
    args = parser.parse_args()
    start = time.perf_counter()
    record = {"device": device_name(), "commit": commit(), "load_before": load()}
    with tempfile.TemporaryDirectory() as folder:
        record |= measure(args, Path(folder))
    record["seconds"] = round(time.perf_counter() - start, 1)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf8")
    print(f"Wrote {args.out}")


if __name__ == "__main__":
    main()
