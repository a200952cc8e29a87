"""Feedback pages in a real browser: formulas without a network, no foreign script."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from course_pkg.grade import report
from course_pkg.grade.course import Course, classroom
from course_pkg.grade.feedback import write_feedback
from course_pkg.grade.release import release
from course_pkg.grade.run import grade_submission, open_session
from course_pkg.grade.serve import serving
from course_pkg.grade.submissions import find_submissions

from .tiny import submit

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Object of type")]

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = """
from IPython.display import HTML, display
display(HTML("<p id=shown>shown</p><script>document.title = 'taken over'</script>"
             "<img src=x onerror=\\"document.title = 'taken over'\\">"
             "<img src=https://example.org/a.png>"))
def double(x):
    return 2 * x
"""


def test_a_page_renders_offline_and_runs_nothing(course: Course, page: Any) -> None:
    """The formula is typeset by our script; the student's markup runs none."""
    (course.root / "book" / "_static").mkdir(parents=True)
    katex = Path("book") / "_static" / "katex"
    shutil.copytree(ROOT / katex, course.root / katex)
    released = release(course, "tiny")
    room = classroom(course, "tiny")
    submit(room.inbox, "mallory", released, double=HOSTILE)
    session = open_session(room, "tiny")
    results = [grade_submission(s, session) for s in find_submissions(room, "tiny")]
    report.keep(results, room.results("tiny"), partial=False)
    write_feedback(room, "tiny")

    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    with serving(course, 0) as [line]:
        page.goto(line.split()[1])
        page.get_by_role("link", name="tiny").click()
        page.get_by_role("link", name="mallory").click()
        page.locator("#shown").wait_for()
        page.locator(".text_cell_render .katex").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert page.title() == "tiny"
    assert {url.split("/")[2].partition(":")[0] for url in asked} == {"127.0.0.1"}


def test_a_page_opened_as_a_file_runs_nothing(course: Course, page: Any) -> None:
    """Pages are handed out as files too, where no server sends a policy."""
    released = release(course, "tiny")
    room = classroom(course, "tiny")
    submit(room.inbox, "mallory", released, double=HOSTILE)
    session = open_session(room, "tiny")
    [submission] = find_submissions(room, "tiny")
    results = [grade_submission(submission, session)]
    report.keep(results, room.results("tiny"), partial=False)
    write_feedback(room, "tiny")
    page.goto((room.feedback("tiny", "mallory") / "tiny.html").as_uri())
    page.locator("#shown").wait_for()
    assert page.title() == "tiny"


def test_a_stopped_run_costs_only_the_stopped_page(course: Course) -> None:
    """Who was being graded when it stopped has no page; the others have theirs."""
    released = release(course, "tiny")
    room = classroom(course, "tiny")
    for student in ("ana", "bo"):
        submit(room.inbox, student, released)
    session = open_session(room, "tiny")
    results = [grade_submission(s, session) for s in find_submissions(room, "tiny")]
    report.keep(results, room.results("tiny"), partial=False)
    shutil.rmtree(room.autograded("tiny", "bo"))  # what a stop leaves behind
    index, _ = write_feedback(room, "tiny")
    assert "no page, grade again" in index.read_text()
    assert (room.feedback("tiny", "ana") / "tiny.html").is_file()
    report.keep([], room.results("tiny"), partial=True, dropped="bo")
    assert [row["student"] for row in report.kept(room.results("tiny"))] == ["ana"]


def test_without_the_book_s_fonts_nothing_is_changed(course: Course) -> None:
    """A class without the book keeps nbgrader's pages as they are."""
    from course_pkg.grade.mathematics import install

    assert install(course, course.root / "feedback") is False
    assert install(replace(course, root=ROOT), course.root / "feedback") is True
    script = (course.root / "feedback" / "_static" / "math.js").read_text()
    assert script.startswith("!function")
