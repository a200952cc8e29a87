"""The gradebook's one writer, with nbgrader's own eyes on what it wrote."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from course_pkg.grade import files
from course_pkg.grade.config import COURSE_ID
from course_pkg.grade.course import Classroom, Course, CourseError, classroom
from course_pkg.grade.ledger import Ledger, results, writing
from course_pkg.grade.marks import Graded
from course_pkg.grade.release import release
from course_pkg.grade.results import Question, Result
from course_pkg.grade.results import zero as no_points

from .conftest import make_course

pytestmark = [
    pytest.mark.slow,  # releasing an assignment takes nbgrader a second or two
    pytest.mark.filterwarnings("ignore:Object of type"),  # config.be_quiet says why
]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Course:
    """Return a course whose assignment is released, with no class yet."""
    course = make_course(tmp_path_factory.mktemp("ledger"), empty_gradebook)
    release(course, "tiny")
    return course


@pytest.fixture
def room(released: Course, tmp_path: Path) -> Classroom:
    """Return a classroom of its own for one test."""
    content = (released.root / "gradebook.db").read_bytes()
    (tmp_path / "gradebook.db").write_bytes(content)
    return classroom(released, "tiny", tmp_path / "in", tmp_path)


@pytest.fixture
def ledger(room: Classroom) -> Iterator[Ledger]:
    with writing(room, "tiny") as opened:
        yield opened


def notebook(room: Classroom, **answers: str) -> dict:
    """Return the released notebook with some answers, as plain data."""
    found: Any = nbformat.read(room.course.assignment("tiny"), as_version=4)
    for cell in found.cells:
        cell.source = answers.get(cell.id, cell.source)
    return json.loads(json.dumps(found))


def graded(
    room: Classroom, student: str = "ana", double: float = 1.5,
    why: float | None = None, content: str = "c1", key: str = "k1", **more: Any,
) -> Graded:  # fmt: skip
    questions = [
        Question("tiny.double", double, 2.0, "1 of 2 right"),
        Question("tiny.why", why, 1.0),
    ]
    score = double + (why or 0)
    result = Result(student, score, 3.0, "graded", 0.1, questions)
    page = notebook(room, double=f"# {content} {key}", why="Sums.")
    return replace(Graded(result, key, content, "s1", page), **more)


def zero(room: Classroom, student: str = "ana", **more: Any) -> Graded:
    tasks = room.course.tasks("tiny")
    result = no_points(tasks, "tiny", student, "unreadable", "not JSON")
    return Graded(result, **{"key": "k0", "content": "c0", "seed": "s1"} | more)


def grades(room: Classroom, student: str) -> dict[str, tuple]:
    """Read a student's grades as nbgrader's own program would."""
    with Gradebook(room.db_url, COURSE_ID) as book:
        found = book.find_submission_notebook("tiny", "tiny", student)
        return {
            g.name: (g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
            for g in found.grades
        }


def by_hand(room: Classroom, cell: str, student: str = "ana", **values: Any) -> None:
    """Enter what a person enters in the formgrader."""
    with Gradebook(room.db_url, COURSE_ID) as book:
        found = book.find_grade(cell, "tiny", "tiny", student)
        for name, value in values.items():
            setattr(found, name, value)
        book.db.commit()


def test_nbgrader_reads_what_was_entered(ledger: Ledger, room: Classroom) -> None:
    entered = ledger.enter(graded(room))
    assert (entered.before, entered.kept) == (None, False)
    assert entered.result.score == 1.5
    assert grades(room, "ana") == {
        "check-double": (1.5, None, None, False),
        "why": (None, None, None, True),
    }
    with Gradebook(room.db_url, COURSE_ID) as book:
        submission = book.find_submission("tiny", "ana")
        assert (submission.score, submission.max_score) == (1.5, 3.0)
        assert submission.needs_manual_grade
        [inner] = submission.notebooks
        assert {c.name: c.comment for c in inner.comments} == {
            "double": None, "why": None,
        }  # fmt: skip
        assert book.submission_dicts("tiny")[0]["student"] == "ana"
        assert book.student_dicts()[0]["score"] == 1.5
    path = room.autograded("tiny", "ana") / "tiny.ipynb"
    assert json.loads(path.read_text()) == graded(room).notebook
    assert [p.name for p in path.parent.iterdir()] == ["tiny.ipynb"]


def test_an_answer_that_nobody_wrote_gets_nbgraders_comment(
    ledger: Ledger, room: Classroom
) -> None:
    ledger.enter(graded(room, why=0.0, notebook=notebook(room)))
    with Gradebook(room.db_url, COURSE_ID) as book:
        assert book.find_comment("why", "tiny", "tiny", "ana").comment == "No response."
        assert book.find_comment("double", "tiny", "tiny", "ana").comment
    assert grades(room, "ana")["why"] == (0.0, None, None, False)


def test_a_second_entry_takes_the_place_of_the_first(
    ledger: Ledger, room: Classroom
) -> None:
    ledger.enter(graded(room))
    second = ledger.enter(graded(room, double=0.5, content="c2", key="k2"))
    assert second.before is not None
    assert (second.before.score, second.result.score) == (1.5, 0.5)
    with Gradebook(room.db_url, COURSE_ID) as book:
        [submission] = book.assignment_submissions("tiny")
        [inner] = submission.notebooks
        assert (len(inner.grades), len(inner.comments)) == (2, 2)
    assert [result.score for result in results(room, "tiny")] == [0.5]


def test_what_persons_entered_stays(ledger: Ledger, room: Classroom) -> None:
    ledger.enter(graded(room))
    by_hand(room, "why", manual_score=0.75, needs_manual_grade=False)
    by_hand(room, "check-double", manual_score=1.75, extra_credit=0.5)
    with Gradebook(room.db_url, COURSE_ID) as book:
        book.find_comment("why", "tiny", "tiny", "ana").manual_comment = "Nice."
        book.find_submission_notebook("tiny", "tiny", "ana").flagged = True
        book.db.commit()
    again = ledger.enter(graded(room, double=1.0, content="c2", key="k2"))
    assert grades(room, "ana") == {
        "check-double": (1.0, 1.75, 0.5, True),
        "why": (None, 0.75, None, True),
    }
    assert [q.points for q in again.result.questions] == [2.25, None]
    message = again.result.questions[1].message
    assert message.endswith("(marked 0.75 in an earlier run)")
    ledger.enter(zero(room))
    assert grades(room, "ana") == {
        "check-double": (0.0, 1.75, 0.5, True),
        "why": (0.0, 0.75, None, True),
    }
    with Gradebook(room.db_url, COURSE_ID) as book:
        assert book.find_comment("why", "tiny", "tiny", "ana").comment == "Nice."
        assert book.find_submission_notebook("tiny", "tiny", "ana").flagged


def test_nobody_is_asked_again_where_nothing_changed_for_them(
    ledger: Ledger, room: Classroom
) -> None:
    ledger.enter(graded(room))
    by_hand(room, "why", manual_score=0.75, needs_manual_grade=False)
    entered = ledger.enter(graded(room, double=2.0, key="k2"))
    assert grades(room, "ana")["why"] == (None, 0.75, None, False)
    assert [q.points for q in entered.result.questions] == [2.0, 0.75]
    assert entered.result.score == 2.75
    assert entered.result.questions[1].message == ""
    by_hand(room, "check-double", manual_score=1.0, needs_manual_grade=False)
    ledger.enter(graded(room, double=1.0, key="k3"), allow_lower=True)
    assert grades(room, "ana")["check-double"] == (1.0, 1.0, None, True)


def test_what_cannot_be_graded_is_a_zero_for_a_person(
    ledger: Ledger, room: Classroom
) -> None:
    ledger.enter(graded(room))
    page = room.feedback("tiny", "ana") / "tiny.html"
    page.parent.mkdir(parents=True)
    page.touch()
    ledger.enter(zero(room))
    assert set(grades(room, "ana").values()) == {(0.0, None, None, True)}
    assert not room.autograded("tiny", "ana").exists()
    assert not page.exists()
    by_hand(room, "why", manual_score=1.0, needs_manual_grade=False)
    assert ledger.done("ana", "k0").score == 1.0


@pytest.mark.parametrize("name", ["a\udcff", "b" * 200, "c\nd", "ü" * 127 + "x"])
def test_a_name_of_any_kind_has_its_row(
    ledger: Ledger, room: Classroom, name: str
) -> None:
    ledger.enter(zero(room, name))
    assert ledger.done(name, "k0").student == name
    assert [result.student for result in ledger.results()] == [name]


def test_done_means_nothing_changed_since(ledger: Ledger, room: Classroom) -> None:
    noon = datetime(2026, 1, 1, 12)
    assert ledger.done("ana", "k1") is None
    ledger.enter(graded(room, when=noon))
    done = ledger.done("ana", "k1", noon)
    assert done is not None
    assert (done.score, done.questions[0].message) == (1.5, "1 of 2 right")
    assert ledger.done("ana", "k2", noon) is None
    assert ledger.done("ana", "k1") is None, "handed in at another time"
    path = ledger.notebook("ana")
    content = path.read_bytes()
    path.write_bytes(content + b"\n")
    assert ledger.done("ana", "k1", noon) is None
    path.unlink()
    assert ledger.done("ana", "k1", noon) is None
    path.write_bytes(content)
    assert ledger.done("ana", "k1", noon) == done
    by_hand(room, "check-double", auto_score=2.0)
    assert ledger.done("ana", "k1", noon) is None, "another program graded it"
    by_hand(room, "check-double", auto_score=1.5)
    assert ledger.done("ana", "k1", noon) == done
    with Gradebook(room.db_url, COURSE_ID) as book:
        book.remove_submission("tiny", "ana")
    assert ledger.done("ana", "k1", noon) is None
    ledger.enter(graded(room, when=noon))
    assert ledger.done("ana", "k1", noon) == done


@pytest.mark.parametrize(
    "new",
    [
        {"double": 1.0},
        {"double": 2.0, "why": 0.0},
        {"double": 0.0, "why": 1.0},
    ],
    ids=["sum", "one question", "both ways"],
)
def test_a_lower_result_of_the_same_content_is_refused(
    ledger: Ledger, room: Classroom, new: dict
) -> None:
    first = {"double": 1.5, "why": 0.5}
    ledger.enter(graded(room, **first))
    kept = ledger.enter(graded(room, key="k2", **first | new))
    assert kept.kept
    assert kept.result.score == 2.0
    assert kept.offered.score == sum((first | new).values())
    assert grades(room, "ana")["check-double"][0] == 1.5
    assert json.loads(ledger.notebook("ana").read_text()) == graded(room).notebook
    assert ledger.done("ana", "k2"), "the refused one is not graded again"
    assert ledger.done("ana", "k1")
    lowered = ledger.enter(graded(room, key="k2", **first | new), allow_lower=True)
    assert not lowered.kept
    assert grades(room, "ana")["check-double"][0] == (first | new)["double"]
    assert ledger.done("ana", "k1") is None


def test_a_crash_of_ours_lowers_nothing(ledger: Ledger, room: Classroom) -> None:
    ledger.enter(graded(room, double=0.0))
    assert ledger.enter(zero(room, content="c1")).kept
    assert not ledger.enter(zero(room, content="c2")).kept


def test_a_late_submission_is_dated_and_penalised(
    ledger: Ledger, room: Classroom
) -> None:
    from nbgrader.plugins import LateSubmissionPlugin
    from traitlets.config import Config

    class Strict(LateSubmissionPlugin):
        def late_submission_penalty(self, student_id, score, total_seconds_late):
            return total_seconds_late / 3600

    due = datetime(2026, 1, 1)
    with Gradebook(room.db_url, COURSE_ID) as book:
        book.find_assignment("tiny").duedate = due
        book.db.commit()

    def penalty(hour: int, **more: Any) -> float | None:
        late = Ledger(room, "tiny", ledger.engine, config)
        late.enter(graded(room, when=due.replace(hour=hour), **more))
        with Gradebook(room.db_url, COURSE_ID) as book:
            inner = book.find_submission_notebook("tiny", "tiny", "ana")
            assert inner.assignment.timestamp == due.replace(hour=hour)
            return inner.late_submission_penalty

    config = Config()
    assert penalty(1) is None
    config.AssignLatePenalties.plugin_class = Strict
    assert penalty(1) == 1.0
    assert penalty(9) == 1.5, "no more than there is"
    assert penalty(0) is None


def test_a_second_writer_is_refused(ledger: Ledger, room: Classroom) -> None:
    refusal = r"^another course grade .*\(process \d+\)"
    with pytest.raises(CourseError, match=refusal), writing(room, "tiny"):
        pass
    elsewhere = replace(room, root=room.root / "elsewhere")
    with pytest.raises(CourseError, match=refusal), writing(elsewhere, "tiny"):
        pass
    assert results(room, "tiny") == []


def test_an_interrupted_entry_leaves_nothing(
    ledger: Ledger, room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.enter(graded(room))
    before = (room.root / "gradebook.db").read_bytes()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "_record", stop)
    with pytest.raises(KeyboardInterrupt):
        ledger.enter(graded(room, "bo"))
    with pytest.raises(KeyboardInterrupt):
        ledger.enter(graded(room, double=2.0, content="c2", key="k2"))
    assert (room.root / "gradebook.db").read_bytes() == before
    assert ledger.done("ana", "k1")
    ledger.recover()
    assert not list(room.root.glob("autograded/*/*/.*"))


def test_recovery_finishes_what_was_entered(
    ledger: Ledger, room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.enter(graded(room))
    with monkeypatch.context() as patch:
        patch.setattr(files, "install", lambda *_: False)
        ledger.enter(graded(room, double=2.0, content="c2", key="k2"))
    assert ledger.done("ana", "k2") is None
    ledger.recover()
    assert ledger.done("ana", "k2").score == 2.0
    assert [p.name for p in ledger.notebook("ana").parent.iterdir()] == ["tiny.ipynb"]


def test_results_need_a_graded_class(room: Classroom) -> None:
    with pytest.raises(CourseError, match="run: course grade tiny"):
        results(room, "tiny")


def test_a_gradebook_that_is_none_is_named(room: Classroom) -> None:
    (room.root / "gradebook.db").write_text("not a database " * 100)
    reason = r"^gradebook.*not a database"
    with pytest.raises(CourseError, match=reason), writing(room, "tiny"):
        pass


def test_tables_of_a_run_that_died_are_completed(room: Classroom) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(room.db_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with writing(room, "tiny"), engine.connect() as connection:
        [row] = connection.execute(text("SELECT version_num FROM alembic_version"))
        assert len(row[0]) == 12
    engine.dispose()
