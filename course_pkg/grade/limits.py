"""What a submission may use: every limit of the grader, in one place."""

from dataclasses import dataclass, replace
from typing import Any

MiB = 2**20


@dataclass(frozen=True)
class Limits:
    """Limits of one submission; the sandbox holds them, and messages name them.

    ``cell_seconds`` is for one cell, ``question_seconds`` for one question of a check,
    ``session_seconds`` for all that a submission runs. ``memory`` counts what comes on
    top of Python, NumPy and PyTorch, all processes together. ``disk`` is for all files
    together, ``output`` for what one cell prints. Sizes in bytes.
    """

    cell_seconds: float = 60.0
    question_seconds: float = 5.0
    session_seconds: float = 600.0
    memory: int = 1024 * MiB
    processes: int = 64
    file_size: int = 64 * MiB
    disk: int = 128 * MiB
    output: int = 1 * MiB


DEFAULT = Limits()
# What a word's assignment needs beyond the defaults.
WORDS: dict[str, dict[str, Any]] = {}


def limits_of(word: str, **changed: Any) -> Limits:
    """Return the limits of a word's assignment, some of them changed by the caller."""
    return replace(DEFAULT, **{**WORDS.get(word, {}), **changed})
