"""The attacks against this grader: the unit that `course grade` runs, in one warm box."""

import json
import os
import time
from typing import Any, Self

from course_pkg.grade.limits import limits_of
from course_pkg.grade.sandbox.box import Box
from course_pkg.grade.submissions import Unreadable, read_content
from course_pkg.grade.unit import Outcome, Release, Unit, grade_unit
from course_pkg.syllabus import WORDS

from .attack import Attack, honest, notebook
from .canaries import ROOT, SEED, Canaries
from .found import Found

# Short, so that what hangs does not hang long; a session may still run all its cells.
LIMITS = limits_of("bptt", cell_seconds=2.0, question_seconds=1.0, session_seconds=15.0)


class Ours:
    """One box, as a worker has it, for all attacks; opened by ``with``."""

    def __init__(self, canaries: Canaries) -> None:
        self.canaries = canaries
        path = ROOT / "assignments" / "bptt" / "bptt.ipynb"
        released = json.loads(path.read_text("utf-8"))
        # Pictures cost time and say nothing about attacks.
        released["cells"] = [
            cell for cell in released["cells"] if "alt=" not in "".join(cell["source"])
        ]
        self.release = Release.of("bptt", released, WORDS["bptt"].tasks)
        os.environ["UNROLLED_CANARY"] = canaries.tokens["environment"]
        os.environ["UNROLLED_SEED_FILE"] = str(canaries.files["seed"])
        self.box = Box("bptt", LIMITS)

    def __enter__(self) -> Self:
        self.box.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self.box.__exit__(*raised)
        for name in ("UNROLLED_CANARY", "UNROLLED_SEED_FILE"):
            del os.environ[name]

    def unit(self, content: bytes) -> Outcome:
        """Grade the bytes of one notebook."""
        return grade_unit(
            Unit("mallory", content, self.release, SEED, LIMITS), self.box
        )

    def content(self, attack: Attack) -> bytes:
        """Read what an attacker hands in, from a folder as students leave it."""
        where = self.canaries.where
        made = notebook(attack, self.release.notebook, where)
        if not attack.folder:
            return made
        folder = self.canaries.folder / "handed in" / attack.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bptt.ipynb").write_bytes(made)
        attack.folder(folder, where)
        try:
            return read_content(folder, "bptt")
        except Unreadable:
            return b""

    def grade(self, attack: Attack) -> Found:
        """Grade an attacker, then an honest student in the same box."""
        start = time.perf_counter()
        outcome = self.unit(self.content(attack))
        behind = self.unit(honest(self.release.notebook))
        seconds = round(time.perf_counter() - start, 2)
        scores = outcome.result.score, behind.result.score
        found = Found(attack, *scores, seconds=seconds)
        found.look(shown(outcome), self.canaries)
        found.read += [
            f"left for the next: {x}" for x in self.canaries.read(shown(behind))
        ]
        return found


def shown(outcome: Outcome) -> str:
    """Return all text that an outcome carries, the student's own sources aside."""
    for cell in (outcome.notebook or {}).get("cells", []):
        cell["source"] = ""
    return json.dumps([outcome.notebook, outcome.result.row(), outcome.repairs])
