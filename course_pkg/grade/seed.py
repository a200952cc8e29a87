"""The secret seed of the graded questions: the instructor's, never the repository's."""

import contextlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path

from course_pkg.grade.course import CourseError

BITS = 128
VARIABLE = "UNROLLED_SEED_FILE"
VARIANTS = 16  # sets of questions for a class; each worker computes what is right once


def seed_file() -> Path:
    """Return where the seed is kept: as the environment says, else in ~/.config."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser().absolute()
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser().absolute() / "unrolled" / "seed"


def secret_seed(course: Path | None = None) -> int:
    """Return the secret seed; draw it on first use, into a file for its owner only.

    course: the course's folder, which is no place for it. Raises CourseError where the
    file lies there, may be read by others, or holds no seed.
    """
    path = seed_file()
    if course and path.resolve().is_relative_to(course.resolve()):
        raise CourseError(f"{path}: the secret seed must lie outside the course")
    try:
        if not path.exists():
            _create(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text("ascii").strip()
        seed = int(text, 16) if len(text) == BITS // 4 else 0
    except OSError as error:
        raise CourseError(f"{path}: no secret seed: {error.strerror}") from None
    except ValueError:
        seed = 0
    if not seed:
        raise CourseError(f"{path} is damaged: restore it, or remove it for a new seed")
    if mode & 0o077:
        raise CourseError(f"{path} can be read by others; run: chmod 600 {path}")
    return seed


def seed_for(secret: int, student: str) -> int:
    """Return the seed of a student's questions: one of the secret's variants.

    Feedback shows expected values. They help nobody whose questions are others, and
    nobody can tell whose are the same.
    """
    key = secret.to_bytes(BITS // 8 + 1, "big")
    name = student.encode("utf-8", "surrogatepass")
    variant = int.from_bytes(hmac.digest(key, name, "sha256"), "big") % VARIANTS
    drawn = hmac.digest(key, f"variant {variant}".encode(), "sha256")
    return int.from_bytes(drawn[: BITS // 8], "big")


def _create(path: Path) -> None:
    """Write a new seed whole and at once: two runs may start together."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    seed = secrets.randbits(BITS) | 1 << BITS - 1
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # has mode 0600
        file.write(f"{seed:x}\n")
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # the other run's, then
            os.link(file.name, path)
