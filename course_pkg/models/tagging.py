"""Tagging: a label for every element of a sequence, from both sides of it.

Words come as the features (T, B, F) of `lexicon`: an id for the word, one each for its
ending and its shape, then the ids of its letters, 0 behind the last.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from course_pkg.arrays import expect, expect_choice, expect_shape, to_numpy
from course_pkg.batches import buckets, padded, unpadded
from course_pkg.layers import CELLS
from course_pkg.losses import cross_entropy
from course_pkg.models.crf import bio, log_likelihood, marginals, viterbi
from course_pkg.models.lexicon import (
    UNKNOWN,
    Lexicon,
    MostFrequentTag,
    Tagged,
    features,
)
from course_pkg.models.ragged import evaluating, mask_of, sweep
from course_pkg.models.speller import Speller

__all__ = [
    "Lexicon",
    "MostFrequentTag",
    "Tagger",
    "bio",
    "features",
    "score",
    "tag",
    "viterbi",
]


class Tagger(nn.Module):
    """Tag words with one recurrent layer in one direction or both.

    sizes: the number of ids of each feature; letters: that of letters, 0 to leave them
    out; C tags; H units in each direction; E, a multiple of 4: the width of a word's
    vector, from which the others follow; dropout: before and after the layer; crf: let
    neighbouring tags depend on each other. Source: Huang, Xu, Yu 2015; Lample 2016.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        C: int,
        H: int,
        cell: str = "lstm",
        bidirectional: bool = True,
        letters: int = 0,
        crf: bool = False,
        E: int = 64,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        expect_choice("cell", cell, CELLS)
        expect(E > 0 and E % 4 == 0, "E", "a multiple of 4", E)
        widths = (E, *[E // 4 for _ in sizes[1:]])
        self.tables = nn.ModuleList(map(nn.Embedding, sizes, widths))
        self.speller = Speller(letters, E, cell) if letters else None
        I = sum(widths) + E * bool(letters)  # noqa: E741
        self.recurrent = CELLS[cell](I, H, bidirectional=bidirectional)
        self.out = nn.Linear(H * self.recurrent.directions, C)
        self.dropout = nn.Dropout(dropout)
        self.transitions = nn.Parameter(torch.zeros(C, C)) if crf else None
        self.start = nn.Parameter(torch.zeros(C)) if crf else None

    def forward(self, features: Tensor, lengths: Tensor) -> Tensor:
        """Return the score of each tag (T, B, C).

        features (T, B, F): the ids, then those of the letters where the tagger reads
        them; lengths (B,). Raises ValueError for other shapes and lengths.
        """
        F = len(self.tables)
        self._expect_batch(features, lengths)
        x = [table(features[..., k]) for k, table in enumerate(self.tables)]
        if self.speller is not None:
            x.append(self.speller(features[..., F:]))
        hs, _ = sweep(self.recurrent, self.dropout(torch.cat(x, -1)), lengths)
        return self.out(self.dropout(hs))

    def loss(self, features: Tensor, lengths: Tensor, tags: Tensor) -> Tensor:
        """Return the mean of −log p over all true words, in nats.

        features (T, B, F); lengths (B,); tags (T, B), any valid one on padding.
        """
        logits = self(features, lengths)
        mask = mask_of(lengths, len(logits), logits.dtype)
        if self.transitions is None:
            return cross_entropy(logits, tags, mask)
        logp = log_likelihood(logits, tags, self.transitions, self.start, mask)
        return -logp.sum() / mask.sum()

    def positions(self, features: Tensor, lengths: Tensor, tags: Tensor) -> int:
        """Return the number of true words, over which `loss` is a mean; see there.

        lengths (B,) add up to it.
        """
        return int(lengths.sum())

    def probabilities(self, features: Tensor, lengths: Tensor) -> Tensor:
        """Return the probability of each tag (T, B, C), 0 on padding.

        features (T, B, F); lengths (B,). A field's are those of all paths together.
        """
        with evaluating(self):
            logits = self(features, lengths)
            mask = mask_of(lengths, len(logits), logits.dtype)
            if self.transitions is None:
                return logits.softmax(-1) * mask
            return marginals(logits, self.transitions, self.start, mask)[0]

    def predict(
        self,
        features: Tensor,
        lengths: Tensor,
        rules: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> list[np.ndarray]:
        """Return the best tags, B arrays (T_b,).

        features (T, B, F); lengths (B,); rules: scores of transitions (C, C) and of
        the start (C,), -∞ for what is forbidden, such as those of `bio`.
        """
        with evaluating(self):
            rows = unpadded(to_numpy(self(features, lengths)), lengths)
        if self.transitions is None and rules is None:
            return [row.argmax(-1) for row in rows]
        C = self.out.out_features
        transitions, start = rules or (np.zeros((C, C)), np.zeros(C))
        if self.transitions is not None:
            transitions = transitions + to_numpy(self.transitions)
            start = start + to_numpy(self.start)
        return [viterbi(row, transitions, start)[0] for row in rows]

    def _expect_batch(self, features: Tensor, lengths: Tensor) -> None:
        F = len(self.tables)
        more = self.speller is not None
        fits = features.ndim == 3 and features.shape[-1] >= F + more
        want = f"(T, B, F) with F ≥ {F + more}"
        expect(fits, "features", want, tuple(features.shape))
        expect_shape("lengths", lengths, "B", features.shape[1])
        mask_of(lengths, len(features), torch.float32)


def tag(
    model: Tagger, lexicon: Lexicon, sentence: Sequence[str]
) -> list[tuple[str, str, float]]:
    """Return each word of one sentence with its best tag and that tag's probability.

    Raises ValueError for a sentence without words.
    """
    device = model.out.weight.device
    x, lengths, _ = padded([torch.from_numpy(lexicon.encode(sentence)).to(device)])
    p = model.probabilities(x, lengths)[:, 0]
    (best,) = model.predict(x, lengths)
    chosen = [float(p[t, k]) for t, k in enumerate(best)]
    return list(zip(sentence, lexicon.tags.decode(best), chosen, strict=True))


def score(
    model: Tagger, lexicon: Lexicon, sentences: Sequence[Tagged], B: int = 64
) -> dict[str, float]:
    """Return "loss" in nats per word, "accuracy", and that of "unknown" words, or 0.

    Unknown are those that the lexicon lacks. B sentences are read at once.
    """
    device = model.out.weight.device
    lost, right, new = 0.0, [], []
    groups = buckets([len(s) for s in sentences], B, np.random.default_rng(0))
    for group in groups:
        batch = lexicon.batch([sentences[i] for i in group])
        features, lengths, tags = (x.to(device) for x in batch)
        with evaluating(model):
            lost += float(model.loss(features, lengths, tags) * lengths.sum())
        guesses = model.predict(features, lengths)
        for b, guess in enumerate(guesses):
            right.append(guess == batch[2][: len(guess), b].numpy())
            new.append(batch[0][: len(guess), b, 0].numpy() == UNKNOWN)
    hits, unknown = np.concatenate(right), np.concatenate(new)
    return {
        "loss": lost / len(hits),
        "accuracy": float(hits.mean()),
        "unknown": float(hits[unknown].mean()) if unknown.any() else 0.0,
    }
