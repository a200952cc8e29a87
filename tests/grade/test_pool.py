"""Local workers: what dies is replaced, and nothing outlives the run."""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from itertools import count
from pathlib import Path

import psutil
import pytest

from course_pkg.grade import pool
from course_pkg.grade.work import Broken, Failure

from . import stations

pytestmark = pytest.mark.slow  # worker processes


@pytest.fixture(autouse=True, scope="module")
def light() -> None:
    """Start workers without what a real unit imports."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "PRELOADED", [])
        yield


def grade(folder: Path, *units: str, jobs: int = 2, **more: float) -> dict:
    station = partial(stations.quick, folder)
    outcomes = list(pool.run(units, station, jobs, **more))
    assert len(outcomes) == len(units), "none doubled, none lost"
    return dict(outcomes)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def workers(folder: Path) -> set[int]:
    return {int(p.name.partition("-")[2]) for p in folder.glob("open-*")}


def gone(pids: set[int]) -> bool:
    """Wait until none of the processes is alive, ten seconds at most."""
    for _ in range(200):
        if not any(map(alive, pids)):
            return True
        time.sleep(0.05)
    return False


def test_every_unit_comes_back_once(tmp_path: Path) -> None:
    units = [f"ok:{n}" for n in range(20)]
    outcomes = grade(tmp_path, *units, jobs=3)
    assert set(outcomes) == set(units)
    assert all(text.startswith(f"graded {unit}") for unit, text in outcomes.items())
    used = {int(text.split()[-1]) for text in outcomes.values()}
    assert 1 <= len(used) <= 3
    assert gone(workers(tmp_path))


def test_no_more_workers_than_units(tmp_path: Path) -> None:
    grade(tmp_path, "ok:1", jobs=8)
    assert len(workers(tmp_path)) == 1
    assert grade(tmp_path, jobs=8) == {}


def test_units_are_taken_when_a_worker_is_free(tmp_path: Path) -> None:
    taken = []

    def endless():
        for n in count():
            taken.append(n)
            yield f"ok:{n}"

    found = pool.run(endless(), partial(stations.quick, tmp_path), 2)
    for _ in range(5):
        next(found)
    assert len(taken) <= 7
    found.close()
    assert gone(workers(tmp_path))


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ("always:x", "the worker that graded it died: Killed"),
        ("exit:x", "the worker that graded it died: exit code 3"),
        ("raise:x", "OSError: the box is broken"),
    ],
)
def test_a_unit_that_ends_two_workers_is_told(
    tmp_path: Path, unit: str, reason: str
) -> None:
    outcomes = grade(tmp_path, "ok:1", unit, "ok:2", "ok:3")
    assert outcomes[unit] == Failure(reason)
    assert sum(isinstance(found, Failure) for found in outcomes.values()) == 1
    assert (tmp_path / "tries").read_text().split().count(unit) == 2


def test_a_unit_whose_worker_was_killed_is_tried_again(tmp_path: Path) -> None:
    outcomes = grade(tmp_path, "once:1", "ok:1", "once:2", jobs=1)
    assert [outcomes[u].split()[1] for u in outcomes] == list(outcomes)
    assert len(workers(tmp_path)) == 3


def test_what_cannot_be_sent_is_a_failure(tmp_path: Path) -> None:
    outcomes = grade(tmp_path, "odd:1", "ok:1")
    assert isinstance(outcomes["odd:1"], Failure)
    assert isinstance(outcomes["ok:1"], str)


def test_a_worker_without_an_answer_counts_as_dead(tmp_path: Path) -> None:
    outcomes = grade(tmp_path, "hang:1", "ok:1", "ok:2", seconds=1.5)
    reason = "no answer in the time for a whole submission"
    assert outcomes["hang:1"] == Failure(reason)
    assert {"ok:1", "ok:2"} <= set(outcomes)
    assert gone(workers(tmp_path))


def test_a_station_that_does_not_open_ends_the_run() -> None:
    with pytest.raises(
        Broken, match=r"^bubblewrap is missing; apt install bubblewrap$"
    ):
        list(pool.run(["ok:1"], stations.shut, 2))


def test_a_station_may_be_killed_as_it_opens(tmp_path: Path) -> None:
    [(_, outcome)] = pool.run(["ok:1"], partial(stations.stuck, tmp_path), 1)
    assert outcome.startswith("graded ok:1")


def server() -> psutil.Process:
    """Return the process that forks our workers."""
    ours = psutil.Process().children()
    [found] = [p for p in ours if "multiprocessing.forkserver" in str(p.cmdline())]
    return found


def test_what_forks_the_workers_may_be_killed(tmp_path: Path) -> None:
    units = ["ok:1", "once:2", "ok:3"]
    found = []
    for unit, outcome in pool.run(units, partial(stations.quick, tmp_path), 1):
        found.append(unit)
        assert outcome.startswith(f"graded {unit}")
        if unit == "ok:1":
            server().kill()
    assert found == units


def test_what_forks_the_workers_may_be_killed_while_it_forks(tmp_path: Path) -> None:
    grade(tmp_path, "ok:1")
    server().suspend()  # a run now waits for it
    threading.Timer(0.5, server().kill).start()
    grade(tmp_path, "ok:2")


SCRIPT = """
import sys
from functools import partial
from pathlib import Path
from course_pkg.grade import pool
from grade import stations
pool.PRELOADED = []
station = partial(stations.quick, Path(sys.argv[1]), 0.1)
try:
    for unit, outcome in pool.run(sys.argv[2:], station, 2):
        print(unit, flush=True)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_workers_end_with_the_run(tmp_path: Path, number: signal.Signals) -> None:
    """Also when it is killed without a word, and while they are at work."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    units = ["ok:1", "hang:2", "hang:3"]
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path), *units],
        stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True,
    ) as run:  # fmt: skip
        assert run.stdout
        assert run.stdout.readline() == "ok:1\n"
        for _ in range(200):
            if "hang:3" in (tmp_path / "tries").read_text():
                break
            time.sleep(0.05)
        pids = workers(tmp_path)
        assert all(map(alive, pids))
        if number is signal.SIGINT:
            os.killpg(run.pid, number)  # a terminal's Ctrl-C goes to the whole group
        else:
            run.send_signal(number)
        assert run.wait(30) == (130 if number is signal.SIGINT else -number)
    assert gone(pids)
