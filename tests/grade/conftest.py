"""A tiny course of its own, so that these tests wait for no large one."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from course_pkg.grade.config import COURSE_ID, put_environment_on_path
from course_pkg.grade.course import Course

from .graded_class import GradedClass
from .tiny import make_course


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a gradebook without entries: making one starts nbgrader's alembic."""
    from nbgrader.api import Gradebook

    put_environment_on_path()
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", COURSE_ID):
        return path


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path) -> Course:
    """Return a course with one assignment, ``tiny``, in a folder of its own."""
    return make_course(tmp_path / "course", empty_gradebook)


@pytest.fixture
def group(tmp_path: Path, empty_gradebook: Path) -> GradedClass:
    """Return a class that a test fills with graded submissions."""
    return GradedClass(tmp_path, empty_gradebook)


@pytest.fixture
def author(course: Course) -> Callable[[str, str], Course]:
    """Return a function that changes one place of the authored text."""

    def change(old: str, new: str) -> Course:
        path = course.solution("tiny")
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        path.write_text(text.replace(old, new))
        return course

    return change


@pytest.fixture
def page() -> Iterator[Any]:
    """Return an empty page of a real browser."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, f"no browser: install Chromium (looked for {', '.join(names)})"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=sandbox)
        yield chromium.new_page()
        chromium.close()
