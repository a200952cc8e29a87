"""``course serve``: two origins, no scripts in feedback, a free port, clear words."""

import re
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from course_pkg.grade.course import Course, CourseError
from course_pkg.grade.serve import feedback_folder, serving


@pytest.fixture
def built(tmp_path: Path) -> Course:
    """Return a course with a book and feedback, one page each."""
    for folder, text in (("_build/html", "book"), ("_build/grade/tiny/feedback", "fb")):
        (tmp_path / folder / "sub").mkdir(parents=True)
        (tmp_path / folder / "index.html").write_text(text)
    return Course(tmp_path, {})


def get(line: str, page: str = "") -> tuple[str, str]:
    """Return text and content security policy of a page of a printed address."""
    with urllib.request.urlopen(line.split()[1] + page) as answer:
        policy = answer.headers.get("Content-Security-Policy", "")
        return answer.read().decode(), policy


def test_book_and_feedback_have_an_origin_each(built: Course) -> None:
    """Two addresses; only feedback forbids scripts."""
    with serving(built, 0) as (book, feedback):
        assert get(book) == ("book", "")
        text, policy = get(feedback)
    assert text == "fb"
    assert policy.startswith("default-src 'none'; img-src")
    assert "script" not in policy


def test_folders_are_not_listed_nor_left(built: Course) -> None:
    """Nothing but the pages is given out."""
    with serving(built, 0) as (book, _):
        for page in ("sub/", "../../course", "%2e%2e/grade/tiny/feedback/index.html"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(book, page)


def test_a_taken_port_is_told(built: Course) -> None:
    """Another program's port is left to it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with serving(built, port) as (book, _):
            assert f"(port {port} is taken)" in book
            assert get(book)[0] == "book"


def test_the_latest_feedback_is_served(built: Course) -> None:
    """The course's own feedback comes first once it is newer."""
    assert feedback_folder(built) == built.root / "_build/grade/tiny/feedback"
    own = built.root / "feedback"
    own.mkdir()
    (own / "index.html").write_text("own")
    assert feedback_folder(built) == own


def test_nothing_built_is_a_clear_word(tmp_path: Path) -> None:
    """The error says what to run."""
    with (
        pytest.raises(CourseError, match="nothing built yet; run: make book"),
        serving(Course(tmp_path, {}), 0),
    ):
        pass


def test_a_free_port_is_looked_for_twice(built: Course) -> None:
    """Port 0 asks for any port: also for the second site, and not for port 1."""
    with serving(built, 0) as lines:
        ports = [int(re.search(r":(\d+)/", line)[1]) for line in lines]
    assert all(port >= 1024 for port in ports)
    assert len(set(ports)) == 2
