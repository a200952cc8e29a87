"""The gradebook on a real PostgreSQL server: the same class, the same gradebook."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from course_pkg.grade.course import Classroom, CourseError
from course_pkg.grade.ledger import writing
from course_pkg.grade.moving import copy
from course_pkg.grade.screen import keep_standing
from course_pkg.grade.session import Grading, grading

from . import paper
from .conftest import make_course
from .server import Server

pytestmark = [
    pytest.mark.slow,  # a server
    pytest.mark.filterwarnings("ignore:Object of type"),  # config.be_quiet says why
]
COUNT = 6


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    opened = Server()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def released(
    server: Server, tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path
) -> Classroom:
    """Return a class that nobody has graded, with the tables made on the server."""
    root = tmp_path_factory.mktemp("class")
    make = partial(make_course, gradebook=empty_gradebook)
    paper.make_class(root, make, COUNT)
    room = paper.room_of(root, server.database())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNROLLED_SEED_FILE", str(root / "seed"))
        with grading(room, "tiny", paper.Options()):
            return room


@pytest.fixture
def room(released: Classroom, server: Server, tmp_path: Path) -> Classroom:
    """Return a class of its own for one test."""
    shutil.copytree(released.root.parent, tmp_path, dirs_exist_ok=True)
    return paper.room_of(tmp_path, server.database(like=released.db_url))


@contextmanager
def opened(room: Classroom, **options: bool) -> Iterator[Grading]:
    log = room.root / "log"
    with paper.opened(room, paper.Options(**options), log, workers=paper.here) as found:
        yield found


def grade(room: Classroom, count: int = COUNT, **more: bool) -> list[str]:
    """Grade some of the class; return what was graded, kept or unchanged."""
    with opened(room, **more) as running:
        submissions = paper.find_submissions(room, "tiny")[:count]
        hows = [step.how for step in running.steps(submissions)]
        keep_standing(running)
    return hows


def test_a_class_is_the_same_on_a_server(room: Classroom, tmp_path: Path) -> None:
    """All rows of nbgrader's and of ours, the files, and what is not graded again."""
    assert grade(room, 4) == ["graded"] * 4
    assert sorted(grade(room)) == ["graded"] * 2 + ["unchanged"] * 4
    assert grade(room) == ["unchanged"] * COUNT
    found = paper.standing(room)
    assert len(found["rows"]) == len(found["results"]) == COUNT
    local = paper.room_of(tmp_path)
    assert grade(local) == ["graded"] * COUNT
    assert paper.standing(local) == found
    engine = create_engine(room.db_url)
    with engine.connect() as connection:
        [row] = connection.execute(text("SELECT version_num FROM alembic_version"))
    engine.dispose()
    assert len(row[0]) == 12, "by which nbgrader sees that all is up to date"


def test_points_of_persons_stay_on_a_server(room: Classroom) -> None:
    """Also those of an extra credit and through a regrade."""
    grade(room)
    with paper.Gradebook(room.db_url, paper.COURSE_ID) as book:
        mark = book.find_grade("check-double", "tiny", "tiny", "s003")
        mark.manual_score, mark.extra_credit = 0.25, 1.5
        book.db.commit()
    before = paper.standing(room)["rows"]["s003"]
    assert before[0] == 1.75
    grade(room, regrade=True)
    after = paper.standing(room)["rows"]["s003"]
    assert [row[:3] for row in after[1]] == [row[:3] for row in before[1]]


SCRIPT = """
import sys
from pathlib import Path
from grade import paper
from course_pkg.grade.config import be_quiet
be_quiet()
room = paper.room_of(Path(sys.argv[1]), sys.argv[2])
with paper.opened(room, paper.Options(), room.root / "log", workers=paper.here) as run:
    for step in run.steps(paper.find_submissions(room, "tiny")):
        print(step.student, flush=True)
        if step.student == sys.argv[3]:
            input()
"""


def test_a_killed_run_lets_go_of_the_server(room: Classroom, tmp_path: Path) -> None:
    """A second run is refused while it lives; then the next one goes on."""
    grade(room, 1)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(["tests", *sys.path])}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path), room.db_url, "s004"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    ) as run:  # fmt: skip
        assert run.stdout
        assert "s004\n" in run.stdout
        elsewhere = replace(room, root=tmp_path / "elsewhere")
        refused = pytest.raises(CourseError, match=r"^another course grade is at work")
        with refused, writing(elsewhere, "tiny"):
            pass
        run.send_signal(signal.SIGKILL)
    graded = grade(room).count("graded")
    assert 1 <= graded < COUNT - 1
    assert paper.standing(room)["rows"].keys() == {f"s{n:03}" for n in range(COUNT)}


def test_a_server_that_dies_is_told_and_the_next_run_goes_on(
    room: Classroom, server: Server
) -> None:
    def grade_until_it_dies() -> None:
        with opened(room) as run:
            for step, _ in enumerate(run.steps(paper.find_submissions(room, "tiny"))):
                if step == 3:
                    server.stop()

    with pytest.raises(CourseError, match=r"^gradebook: ") as told:
        grade_until_it_dies()
    assert "\n" not in str(told.value)
    server.restart()
    assert sorted(grade(room)) == ["graded"] * 2 + ["unchanged"] * 4


def test_a_gradebook_moves_to_the_server(
    room: Classroom, server: Server, tmp_path: Path
) -> None:
    local, room = paper.room_of(tmp_path), replace(room, db_url=server.database())
    grade(local)
    copy(local, room)
    assert grade(room) == ["unchanged"] * COUNT
    assert paper.standing(room) == paper.standing(local)
