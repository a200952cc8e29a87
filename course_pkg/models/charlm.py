"""A language model: the next symbol's distribution, given all symbols before it.

Training reads windows of a text and carries the state from each to the next. Here the
symbols are characters; in wordlm.py they are words.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_pkg import batches, decode
from course_pkg.arrays import Array, expect, expect_choice
from course_pkg.bptt import State
from course_pkg.layers import CELLS
from course_pkg.models.ragged import evaluating


class CharLM(nn.Module):
    """Predict symbol t + 1 from symbols 1..t, out of V; ids (T, B) go in.

    E numbers stand for a symbol, num_layers of H units of a cell, "rnn", "gru" or
    "lstm", read them. dropout: in [0, 1), around and between the layers. tie: use the
    embedding as output weights, for which E and H must be equal. Raises ValueError for
    an unknown cell and for E ≠ H if tied. Source: Mikolov et al. 2010; Graves 2013;
    for tying Press, Wolf 2017.
    """

    def __init__(
        self,
        V: int,
        E: int,
        H: int,
        cell: str = "lstm",
        num_layers: int = 1,
        dropout: float = 0.0,
        tie: bool = False,
    ) -> None:
        super().__init__()
        expect_choice("cell", cell, CELLS)
        expect(not tie or E == H, "E", f"H = {H}, as the weights are tied", E)
        between = dropout if num_layers > 1 else 0.0
        self.embedding = nn.Embedding(V, E)
        self.rnn = CELLS[cell](E, H, num_layers, dropout=between)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(H, V)
        if tie:
            self.output.weight = self.embedding.weight
            # The embedding's usual scale, 1, would make the first logits too large.
            nn.init.normal_(self.embedding.weight, std=E**-0.5)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return the next symbols' logits (T, B, V) for x (T, B), and the last state.

        state: as the layer's, (num_layers, B, H), after the symbols before x.
        """
        hs, state = self.rnn(self.dropout(self.embedding(x)), state)
        return self.output(self.dropout(hs)), state

    def loss(
        self, x: Tensor, y: Tensor, state: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the mean loss in nats per symbol, and the state for the next window.

        x, y (T, B): symbols and those one place further on.
        """
        logits, state = self(x, state)
        return nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten()), state

    def step(self, ids: Array, state: State | None) -> tuple[Tensor, State]:
        """Read one symbol more, ids (B,), as `decode` asks; logits (B, V) and state."""
        x = torch.as_tensor(ids, device=self.output.bias.device)
        logits, state = self(x[None], state)
        return logits[0], state

    def generate(
        self,
        rng: np.random.Generator,
        length: int,
        prime: list[int],
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
    ) -> list[int]:
        """Write length symbols after the prime, ids (T,); see `decode.sample`."""
        how: dict[str, Any] = {
            "temperature": temperature,
            "top_k": top_k,
            "top_p": top_p,
        }
        with evaluating(self):
            return decode.sample(self.step, rng, length, prime=prime, **how)


def nats(model: CharLM, ids: Array, chunk: int = 256, B: int = 1) -> float:
    """Return the mean loss of a text, ids (N,), in nats per symbol, dropout off.

    The state is carried from chunk to chunk, whose size changes nothing but the time.
    B > 1 reads as many columns side by side, each from no state: faster, and a little
    higher. Raises ValueError for a text shorter than B + 1.
    """
    ids = torch.as_tensor(ids, device=model.output.bias.device)
    total, count, state = 0.0, 0, None
    with evaluating(model):
        for x, y, _ in batches.windows(ids, chunk, B):
            loss, state = model.loss(x, y, state)
            total, count = total + loss.item() * y.numel(), count + y.numel()
    return total / count
