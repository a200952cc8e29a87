"""The data of ``course train seq2seq``: dates, digits backwards, short translations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from course_pkg import datasets
from course_pkg.batches import buckets
from course_pkg.models.pairs import Pair, Pairs
from course_pkg.runs import common
from course_pkg.vocab import words

STEPS = 100  # of an epoch of generated data
SIZE = 4000  # symbols kept of each language


@dataclass(frozen=True)
class Task:
    """Hold what a run trains and tests on; no source or target is in two parts.

    epoch(e): the batches of epoch e, lists of pairs; dev, and tests by group: pairs;
    limit: symbols of the longest answer that is tried; joint: what joins symbols.
    """

    sides: Pairs
    epoch: Callable[[int], list[Sequence[Pair]]]
    dev: list[Pair]
    tests: dict[str, list[Pair]]
    limit: int
    joint: str = ""


def make(data: str, B: int, seed: int, download: bool) -> Task:
    """Make a task by its name in batches of B; translations are read from the data."""
    if data == "tatoeba_eng_fra":
        rows = common.read_data(data, download)["all"]
        return translation(rows, B, seed)
    if data == "digits":
        groups: dict[str, tuple[int, ...]]
        groups = {str(n): (n, n) for n in (4, 8, 12, 16)}
        return _generated(backwards, (2, 12), groups, B, seed, limit=20)
    return _generated(dates, (), {"all": ()}, B, seed, limit=12)


def dates(rng: np.random.Generator, B: int) -> list[Pair]:
    """Draw B dates: written in one of five forms, and in ISO form."""
    return list(zip(*datasets.dates(rng, B), strict=True))


def backwards(rng: np.random.Generator, B: int, least: int, most: int) -> list[Pair]:
    """Draw B strings of least to most digits, and the same read from the end."""
    lengths = rng.integers(least, most + 1, B)
    rows = datasets.digits(rng, most, B).T
    texts = ["".join(map(str, x[:n])) for x, n in zip(rows, lengths, strict=True)]
    return [(x, x[::-1]) for x in texts]


def _generated(
    draw: Callable[..., list[Pair]],
    train: tuple[int, ...],
    groups: dict[str, tuple[int, ...]],
    B: int,
    seed: int,
    limit: int,
) -> Task:
    """Draw dev and tests first; what they ask for is never drawn for training."""
    rng = np.random.default_rng((seed, 1))
    dev = draw(rng, 500, *train)
    tests = {name: draw(rng, 500, *sizes) for name, sizes in groups.items()}
    held = {y for part in (dev, *tests.values()) for _, y in part}

    def epoch(e: int) -> list[Sequence[Pair]]:
        rng = np.random.default_rng((seed, 2, e))
        drawn = [draw(rng, B, *train) for _ in range(STEPS)]
        return [[pair for pair in batch if pair[1] not in held] for batch in drawn]

    symbols = draw(np.random.default_rng((seed, 3)), 5000, *train)
    return Task(Pairs.of(symbols), epoch, dev, tests, limit)


def translation(rows: list[tuple[str, str]], B: int, seed: int, most: int = 7) -> Task:
    """Take sentences of at most so many words and marks, split by English sentence."""
    pairs: list[Pair] = [(words(x.lower()), words(y.lower())) for x, y in rows]
    short = [(x, y) for x, y in pairs if 1 <= len(x) <= most]
    rng = np.random.default_rng((seed, 1))
    parts: dict[str, list[Pair]] = datasets.split(
        short, rng, (0.01, 0.02), key=lambda pair: tuple(pair[0])
    )
    train, lengths = parts["train"], [len(x) for x, _ in parts["train"]]

    def epoch(e: int) -> list[Sequence[Pair]]:
        groups = buckets(lengths, B, np.random.default_rng((seed, 2, e)))
        return [[train[i] for i in group] for group in groups]

    tests: dict[str, list[Pair]] = {
        str(n): [pair for pair in parts["test"] if len(pair[0]) == n]
        for n in range(3, most + 1)
    }
    return Task(Pairs.of(train, SIZE), epoch, parts["dev"][:500], tests, 20, " ")
