"""A class on a real Dask cluster: two worker processes, one of which is killed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from course_pkg.grade import dask
from course_pkg.grade.course import CourseError

from . import paper, stations
from .conftest import make_course

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Object of type"),  # config.be_quiet says why
]

ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]),
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False",
}


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen] = []
        self.scheduler = scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
        )
        self.address = self._heard(scheduler, r"Scheduler at:\s+(tcp://\S+)")

    def worker(self) -> subprocess.Popen:
        process = self._start(
            "worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard",
            "--host", "127.0.0.1",
        )  # fmt: skip
        self._heard(process, "Registered to")
        return process

    def _start(self, *command: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + command[0], *command[1:]],
            stderr=subprocess.PIPE, text=True, env=ENVIRONMENT,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def _heard(self, process: subprocess.Popen, pattern: str) -> str:
        assert process.stderr
        for line in process.stderr:
            found = re.search(pattern, line)
            if found:
                return found[found.lastindex or 0]
        raise AssertionError("the process ended")

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    opened = Cluster()
    yield opened
    opened.close()


def test_units_come_back_once_though_a_worker_is_killed(
    cluster: Cluster, tmp_path: Path
) -> None:
    first, _ = cluster.worker(), cluster.worker()
    station = partial(stations.quick, tmp_path, 0.1)
    units = [f"ok:{n}" for n in range(20)] + ["raise:x"]
    found = []
    for unit, outcome in dask.run(units, station, cluster.address):
        found.append(unit)
        if len(found) == 5:
            first.kill()
        if unit == "raise:x":
            assert outcome.reason == "OSError: the box is broken"
        else:
            assert outcome.startswith(f"graded {unit}")
    assert sorted(found) == sorted(units)
    assert len(list(tmp_path.glob("open-*"))) == 2, "a station per worker, kept open"


def test_a_class_on_a_cluster_is_entered_once(
    cluster: Cluster, tmp_path: Path, empty_gradebook: Path,
) -> None:  # fmt: skip
    workers = {
        str(worker.pid): worker for worker in (cluster.worker(), cluster.worker())
    }
    make = partial(make_course, gradebook=empty_gradebook)
    room = paper.make_class(tmp_path, make, 16)
    log = tmp_path / "log"

    def graders() -> set[str]:
        return {line.split()[1] for line in log.read_text().splitlines()}

    with paper.opened(
        room, paper.Options(scheduler=cluster.address), log, 0.1
    ) as grading:
        steps = []
        for step in grading.steps(paper.find_submissions(room, "tiny")):
            steps.append(step.student)
            if len(steps) == 6:
                # The other may have come too late for any of these: it gets the rest.
                busy = workers[graders().pop()]
                assert busy.poll() is None
                busy.kill()
    assert sorted(steps) == [f"s{n:03}" for n in range(16)]
    assert graders() == workers.keys()
    with paper.opened(room, paper.Options(), log, workers=paper.here) as grading:
        steps = list(grading.steps(paper.find_submissions(room, "tiny")))
        assert {step.how for step in steps} == {"unchanged"}
    there = paper.Gradebook(room.db_url, paper.COURSE_ID)
    with there as book:
        assert len(book.assignment_submissions("tiny")) == 16


SCRIPT = """
import sys
from pathlib import Path
from course_pkg.grade import dask
from course_pkg.grade.course import CourseError
from grade import paper
dask.SECONDS_TO_CONNECT = 5  # and to try to come back
root, address = Path(sys.argv[1]), sys.argv[2]
paper.be_quiet()
try:
    options = paper.Options(scheduler=address)
    with paper.opened(paper.room_of(root), options, root / "log", 0.1) as grading:
        for step in grading.steps(paper.find_submissions(grading.ledger.room, "tiny")):
            print(step.student, flush=True)
except CourseError as error:
    print(f"course: {error}")
"""


def test_a_scheduler_that_dies_is_told_and_the_next_run_goes_on(
    cluster: Cluster, tmp_path: Path, empty_gradebook: Path
) -> None:
    cluster.worker()
    make = partial(make_course, gradebook=empty_gradebook)
    room = paper.make_class(tmp_path, make, 12)
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), cluster.address]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=ENVIRONMENT,
    ) as run:  # fmt: skip
        assert run.stdout
        assert run.stderr
        first = [run.stdout.readline().strip() for _ in range(4)]
        cluster.scheduler.kill()
        *more, last = run.stdout.read().splitlines()
        assert run.stderr.read() == ""
    assert last.startswith(f"course: the scheduler at {cluster.address} went away; ")
    done = {*first, *more}
    assert 4 <= len(done) < 12
    log = tmp_path / "log"
    with paper.opened(room, paper.Options(), log, workers=paper.here) as grading:
        steps = list(grading.steps(paper.find_submissions(room, "tiny")))
    assert {step.student for step in steps if step.how == "unchanged"} == done
    assert sorted(step.student for step in steps) == [f"s{n:03}" for n in range(12)]


def test_a_station_that_does_not_open_is_told(cluster: Cluster) -> None:
    cluster.worker()
    with pytest.raises(dask.Broken, match="bubblewrap is missing"):
        list(dask.run(["ok:1"], stations.shut, cluster.address))


def test_no_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(CourseError, match=r"^no scheduler at tcp://127\.0\.0\.1:9: "):
        list(dask.run(["ok:1"], stations.shut, "tcp://127.0.0.1:9"))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "tcp://127.0.0.1", "tcp://grader:dask", "http://a:8786"]
)
def test_what_is_no_address_is_told(address: str) -> None:
    """Dask's own client waits for half a minute and ends in a traceback."""
    with pytest.raises(CourseError, match=r"expected tcp://HOST:PORT, got '"):
        list(dask.run(["ok:1"], stations.shut, address))
