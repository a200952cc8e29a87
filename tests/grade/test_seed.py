"""The secret seed: drawn once, kept from others, and nowhere near the course."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from course_pkg.grade.course import CourseError
from course_pkg.grade.seed import (
    VARIABLE,
    VARIANTS,
    secret_seed,
    seed_file,
    seed_for,
)
from course_pkg.grade.session import Grading
from course_pkg.grade.settings import Options
from course_pkg.grade.submissions import Submission


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the seed lies in this test."""
    found = tmp_path / "config" / "seed"
    monkeypatch.setenv(VARIABLE, str(found))
    return found


def test_it_is_drawn_once_for_its_owner(path: Path):
    seed = secret_seed()
    assert seed.bit_length() == 128
    assert secret_seed() == seed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["seed"]
    path.unlink()
    assert secret_seed() != seed


def test_runs_that_start_together_get_the_same(path: Path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret_seed(), range(32)))) == 1


def test_its_place_is_the_users_configuration(monkeypatch, tmp_path: Path):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert seed_file() == tmp_path / "unrolled" / "seed"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert seed_file() == tmp_path / ".config" / "unrolled" / "seed"


@pytest.mark.parametrize("text", ["", "0" * 32, "12", "z" * 32, "é" * 32])
def test_a_damaged_one_is_no_seed(path: Path, text: str):
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(CourseError, match="damaged"):
        secret_seed()


def test_others_must_not_read_it(path: Path):
    secret_seed()
    path.chmod(0o640)
    with pytest.raises(CourseError, match=f"chmod 600 {path}"):
        secret_seed()


def test_it_does_not_lie_in_the_course(path: Path):
    with pytest.raises(CourseError, match="outside the course"):
        secret_seed(path.parent.parent)
    assert not path.exists()


def test_a_folder_in_its_place_is_told(path: Path):
    path.mkdir(parents=True)
    with pytest.raises(CourseError, match="no secret seed: Is a directory"):
        secret_seed()


def test_a_student_is_asked_one_of_the_variants_of_the_secret():
    """The same each time, another under another secret, and not the secret itself."""
    secret = 1 << 127 | 5
    names = [f"student {n}" for n in range(200)]
    found = {name: seed_for(secret, name) for name in names}
    assert len(set(found.values())) == VARIANTS
    assert found == {name: seed_for(secret, name) for name in names}
    others = {seed_for(secret + 1, name) for name in names}
    assert not others & set(found.values())
    assert secret not in found.values()
    assert max(found.values()).bit_length() > 100
    assert seed_for(secret, "odd \udcff name") in found.values()


def test_a_unit_has_its_students_seed(tmp_path: Path):
    (tmp_path / "ana" / "bptt").mkdir(parents=True)
    (tmp_path / "ana" / "bptt" / "bptt.ipynb").write_text("{}")
    secret = 1 << 127 | 5
    grading: Any = object.__new__(Grading)
    grading.release, grading.seed = SimpleNamespace(word="bptt"), secret
    grading.options = Options()
    unit = grading._read(Submission("ana", tmp_path / "ana" / "bptt"))
    assert unit.seed == seed_for(secret, "ana")
