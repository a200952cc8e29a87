"""Runs of `course grade` that are killed at any moment change nothing in the end.

COURSE_KILLS says how many, COURSE_SEED which moments.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from .sample_class import RELEASED, ROOT, STUDENTS, answer

pytestmark = pytest.mark.slow  # whole runs of the command line, with bubblewrap

KILLS = int(os.environ.get("COURSE_KILLS", "20"))
SEED = int(os.environ.get("COURSE_SEED", "1"))
CLASS = STUDENTS[:3]
DONE = 3  # with essays, and Kim's empty folder, for a person to look at
GRADES = """
    select a.student_id, cell.name, g.auto_score, g.manual_score, g.extra_credit,
        g.needs_manual_grade, n.late_submission_penalty
    from grade g join base_cell cell on cell.id = g.cell_id
    join submitted_notebook n on n.id = g.notebook_id
    join submitted_assignment a on a.id = n.assignment_id order by 1, 2
"""
COMMENTS = """
    select a.student_id, cell.name, c.auto_comment, c.manual_comment
    from comment c join base_cell cell on cell.id = c.cell_id
    join submitted_notebook n on n.id = c.notebook_id
    join submitted_assignment a on a.id = n.assignment_id order by 1, 2
"""
RECORD = """
    select r.student, r.key, r.declined, r.content, r.seed, r.file, r.result
    from unrolled_graded r join submitted_assignment a on a.id = r.submission order by 1
