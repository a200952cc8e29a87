"""Symbols and their ids: characters or words in, a row of integers out, and back.

Build the vocabulary on the training text alone. A symbol first met in the test text
must come out as unknown there, or the score tells too much.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from course_pkg.arrays import Array, expect

PAD, UNK = "<pad>", "<unk>"
WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def characters(text: str) -> list[str]:
    """Split a text into its characters; ``"".join`` is the way back."""
    return list(text)


def words(text: str) -> list[str]:
    """Split a text into words and single marks of punctuation, without white space.

    An apostrophe inside a word stays in it: ``don't`` is one word.
    """
    return WORD.findall(text)


@dataclass(frozen=True)
class Vocab:
    """Hold V distinct symbols; the id of a symbol is its place in ``symbols``."""

    symbols: tuple[str, ...]
    ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = {symbol: n for n, symbol in enumerate(self.symbols)}
        twice = [s for s, n in Counter(self.symbols).items() if n > 1]
        expect(len(ids) == len(self.symbols), "symbols", "distinct symbols", twice)
        object.__setattr__(self, "ids", ids)

    @classmethod
    def of(
        cls,
        symbols: Iterable[str],
        specials: tuple[str, ...] = (PAD, UNK),
        size: int | None = None,
    ) -> "Vocab":
        """Collect the distinct symbols: the specials in order, then the sorted rest.

        size: keep so many symbols in all, the most frequent ones; the rest is unknown.
        Raises ValueError for the symbol "<pad>" in the text, which would be dropped
        again by `decode`, and for a size without room for the specials.
        """
        counts = Counter(symbols)
        expect(PAD not in counts, "symbols", f'a text without "{PAD}"', repr(PAD))
        for special in specials:
            del counts[special]
        if size is not None:
            room = size - len(specials)
            expect(room >= 0, "size", f"at least {len(specials)}, the specials", size)
            kept = sorted(counts, key=lambda s: (-counts[s], s))[:room]
        return cls((*specials, *sorted(counts if size is None else kept)))

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, seq: Iterable[str]) -> np.ndarray:
        """Turn T symbols into ids (T,), int64; a string counts as its characters.

        An unknown symbol gets the id of "<unk>"; without one it raises ValueError.
        """
        unknown = self.ids.get(UNK)
        found = [(s, self.ids.get(s, unknown)) for s in seq]
        missing = sorted({s for s, n in found if n is None})
        expect(not missing, "seq", f"known symbols, or a {UNK}", missing)
        return np.array([n for _, n in found], dtype=np.int64)

    def decode(self, ids: Array) -> list[str]:
        """Turn ids (T,) in 0..V-1 into symbols, leaving out padding.

        Raises ValueError for an id outside. Unknown symbols come back as "<unk>".
        """
        pad = self.ids.get(PAD)
        return [self.symbols[n] for n in expect_ids(ids, len(self)) if n != pad]


def expect_ids(ids: Array, V: int) -> list[int]:
    """Return ids (T,) as a list. Raises ValueError unless each is in 0..V-1."""
    numbers = [int(n) for n in ids]
    wrong = [n for n in numbers if not 0 <= n < V]
    expect(not wrong, "ids", f"numbers in 0..V-1 = 0..{V - 1}", wrong[:3])
    return numbers
