"""``course doctor`` tells what is there and what is not, and scripts can ask it."""

import json

import pytest
from typer.testing import CliRunner

from course_pkg.commands import app
from course_pkg.grade.sandbox import doctor
from course_pkg.grade.sandbox.doctor import Protection

GOOD, BAD = Protection("Linux", True, "Linux 6"), Protection("wall", False, "apt it")


@pytest.mark.parametrize(("rows", "code"), [([GOOD], 0), ([GOOD, BAD], 3)])
def test_what_is_missing_is_told(
    monkeypatch: pytest.MonkeyPatch, rows: list[Protection], code: int
) -> None:
    """A line for each protection, with the remedy; exit code 3 where one is missing."""
    monkeypatch.setattr(doctor, "doctor", lambda: rows)
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == code
    assert "yes  Linux: Linux 6" in done.stdout
    assert ("NO   wall: apt it" in done.stdout) == (BAD in rows)
    assert f"1 of {len(rows)} are there" in done.stdout
    done = CliRunner().invoke(app, ["doctor", "--json", "-"])
    assert done.exit_code == code
    assert json.loads(done.stdout)[0] == GOOD._asdict()
    assert len(json.loads(done.stdout)) == len(rows)


@pytest.mark.slow
def test_this_machine_is_looked_at() -> None:
    """The real thing ends with 0 or 3, and speaks of bubblewrap."""
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code in (0, 3)
    assert "bubblewrap" in done.stdout
