"""What a run says: JSON alone where asked for, old and new points, exit codes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from course_pkg.commands import app
from course_pkg.grade import screen, session, submissions
from course_pkg.grade.answer import STDOUT
from course_pkg.grade.results import Question, Result
from course_pkg.grade.screen import changes, grade_all
from course_pkg.grade.session import Step
from course_pkg.grade.settings import Options
from course_pkg.grade.submissions import find_submissions

from .paper import make_class, opened
from .tiny import make_course

pytestmark = pytest.mark.filterwarnings("ignore:Object of type")


def result(points: float, status: str = "graded", student: str = "ana") -> Result:
    """Return a result of one question."""
    return Result(student, points, 2, status, 0, [Question("tiny.double", points, 2)])


def step(how: Any, old: float | None, new: float, status: str = "graded") -> Step:
    """Return the end of a submission."""
    before = None if old is None else result(old)
    offered = result(new, status)
    return Step("ana", offered if how == "graded" else result(old or 0), how, before,
                offered)  # fmt: skip


def test_json_stands_alone_on_stdout_and_says_what_happened(
    tmp_path: Path, empty_gradebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row per submission, with what it had before and how it came about."""
    room = make_class(tmp_path, lambda to: make_course(to, empty_gradebook), 4)
    found = find_submissions(room, "tiny")
    for how in ("graded", "unchanged"):
        with opened(room, Options(jobs=1), tmp_path / "log") as grading:
            capsys.readouterr()
            grade_all(grading, found, STDOUT)
        said = capsys.readouterr()
        rows = {row["student"]: row for row in json.loads(said.out)}
        assert said.err == ""
        assert list(rows) == ["s000", "s001", "s002", "s003"]
        assert [rows[name]["how"] for name in ("s000", "s003")] == [how, how]
        assert rows["s001"]["status"] == "missing"
        before = None if how == "graded" else rows["s000"]["score"]
        assert rows["s000"]["before"] == before
        assert rows["s000"]["offered"] == rows["s000"]["score"]
    assert not Path("-").exists()


def test_old_and_new_points_stand_side_by_side() -> None:
    """Only what differs is a line; what was not entered says how it would be."""
    assert changes([step("graded", 1, 1), step("graded", None, 1)]) == []
    assert changes([step("unchanged", 1, 1)]) == []
    assert changes([step("graded", 1, 2)]) == [
        "old → new points:",
        "  ana: 1 → 2   double 1 → 2",
    ]
    [_, line] = changes([step("kept", 2, 0.5)])
    assert line.startswith("  ana: 2 → 0.5   double 2 → 0.5")
    assert line.endswith("not entered: --allow-lower would")


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ([step("graded", None, 1)], 0),
        ([step("unchanged", 1, 1)], 0),
        ([step("graded", 1, 2), step("kept", 2, 1)], 3),
        ([step("graded", None, 0, "unreadable")], 3),
        ([step("graded", None, 0, "crashed")], 3),
    ],
)
@pytest.mark.parametrize("command", ["grade", "regrade"])
def test_the_exit_code_says_whether_a_person_is_needed(
    monkeypatch: pytest.MonkeyPatch, command: str, steps: list[Step], code: int
) -> None:
    """3 for what could not be graded and for what would have been lowered."""
    asked: list[Options] = []

    @contextmanager
    def grading(room: Any, word: str, options: Options) -> Iterator[None]:
        asked.append(options)
        yield

    monkeypatch.setattr(session, "grading", grading)
    monkeypatch.setattr(submissions, "find_submissions", lambda *_: [])
    monkeypatch.setattr(screen, "grade_all", lambda *_: steps)
    for more in ([], ["--allow-lower"]):
        done = CliRunner().invoke(app, [command, "bptt", *more])
        assert (done.exit_code, done.output) == (code, "")
        assert asked[-1].regrade == (command == "regrade")
        assert asked[-1].allow_lower == bool(more)
