"""The same attacks against stock nbgrader: default settings, the usual kernel.

Runs what the attackers wrote, as nbgrader does: in a folder of its own, with small
doses, a limit of time, and nothing left running afterwards.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Self

import nbformat

from course_pkg.grade.course import Course
from course_pkg.grade.notebooks import source_notebook
from course_pkg.syllabus import WORDS

from .attack import Attack, honest, notebook, task_of
from .canaries import ROOT, Canaries
from .found import Found

BIN = Path(sys.executable).parent
SECONDS = 60
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.Execute.timeout = 10
"""

# A notebook as most courses have it: test cells with visible and hidden assertions.
START = "from course_pkg import bptt as _b, losses as _l\n"
START += "from course_pkg.cells import elman as _e\n_rng = np.random.default_rng(1)\n"
START += "_r = lambda *s: _rng.standard_normal(s)\n"
RUN = START + "_T = scan(_e, _r(5, 3, 4), _r(3, 4), W_hh=(_W := _r(4, 4)))[2]\n"
LOSS = START + "_a = (_r(5, 3, 4), _rng.integers(0, 4, (5, 3)), np.ones((5, 3, 1)))\n"
HIDDEN = "\n### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
CLOSE = "np.testing.assert_allclose({}, {}, atol=1e-6)"
ASSERTS = {
    "cross_entropy": LOSS
    + HIDDEN.format(CLOSE.format("cross_entropy(*_a)", "_l.cross_entropy(*_a)")),
    "cross_entropy_grad": LOSS
    + "assert cross_entropy_grad(*_a).shape == (5, 3, 4)"
    + HIDDEN.format(
        CLOSE.format("cross_entropy_grad(*_a)", "_l.cross_entropy_grad(*_a)")
    ),
    "step_grad": RUN
    + "_d, _t = _r(3, 4), at(_T, 2)\n_dgi, _dgh, _dp = step_grad(_d, _t)\n"
    + CLOSE.format("_dgi", "_d * (1 - _t.h**2)")
    + HIDDEN.format(
        CLOSE.format("_dgh", "_d * (1 - _t.h**2)")
        + "\n"
        + CLOSE.format("_dp", "0 * _d")
    ),
    "scan_grad": RUN
    + "_a = (_e, _r(5, 3, 4), _r(3, 4), _T, _W)\n"
    + HIDDEN.format(
        "for _x, _y in zip(scan_grad(*_a), _b.scan_grad(*_a), strict=True):\n    "
        + CLOSE.format("_x", "_y")
    ),
    "weight_grads": RUN
    + "_p = dict(weight_ih=_r(4, 2), weight_hh=_W)\n"
    + "_a = (_p, _r(5, 3, 2), _T, _r(5, 3, 4), _r(5, 3, 4))\n"
    + "_g, _dx = weight_grads(*_a)\n"
    + HIDDEN.format(
        "for _k in _p:\n    " + CLOSE.format("_g[_k]", "_b.weight_grads(*_a)[0][_k]")
    ),
    "finite_difference": START
    + "_x = _r(3)\n"
    + CLOSE.format("finite_difference(lambda x: (x**3).sum(), _x)", "3 * _x**2"),
    "contributions": RUN
    + "_c = contributions(_e, _r(5, 3, 4), _T, _W)\n"
    + "assert _c.shape == (5, 5)\nassert (_c >= 0).all()"
    + HIDDEN.format("assert not np.triu(_c, 1).any()"),
}


class Stock:
    """A course graded by `nbgrader autograde` with its own Execute."""

    def __init__(self, folder: Path, kind: str, canaries: Canaries) -> None:
        self.folder, self.kind, self.canaries = folder, kind, canaries
        self.base = folder / "course"
        source = source_notebook(Course(ROOT, WORDS), "bptt")
        for cell in source.cells:
            task = task_of(cell).removeprefix("check-")
            if kind == "assert" and task_of(cell) != task:
                cell.source = ASSERTS[task]
        # Pictures cost seconds and say nothing about attacks.
        source.cells = [c for c in source.cells if "alt=" not in c.source]
        path = self.base / "source" / "bptt" / "bptt.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(source, path)
        (self.base / "nbgrader_config.py").write_text(CONFIG)
        text, _ = self._nbgrader(self.base, "generate_assignment")
        made = self.base / "release" / "bptt" / "bptt.ipynb"
        if not made.is_file():
            raise RuntimeError(text)
        self.released = nbformat.read(made, as_version=4)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def grade(self, attack: Attack) -> Found:
        """Grade an attacker and the honest student behind in one run."""
        here = self.folder / "run"
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(self.base, here)
        where = self.canaries.where
        for name, content in (
            ("a-attacker", notebook(attack, self.released, where)),
            ("b-honest", honest(self.released)),
        ):
            folder = here / "submitted" / name / "bptt"
            folder.mkdir(parents=True)
            (folder / "bptt.ipynb").write_bytes(content)
            if attack.folder and name == "a-attacker":
                attack.folder(folder, where)
        text, seconds = self._nbgrader(here, "autograde")
        shown = here / "autograded" / "a-attacker" / "bptt" / "bptt.ipynb"
        if shown.is_file():
            text += shown.read_text(errors="replace")
        points = [self._points(here, name) for name in ("a-attacker", "b-honest")]
        found = Found(attack, *points, seconds=round(seconds, 1))
        found.look(text, self.canaries)
        return found

    def _points(self, here: Path, student: str) -> float | None:
        from nbgrader.api import Gradebook, MissingEntry

        if not (here / "autograded" / student / "bptt" / "bptt.ipynb").is_file():
            return None
        with Gradebook(f"sqlite:///{here}/gradebook.db", "stock") as book:
            try:
                return float(book.find_submission("bptt", student).score)
            except MissingEntry:
                return None

    def _nbgrader(self, here: Path, what: str) -> tuple[str, float]:
        """Run nbgrader with a limit of time; end whatever it leaves."""
        run, start = uuid.uuid4().hex, time.perf_counter()
        environment = {
            "HOME": str(self.canaries.home),
            "PATH": f"{BIN}:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "UNROLLED_CANARY": self.canaries.tokens["environment"],
            "UNROLLED_RUN": run,
        }
        with subprocess.Popen(
            [BIN / "nbgrader", what, "bptt"], cwd=here, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        ) as process:  # fmt: skip
            try:
                text = process.communicate(timeout=SECONDS)[0]
            except subprocess.TimeoutExpired:
                end(run)
                text = process.communicate()[0]
        seconds = time.perf_counter() - start
        self.canaries.survivors = end(run, wait=0.5)
        return text.decode(errors="replace"), seconds


def end(run: str, wait: float = 0.0) -> list[int]:
    """End the processes that carry a run's mark in their environment; return them."""
    time.sleep(wait)
    ended: list[int] = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        pid = int(entry.parent.name)
        try:
            if f"UNROLLED_RUN={run}".encode() in entry.read_bytes():
                os.kill(pid, signal.SIGKILL)
                ended.append(pid)
        except OSError:
            continue
    return ended
