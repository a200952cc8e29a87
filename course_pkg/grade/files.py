"""Files that are there as a whole or not at all, whenever the run is killed."""

import hashlib
import os
import shutil
from pathlib import Path

CHUNK = 1 << 20


def digest(path: Path) -> str:
    """Return a file's SHA-256, or "" where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def prepare(path: Path, content: bytes) -> str:
    """Put content beside a path, safe on the disk, and return its SHA-256.

    `install` then makes it the file; until that the old file stays what it is.
    """
    name = hashlib.sha256(content).hexdigest()
    made = not path.parent.is_dir()
    path.parent.mkdir(parents=True, exist_ok=True)
    pending = _pending(path, name)
    try:
        with pending.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync(path.parent)
        if made:
            for folder in (path.parent.parent, path.parent.parent.parent):
                _sync(folder)
    except BaseException:
        pending.unlink(missing_ok=True)
        raise
    return name


def install(path: Path, name: str) -> bool:
    """Make the prepared content the file; say whether the file is now that content."""
    pending = _pending(path, name)
    if digest(pending) == name:
        pending.replace(path)
        return True
    return digest(path) == name


def forget(path: Path, name: str = "") -> None:
    """Remove what was prepared for a path and never installed, all or one."""
    for pending in path.parent.glob(f".{path.name}.{name or '*'}.new"):
        pending.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Remove a folder and what is in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


def write(path: Path, text: str) -> None:
    """Replace a text file in one step."""
    content = text.encode("utf-8")
    install(path, prepare(path, content))


def _pending(path: Path, name: str) -> Path:
    return path.with_name(f".{path.name}.{name}.new")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
