"""A disk that is full at any point leaves a gradebook from which the next run goes on.

The disk is a small tmpfs that bubblewrap mounts, so that nobody need be root.
"""

import json
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from course_pkg.grade.screen import keep_standing

from . import paper
from .conftest import make_course
from .server import WALL

pytestmark = [
    pytest.mark.slow,  # bubblewrap
    pytest.mark.filterwarnings("ignore:Object of type"),  # config.be_quiet says why
]
COUNT, SIZE, SEED = 8, 600_000, 1

# Runs behind bubblewrap: the class again and again, each time with some more room.
SCRIPT = """
import json, os, sys
from pathlib import Path
from course_pkg.commands.mistakes import line
from course_pkg.grade.screen import keep_standing
from grade import paper

root, free, out = Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3])
paper.be_quiet()
room, ballast = paper.room_of(root), root / "room" / "ballast"
(room.root / "gradebook.db").write_bytes((root / "course/gradebook.db").read_bytes())

def run():
    steps = []
    options, log = paper.Options(), root / "log"
    try:
        with paper.opened(room, options, log, workers=paper.here) as grading:
            try:
                for step in grading.steps(paper.find_submissions(room, "tiny")):
                    steps.append((step.student, step.how))
            finally:
                keep_standing(grading)
    except Exception as error:
        return {"told": line(error), "error": repr(error), "steps": steps}
    return {"told": "", "steps": steps}

runs = []
for bytes in free:
    disk = os.statvfs(room.root)
    ballast.write_bytes(b"." * max(0, disk.f_bavail * disk.f_frsize - bytes))
    runs.append(run())
    ballast.unlink()
runs.append(run())
out.write_text(json.dumps({"runs": runs, "standing": paper.standing(room)}))
"""


def test_a_full_disk_loses_nothing(tmp_path: Path, empty_gradebook: Path) -> None:
    make = partial(make_course, gradebook=empty_gradebook)
    room = paper.make_class(tmp_path, make, COUNT)
    rng = random.Random(SEED)
    free = sorted(rng.randrange(0, 120_000) for _ in range(12))
    disk = ["--size", str(SIZE), "--tmpfs", str(room.root)]
    command = [*WALL[:-1], *disk, "--", sys.executable, "-c", SCRIPT, str(tmp_path)]
    command += [json.dumps(free), str(tmp_path / "out")]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads((tmp_path / "out").read_text())
    *short, last = found["runs"]
    there: set[str] = set()
    for row in found["runs"]:
        assert {s for s, how in row["steps"] if how != "unchanged"}.isdisjoint(there), (
            row
        )
        there |= {student for student, _ in row["steps"]}
    full = [row for row in short if row["told"] != ""]
    assert len(full) >= 4
    assert all("give the same command again" in row["told"] for row in full), full
    assert last["told"] == ""
    assert len(last["steps"]) == COUNT
    with paper.opened(
        room, paper.Options(), tmp_path / "log2", workers=paper.here
    ) as calm:
        list(calm.steps(paper.find_submissions(room, "tiny")))
        keep_standing(calm)
    assert json.loads(json.dumps(paper.standing(room))) == found["standing"]
