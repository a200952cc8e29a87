"""Every test of the checks begins with no points."""

import pytest

from course_pkg.check import run


@pytest.fixture(autouse=True)
def new_session(monkeypatch):
    monkeypatch.setattr(run, "_session", {})
