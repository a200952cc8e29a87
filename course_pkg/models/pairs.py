"""Pairs of sequences as batches: symbols to ids, start and end, padding behind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from course_pkg.arrays import Array
from course_pkg.batches import padded
from course_pkg.vocab import PAD, UNK, Vocab

START, END = "<s>", "</s>"
Pair = tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True)
class Pairs:
    """Hold the vocabularies of both sides; a side's symbols are characters or words."""

    source: Vocab
    target: Vocab

    @classmethod
    def of(cls, pairs: Iterable[Pair], size: int | None = None) -> "Pairs":
        """Collect the symbols of training pairs; size: keep so many on each side."""
        xs, ys = zip(*pairs, strict=True)
        source = Vocab.of((s for x in xs for s in x), size=size)
        specials = PAD, UNK, START, END
        return cls(source, Vocab.of((s for y in ys for s in y), specials, size))

    @property
    def ends(self) -> tuple[int, int]:
        """Return the ids of the target's start and end symbols."""
        return self.target.ids[START], self.target.ids[END]

    def batch(self, pairs: Sequence[Pair]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return x (S, B), x_lengths (B,), y (T, B), y_mask (T, B, 1) for B pairs.

        y has the start symbol in front and the end symbol behind each target. Raises
        ValueError for no pair.
        """
        x, lengths = self.sources([x for x, _ in pairs])
        ends = [[START, *y, END] for _, y in pairs]
        y, _, mask = padded([torch.from_numpy(self.target.encode(y)) for y in ends])
        return x, lengths, y, mask

    def sources(self, xs: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor]:
        """Return x (S, B) and x_lengths (B,) for B sources without targets."""
        rows = [torch.from_numpy(self.source.encode(x)) for x in xs]
        return padded(rows)[:2]

    def written(self, ids: Array) -> list[str]:
        """Return the target's symbols of ids (T,), up to the end symbol, if it came."""
        start, end = self.ends
        seq = [int(i) for i in ids]
        seq = seq[: seq.index(end)] if end in seq else seq
        return self.target.decode([i for i in seq if i != start])
