"""A file is there as a whole or not at all, and what did not fit takes no room."""

import errno
import os
from pathlib import Path

import pytest

from course_pkg.grade import files


def test_what_does_not_fit_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ana" / "tiny.ipynb"
    files.install(path, files.prepare(path, b"old"))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.prepare(path, b"new")
    assert [(p.name, p.read_bytes()) for p in path.parent.iterdir()] == [
        ("tiny.ipynb", b"old")
    ]


def test_half_of_a_file_takes_no_files_place(tmp_path: Path) -> None:
    path = tmp_path / "tiny.ipynb"
    files.install(path, files.prepare(path, b"old"))
    name = files.prepare(path, b"new")
    [pending] = tmp_path.glob(".*.new")
    pending.write_bytes(b"ne")
    assert not files.install(path, name)
    assert path.read_bytes() == b"old"
