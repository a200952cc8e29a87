"""Spelling: what a word's letters tell a tagger, also of a word it has never met."""

import torch
from torch import Tensor, nn

from course_pkg.layers import CELLS
from course_pkg.models.ragged import sweep


class Speller(nn.Module):
    """Read words letter by letter, both ways, to vectors of E numbers.

    letters: the number of ids of letters, 0 being the padding; cell: one of `CELLS`.
    """

    def __init__(self, letters: int, E: int, cell: str) -> None:
        super().__init__()
        self.table = nn.Embedding(letters, E // 4)
        self.recurrent = CELLS[cell](E // 4, E // 2, bidirectional=True)

    def forward(self, letters: Tensor) -> Tensor:
        """Return the last states of both directions (T, B, E) of letters (T, B, W)."""
        # A word that occurs often in the batch is read once.
        distinct, place = letters.flatten(0, 1).unique(dim=0, return_inverse=True)
        lengths = (distinct > 0).sum(1).clamp(min=1)
        _, last = sweep(self.recurrent, self.table(distinct.T), lengths)
        h = last[0] if isinstance(last, tuple) else last
        return torch.cat([*h], -1)[place].unflatten(0, letters.shape[:2])