"""


def hand_in(inbox: Path, n: int, version: int) -> None:
    """Hand in two answers and an essay; what says the version costs no points."""
    notebook = json.loads(RELEASED.read_text("utf8"))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        text = answer(CLASS[n], name)
        if text and name in ("cross_entropy", "step_grad", "why_sum"):
            cell["source"] = f"{text}\n# {n}, version {version}"
    path = inbox / f"s{n}" / "bptt" / "bptt.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), "utf8")


class School:
    """A course of its own with a class, and a process that starts `course` in it."""

    def __init__(self, root: Path):
        self.root, self.inbox, self.out = root, root / "in", root / "out"
        course = root / "course"
        course.mkdir()
        self.scratch = tempfile.TemporaryDirectory()  # pytest's let nobody else in
        os.chmod(self.scratch.name, 0o711)
        shutil.copy(ROOT / "nbgrader_config.py", course)
        for name in ("solutions", "course_pkg"):
            (course / name).symlink_to(ROOT / name)
        for n in range(len(CLASS)):
            hand_in(self.inbox, n, 0)
        (self.inbox / "kim" / "bptt").mkdir(parents=True)
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
            "UNROLLED_SEED_FILE": str(root / "seed"),
            "TMPDIR": self.scratch.name,
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self.launcher = subprocess.Popen(
            [sys.executable, "-m", "grade.launch"],
            cwd=course, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def start(self, room: str, jobs: int = 2) -> psutil.Process:
        """Start grading the class into a room."""
        assert self.launcher.stdin
        command = ["grade", "bptt", "--submitted", str(self.inbox)]
        command += ["--to", str(self.root / room), "--jobs", str(jobs)]
        self.launcher.stdin.write(json.dumps([command, str(self.out)]) + "\n")
        self.launcher.stdin.flush()
        return psutil.Process(int(self.heard()))

    def heard(self) -> str:
        assert self.launcher.stdout
        return self.launcher.stdout.readline()

    def undisturbed(self, room: str) -> float:
        """Grade the class; return how long it takes."""
        start = time.monotonic()
        self.start(room)
        assert int(self.heard()) == DONE, self.out.read_text()
        return time.monotonic() - start

    def handed_in(self) -> dict[str, str]:
        """Return the hash of what everybody has handed in."""
        found = self.inbox.glob("*/bptt/bptt.ipynb")
        return {p.parts[-3]: hashlib.sha256(p.read_bytes()).hexdigest() for p in found}

    def close(self) -> None:
        with self.launcher as launcher:
            assert launcher.stdin
            launcher.stdin.close()
        self.scratch.cleanup()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    opened = School(tmp_path)
    yield opened
    opened.close()


def read(room: Path, query: str) -> list[tuple]:
    """Read from a gradebook past all of our code; nothing if it is not there yet."""
    with suppress(sqlite3.OperationalError):
        book = sqlite3.connect(f"file:{room / 'gradebook.db'}?mode=ro", uri=True)
        try:
            return book.execute(query).fetchall()
        finally:
            book.close()
    return []


def entered(room: Path) -> dict[str, tuple[str, str]]:
    """Return what was graded of whom, and when."""
    query = "select student, content, graded from unrolled_graded where key != ''"
    return {student: (content, when) for student, content, when in read(room, query)}


def standing(room: Path) -> dict[str, Any]:
    """Return all that runs leave, but for random keys and measured seconds."""
    tables = read(room, "select name from sqlite_master where type = 'table'")
    record = [
        (*row, json.loads(text) | {"seconds": 0}) for *row, text in read(room, RECORD)
    ]
    results = json.loads((room / "results" / "bptt.json").read_text("utf8"))
    return {
        "rows": {t: read(room, f'select count(*) from "{t}"') for (t,) in tables},
        "grades": read(room, GRADES),
        "comments": read(room, COMMENTS),
        "record": record,
        "results": [row | {"seconds": 0} for row in results],
        "files": {
            str(path.relative_to(room)): path.read_bytes()
            for path in sorted((room / "autograded").rglob("*"))
            if path.is_file()
        },
    }


def wait_until(moment: float, run: psutil.Process) -> bool:
    """Wait for a moment; say whether the run is still going on."""
    while time.monotonic() < moment and alive(run):
        time.sleep(0.005)
    return alive(run)


def alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def harm(
    run: psutil.Process, took: float, rng: random.Random
) -> tuple[list[str], list[psutil.Process]]:
    """Kill what the run has started, and most often the run itself later.

    Returns what was done, and the processes that were there.
    """
    start, done, there = time.monotonic(), [], [run]
    *moments, last = sorted(rng.uniform(0, took) for _ in range(4))
    for moment in moments:
        if wait_until(start + moment, run) and (parts := run.children(recursive=True)):
            there += parts
            with suppress(psutil.NoSuchProcess):
                part = rng.choice(parts)
                done.append(f"{moment:.2f} s: {' '.join(part.cmdline()[:5])}")
                part.kill()
    how = rng.choice([0, signal.SIGINT, signal.SIGKILL, signal.SIGKILL])
    if how and wait_until(start + last, run):
        there += run.children(recursive=True)
        # Ctrl-C goes to all that the terminal has, kill -9 to one.
        os.killpg(run.pid, how) if how == signal.SIGINT else run.kill()
        done.append(f"{last:.2f} s: signal {how}")
    return done, there


def one_line(said: str) -> bool:
    """Whether the last line tells an instructor why the run has ended."""
    return said.rstrip().rpartition("\n")[2].startswith("course: ")


def expect_sound(
    before: dict[str, tuple[str, str]], after: dict[str, tuple[str, str]],
    there: dict[str, str], told: str,
) -> None:  # fmt: skip
    """Expect what was graded to be as it was, or new because it was handed in anew."""
    for student, (content, when) in before.items():
        now = after.get(student)
        if there.get(student, content) == content:
            assert now == (content, when), f"{student} lost or graded again: {told}"
        elif now and now != (content, when):
            assert now[0] == there[student], f"{student} half graded: {told}"


def test_a_run_killed_at_any_moment(school: School) -> None:
    """Nothing is lost, nothing doubled, nothing unchanged is graded again."""
    rng, room, count = random.Random(SEED), school.root / "killed", 0
    took = school.undisturbed("calm")
    assert len(entered(school.root / "calm")) == len(CLASS) + 1
    for version in range(1, 4 * KILLS):
        before, run = entered(room), school.start("killed", rng.choice([1, 1, 2]))
        done, there = harm(run, took, rng)
        code = int(school.heard())
        said = school.out.read_text()
        told = f"seed {SEED}, run {version}: {code}, {done}, {said[-2000:]}"
        # -2: a Ctrl-C past our last line; 1: nothing can go on without what was killed,
        # such as nbgrader's alembic.
        ends = {DONE, 130, -signal.SIGINT, -signal.SIGKILL}
        assert code in ends | ({1} if one_line(said) else set()), told
        # Past our last line torch's own end does not know of Ctrl-C.
        assert "Traceback" not in said.partition("Exception ignored in atexit")[0], told
        _, left = psutil.wait_procs(there, 60)
        assert not left, told
        expect_sound(before, entered(room), school.handed_in(), told)
        count += len(done)
        if count >= KILLS:
            break
        for n in rng.sample(range(len(CLASS)), 2):
            hand_in(school.inbox, n, version)
    assert count >= KILLS
    before = entered(room)
    school.undisturbed("calm")
    school.undisturbed("killed")
    expect_sound(before, entered(room), school.handed_in(), f"seed {SEED}")
    assert standing(room) == standing(school.root / "calm"), f"seed {SEED}"
    assert read(room, "pragma integrity_check") == [("ok",)]
