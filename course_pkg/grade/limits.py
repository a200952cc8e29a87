"""What a submission may use: every limit of the grader, in one place."""

import json
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
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


LEAST = Limits()
# A limit is so many times what our solutions cost, and never below the least: loops in
# place of whole arrays take 50 times as long, and the grading machine may be slow.
TIMES, TIMES_MEMORY = 200, 10
# What our solutions cost, by assignment: course release WORD --measure.
COSTS: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("costs.json").read_text("utf-8")
)
# What an instructor sets for an assignment, such as {"lstm": {"cell_seconds": 300.0}}.
WORDS: dict[str, dict[str, Any]] = {}


def limits_of(word: str, **changed: Any) -> Limits:
    """Return the limits of a word's assignment, some of them changed by the caller."""
    return replace(LEAST, **derived(word) | WORDS.get(word, {}) | changed)


def derived(word: str) -> dict[str, Any]:
    """Return what follows from the cost of a word's own solutions."""
    if word not in COSTS:
        return {}
    cost = COSTS[word]
    slowest = max(cost["question_seconds"].values())
    return {
        "cell_seconds": max(LEAST.cell_seconds, ceil(TIMES * cost["cell_seconds"])),
        "question_seconds": max(LEAST.question_seconds, ceil(TIMES * slowest)),
        "session_seconds": max(
            LEAST.session_seconds, ceil(TIMES * cost["session_seconds"])
        ),
        "memory": max(LEAST.memory, TIMES_MEMORY * cost["memory"]),
    }
