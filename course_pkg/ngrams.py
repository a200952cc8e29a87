"""Counting: the next symbol from the last few, the baseline every network must beat."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from course_pkg.arrays import Array, expect

Gram = tuple[int, ...]


def grams(ids: Array, order: int) -> list[Gram]:
    """List all runs of so many neighbours: ids (N,) -> N - order + 1 tuples."""
    numbers = [int(n) for n in ids]
    return list(zip(*(numbers[i:] for i in range(order)), strict=False))


@dataclass
class NGram:
    """Predict a symbol in 0..V-1 from the order - 1 symbols before it.

    order ≥ 1: 1 is the frequency of each symbol alone, 2 looks one step back.
    add > 0: what each count starts with, so that nothing has probability zero.
    """

    order: int
    V: int
    add: float = 0.1
    counts: Counter[Gram] = field(default_factory=Counter, repr=False)
    totals: Counter[Gram] = field(default_factory=Counter, repr=False)

    def __post_init__(self) -> None:
        expect(self.order >= 1, "order", "a number ≥ 1", self.order)
        expect(self.V >= 1, "V", "a number ≥ 1", self.V)
        expect(self.add > 0, "add", "a number > 0", self.add)

    def fit(self, ids: Array) -> "NGram":
        """Count the runs of order symbols in ids (N,), forgetting earlier counts.

        Returns the model itself. Raises ValueError for an id outside 0..V-1 and for a
        text shorter than order.
        """
        self._expect_text(ids)
        self.counts = Counter(grams(ids, self.order))
        self.totals = Counter()
        for gram, count in self.counts.items():
            self.totals[gram[:-1]] += count
        return self

    def probabilities(self, context: Sequence[int]) -> np.ndarray:
        """Return the distribution (V,) of the symbol after a context of order - 1 ids.

        An unseen context gives 1/V each. Source: add-k smoothing, Lidstone 1920.
        """
        before = tuple(int(n) for n in context)
        want = f"order - 1 = {self.order - 1} ids"
        expect(len(before) == self.order - 1, "context", want, len(before))
        count = np.array([self.counts[*before, v] for v in range(self.V)], dtype=float)
        return (count + self.add) / (self.totals[before] + self.add * self.V)

    def nats(self, ids: Array) -> float:
        """Return the mean of -ln p over ids (N,), in nats for each symbol.

        The first order - 1 symbols only serve as context. A text in bits has
        ``nats / ln 2``, its perplexity is ``exp(nats)``. Errors: as in `fit`.
        """
        self._expect_text(ids)
        loss, runs = 0.0, grams(ids, self.order)
        for gram in runs:
            total = self.totals[gram[:-1]] + self.add * self.V
            loss -= math.log((self.counts[gram] + self.add) / total)
        return loss / len(runs)

    def perplexity(self, ids: Array) -> float:
        """Return exp of `nats` for ids (N,): among so many symbols the model wavers."""
        return math.exp(self.nats(ids))

    def sample(
        self, rng: np.random.Generator, n: int, start: Sequence[int] = ()
    ) -> np.ndarray:
        """Draw n symbols (n,), int64, each from its distribution given the last ones.

        start: symbols to go on from, not returned; if they are fewer than order - 1,
        a context of the text, as frequent as there, comes in their place.
        """
        text = [int(v) for v in start]
        if len(text) < self.order - 1:
            contexts = list(self.totals)
            expect(bool(contexts), "start", f"{self.order - 1} ids before `fit`", text)
            share = np.array([self.totals[c] for c in contexts], dtype=float)
            text = list(contexts[rng.choice(len(contexts), p=share / share.sum())])
        for _ in range(n):
            p = self.probabilities(text[len(text) - self.order + 1 :])
            text.append(int(rng.choice(self.V, p=p)))
        return np.array(text[len(text) - n :], dtype=np.int64)

    def _expect_text(self, ids: Array) -> None:
        want = f"at least order = {self.order} symbols"
        expect(len(ids) >= self.order, "ids", want, len(ids))
        low, high = int(min(ids)), int(max(ids))
        span = f"{low}..{high}"
        inside = low >= 0 and high < self.V
        expect(inside, "ids", f"numbers in 0..V-1 = 0..{self.V - 1}", span)
