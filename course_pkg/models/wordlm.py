"""A language model of words: the one of characters, where a symbol costs more.

A vocabulary has tens of thousands of words where an alphabet has dozens of letters, so
most weights sit in the embedding and in the output. Tying them halves their number.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from course_pkg import decode
from course_pkg.arrays import Array, expect
from course_pkg.bptt import State
from course_pkg.models.charlm import CharLM
from course_pkg.models.ragged import evaluating
from course_pkg.vocab import UNK, Vocab

END = "<eos>"


class WordLM(CharLM):
    """Predict the next of V words: `CharLM` with one matrix for words in and words out.

    H is also the embedding's size; the other arguments are CharLM's.
    Source: Zaremba et al. 2014; Press, Wolf 2017.
    """

    def __init__(
        self,
        V: int,
        H: int,
        cell: str = "lstm",
        num_layers: int = 1,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(V, H, H, cell, num_layers, dropout, tie=True)

    def sentence(
        self,
        rng: np.random.Generator,
        vocab: Vocab,
        prime: Sequence[str] = (),
        limit: int = 40,
        temperature: float = 1.0,
    ) -> list[str]:
        """Write words to the end of a line, or limit of them; prime: its first words.

        The unknown word, which means nothing, is never drawn. Returns prime and new
        words without the end. Raises ValueError for a vocabulary without "<eos>".
        """
        expect(END in vocab.ids, "vocab", f'a vocabulary with "{END}"', len(vocab))

        def step(ids: Array, state: State | None) -> tuple[Tensor, State]:
            logits, state = self.step(ids, state)
            logits[:, [vocab.ids[UNK]] if UNK in vocab.ids else []] = -torch.inf
            return logits, state

        start = vocab.encode([END, *prime]).tolist()
        with evaluating(self):
            ids = decode.sample(step, rng, limit, prime=start, temperature=temperature)
        words = vocab.decode(ids)
        return [*prime, *words[: words.index(END) if END in words else limit]]
