"""The doctor tries what the box needs, and says how to get what is missing."""

import pytest

from course_pkg.grade.sandbox import doctor, wall


@pytest.mark.slow
def test_this_machine_has_all():
    missing = [(name, told) for name, ok, told in doctor.doctor() if not ok]
    assert missing == []


def test_a_missing_bubblewrap_is_named(monkeypatch):
    monkeypatch.setattr(wall, "bubblewrap", lambda: None)
    found = {name: told for name, ok, told in doctor.doctor() if not ok}
    assert set(found) == {
        *("bubblewrap", "user namespaces", "nested namespaces", "system call filter")
    }
    assert "apt install bubblewrap" in found["bubblewrap"]


def test_an_unknown_processor_is_named(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "vax")
    assert "vax" in doctor._filter().told
