"""A small class, from the inbox to points, messages and feedback pages."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from course_pkg.grade import report
from course_pkg.grade.course import Classroom, Course, classroom
from course_pkg.grade.feedback import write_feedback
from course_pkg.grade.release import release
from course_pkg.grade.results import Question, Result
from course_pkg.grade.run import (
    Session,
    grade_submission,
    gradebook,
    open_session,
    run_source,
)
from course_pkg.grade.submissions import find_submissions

from .tiny import make_course, submit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Object of type"),  # config.be_quiet says why
]

RIGHT = "def double(x):\n    return 2 * x"
SECONDS = 3
LATE = "WrongAnswer: your answer ran longer than the limit of"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Session:
    """Return a session for a class in a folder of its own."""
    root = tmp_path_factory.mktemp("run")
    course = make_course(root / "course", empty_gradebook)
    release(course, "tiny")
    (root / "room").mkdir()
    shutil.copy(empty_gradebook, root / "room")
    room = classroom(course, "tiny", root / "in", root / "room")
    return open_session(room, "tiny", SECONDS)


def grade(session: Session, student: str, **answers: str) -> Result:
    """Hand in answers and grade them."""
    released = session.room.course.assignment("tiny")
    submit(session.room.inbox, student, released, **answers)
    [submission] = find_submissions(session.room, "tiny", [student])
    return grade_submission(submission, session)


@pytest.mark.parametrize(
    ("answer", "points", "message", "misconception"),
    [
        (RIGHT, 2, "2 of 2 right", None),
        ("def double(x):\n    return x * x", 0, "0 of 2 right", "squared"),
        ("def double(x):\n    return 2", 1, "1 of 2 right", None),
        ("def double(x)\n    return 2 * x", 0, "the answer's cell stops: Syn", None),
        ("dubble = 1", 0, "NameError: name 'double' is not defined", None),
        ("def double(x):\n    while True: pass", 0, f"{LATE} 5 s", None),
        (f"import warnings; warnings.warn('old')\n{RIGHT}", 2, "2 of 2 right", None),
        (f"{RIGHT}\ncheck = lambda *a: None", 2, "2 of 2 right", None),
        ("def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()", 0,
         "not done yet", None),
    ],
    ids=["right", "named", "partly", "syntax", "name", "endless", "stderr", "shadow",
         "empty"],
)  # fmt: skip
def test_answers(
    session: Session,
    answer: str,
    points: float,
    message: str,
    misconception: str | None,
) -> None:
    """Each answer has its points, and a message that says why."""
    result = grade(session, "ana", double=answer)
    question = result.questions[0]
    assert (result.status, question.id) == ("graded", "tiny.double")
    assert (question.points, result.score) == (points, points)
    assert question.message.startswith(message)
    assert question.misconception == misconception


def test_a_written_answer_waits_for_a_person(session: Session) -> None:
    """Written: no points until a person gives them. Not written: a plain zero."""
    assert grade(session, "will").questions[1] == Question(
        "tiny.why", 0.0, 1.0, "no answer written"
    )
    waiting = grade(session, "will", why="It is addition.")
    assert waiting.waiting
    assert waiting.questions[1].points is None
    with gradebook(session.room) as book:
        book.find_grade("why", "tiny", "tiny", "will").manual_score = 0.5
        book.find_grade("why", "tiny", "tiny", "will").needs_manual_grade = False
        book.db.commit()
    again = grade(session, "will", why="It is addition.")
    assert again.questions[1].points is None, "a regrade asks the person to look again"
    assert "marked 0.5 in an earlier run" in again.questions[1].message
    with gradebook(session.room) as book:
        assert book.find_grade("why", "tiny", "tiny", "will").manual_score == 0.5


def test_an_answer_that_ends_its_process_costs_its_question(session: Session) -> None:
    """The class goes on, and so does the rest of the notebook."""
    result = grade(session, "dee", double="import os; os._exit(1)", why="Sums.")
    assert (result.status, result.score) == ("graded", 0)
    assert result.questions[0].points == 0
    assert result.waiting


def test_deleting_the_check_changes_nothing(session: Session) -> None:
    """The check is put back and the answer keeps its points."""
    import nbformat

    released = session.room.course.assignment("tiny")
    path = submit(session.room.inbox, "lou", released, double=RIGHT)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [c for c in notebook.cells if c.id != "check-double"]
    nbformat.write(notebook, path)
    [submission] = find_submissions(session.room, "tiny", ["lou"])
    result = grade_submission(submission, session)
    note = "Put back, as it had been deleted: check-double."
    assert (result.score, result.note) == (2, note)


def test_a_copied_answer_keeps_its_points(session: Session) -> None:
    """Cells that were copied with their metadata count once, the last of each."""
    import nbformat

    released = session.room.course.assignment("tiny")
    path = submit(session.room.inbox, "moe", released, double="def double(x): pass")
    notebook = nbformat.read(path, as_version=4)
    for cell in [c for c in notebook.cells if "double" in c.id]:
        copy = nbformat.from_dict({**cell, "id": f"copy-{cell.id}"})
        copy.source = RIGHT if cell.id == "double" else cell.source
        notebook.cells.append(copy)
    nbformat.write(notebook, path)
    [submission] = find_submissions(session.room, "tiny", ["moe"])
    result = grade_submission(submission, session)
    assert (result.status, result.score) == ("graded", 2)


@pytest.fixture
def odd_class(session: Session) -> tuple[Classroom, list[Result]]:
    """Grade a class in which only two submissions are sound."""
    other = session.room.root.parent / "odd"
    session = replace(session, room=replace(session.room, inbox=other))
    inbox, released = session.room.inbox, session.room.course.assignment("tiny")
    script = "print('<script>alert(1)</script>')"
    submit(inbox, "<b>o'neil {x} ü", released, double=f"{script}\n{RIGHT}")
    submit(inbox, "zoe", released, double=RIGHT, why="Sums.")
    submit(inbox, "a*", released, double=RIGHT)
    (submit(inbox, "cy", released)).write_text("not json")
    (submit(inbox, "dan", released)).unlink()
    results = [
        grade_submission(s, session) for s in find_submissions(session.room, "tiny")
    ]
    report.keep(results, session.room.results("tiny"), partial=False)
    return session.room, results


def test_odd_submissions_do_not_stop_the_class(
    odd_class: tuple[Classroom, list[Result]], tmp_path: Path
) -> None:
    """Table, summary, JSON and feedback cover everyone, with foreign text escaped."""
    room, results = odd_class
    assert {r.student: (r.status, r.score) for r in results} == {
        "<b>o'neil {x} ü": ("graded", 2),
        "a*": ("unreadable", 0),
        "cy": ("unreadable", 0),
        "dan": ("missing", 0),
        "zoe": ("graded", 2),
    }
    lines = "\n".join(report.summary(results))
    assert "5 submissions, 2 graded, mean 2.0 of 3" in lines
    assert "needs a person: written answers of zoe" in lines
    assert "needs a person: cy, unreadable: not JSON" in lines
    rows = {row["student"]: row for row in report.kept(room.results("tiny"))}
    row = rows["zoe"]
    assert set(row) >= {"student", "score", "max_score", "status", "seconds"}
    assert row["questions"][1]["points"] is None

    index, pages = write_feedback(room, "tiny")
    assert {page["student"] for page in pages} >= {row.student for row in results}
    text = index.read_text()
    assert "<b>" not in text
    assert 'href="%3Cb%3Eo%27neil%20%7Bx%7D%20%C3%BC/tiny/tiny.html"' in text
    assert "a written answer waits for a person" in text
    page = room.feedback("tiny", "<b>o'neil {x} ü") / "tiny.html"
    assert "<script>alert" not in page.read_text()
    assert "not JSON" in (room.feedback("tiny", "cy") / "tiny.html").read_text()


def test_a_submission_that_broke_loses_its_old_pages(session: Session) -> None:
    """Yesterday's feedback must not stand beside today's zero."""
    room = session.room
    grade(session, "bea", double=RIGHT)
    (room.inbox / "bea" / "tiny" / "tiny.ipynb").write_text("")
    [submission] = find_submissions(room, "tiny", ["bea"])
    assert grade_submission(submission, session).status == "unreadable"
    assert not room.autograded("tiny", "bea").exists()


def test_the_source_gets_full_points(course: Course) -> None:
    """``release --check``: the notebook with its solutions runs green."""
    release(course, "tiny")
    assert run_source(course.source("tiny")) == {"check-double": (2, 2)}


SCRIPT = """
import sys
from pathlib import Path
from course_pkg.grade.course import Course, classroom
from course_pkg.grade.run import grade_submission, open_session
from course_pkg.grade.submissions import find_submissions
from grade.tiny import WORDS
room = classroom(Course(Path(sys.argv[1]), WORDS), "tiny")
session = open_session(room, "tiny", 60)
for submission in find_submissions(room, "tiny"):
    print(submission.student, flush=True)
    try:
        print(grade_submission(submission, session).status, flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_ctrl_c_keeps_what_is_done(course: Course) -> None:
    """The gradebook has the finished submission once; the next run goes on."""
    released = release(course, "tiny")
    room = classroom(course, "tiny")
    submit(room.inbox, "ana", released, double=RIGHT)
    submit(room.inbox, "bo", released, double="while True:\n    pass")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(course.root)],
        stdout=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout
        heard = [process.stdout.readline().strip() for _ in range(3)]
        assert heard == ["ana", "graded", "bo"]
        time.sleep(4)  # bo's kernel is up, or on its way: both must end the run
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert not room.autograded("tiny", "bo").exists()
    with gradebook(room) as book:
        assert book.find_submission("tiny", "ana").score == 2
    submit(room.inbox, "bo", released, double=RIGHT)
    session = open_session(room, "tiny", SECONDS)
    both = [grade_submission(s, session).score for s in find_submissions(room, "tiny")]
    assert both == [2, 2]
    with gradebook(room) as book:
        assert len(book.assignment_submissions("tiny")) == 2
