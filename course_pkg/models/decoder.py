"""The writing half: one symbol after the other, from a vector or with attention.

At step t a decoder has y_{t-1} and the state s_{t-1}; it returns s_t and the logits of
y_t. A state is the layer's: (1, B, H), or a pair of them for an LSTM.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_pkg import attention
from course_pkg.arrays import Array, expect_choice
from course_pkg.bptt import State, hidden
from course_pkg.layers import CELLS

SCORES: dict[str, Callable[..., Array]] = {
    "additive": attention.additive,
    "dot": attention.dot,
    "scaled": attention.scaled_dot,
}


class Decoder(nn.Module):
    """Write V symbols from the first state alone: all of the source in H numbers.

    E: numbers for each symbol; cell: "rnn", "gru" or "lstm". Source: Cho et al. 2014;
    Sutskever, Vinyals, Le 2014.
    """

    def __init__(self, V: int, E: int, H: int, cell: str = "gru") -> None:
        super().__init__()
        expect_choice("cell", cell, CELLS)
        self.embed = nn.Embedding(V, E)
        self.layer = CELLS[cell](E, H)
        self.out = nn.Linear(H, V)

    def step(self, y: Tensor, state: State) -> tuple[Tensor, State]:
        """Take y_{t-1} (B,) and s_{t-1}; return the logits (B, V) of y_t, and s_t."""
        hs, state = self.layer(self.embed(y)[None], state)
        return self.out(hs[0]), state

    def forward(self, y: Tensor, state: State) -> Tensor:
        """Take y_0 … y_{T-1} (T, B) and s_0; return the logits (T, B, V) of y_1 … y_T.

        All that is read is known here, so one call of the layer does all steps.
        """
        hs, _ = self.layer(self.embed(y), state)
        return self.out(hs)


class AttentionDecoder(nn.Module):
    """Write V symbols with a look at all K-wide states of the encoder at every step.

    score: "additive", or "dot" or "scaled" of the query and the projected key; K: width
    of a key, by default H; E and cell as in `Decoder`. Source: Bahdanau, Cho, Bengio
    2015; Luong, Pham, Manning 2015; Vaswani et al. 2017.
    """

    def __init__(
        self,
        V: int,
        E: int,
        H: int,
        score: str = "additive",
        K: int | None = None,
        cell: str = "gru",
    ) -> None:
        super().__init__()
        expect_choice("cell", cell, CELLS)
        expect_choice("score", score, SCORES)
        K = H if K is None else K
        self.score = score
        self.embed = nn.Embedding(V, E)
        self.W_k = nn.Linear(K, H, bias=False)
        if score == "additive":
            self.W_q = nn.Linear(H, H, bias=False)
            self.v = nn.Parameter(nn.init.uniform_(torch.empty(H), -1, 1) / H**0.5)
        self.layer = CELLS[cell](E + K, H)
        self.out = nn.Linear(H + K, V)

    def step(
        self,
        y: Tensor,
        state: State,
        keys: Tensor,
        mask: Tensor,
        projected: Tensor | None = None,
    ) -> tuple[Tensor, State, Tensor]:
        """Take y_{t-1} (B,) and s_{t-1}; return logits (B, V) of y_t, s_t, and weights.

        keys (S, B, K), mask (S, B, 1): the encoder's states; projected (S, B, H): W_k
        of the keys, which is the same at all steps. The query is s_{t-1}, the state
        before the step; the context, the mean of the keys with weights (S, B), goes
        into the cell's input and into the output. Source: Bahdanau et al. 2015.
        """
        projected = self.W_k(keys) if projected is None else projected
        seen, state, weights = self._look(self.embed(y), state, keys, mask, projected)
        return self.out(seen), state, weights

    def forward(
        self,
        y: Tensor,
        state: State,
        keys: Tensor,
        mask: Tensor,
        projected: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Take y_0 … y_{T-1} (T, B); return logits (T, B, V) and weights (T, S, B).

        Arguments as in `step`, state s_0. Only what depends on the state is done step
        by step: keys and output are one product each.
        """
        projected = self.W_k(keys) if projected is None else projected
        seen, weights = [], []
        for e in self.embed(y):
            s_and_c, state, alpha = self._look(e, state, keys, mask, projected)
            seen.append(s_and_c)
            weights.append(alpha)
        return self.out(torch.stack(seen)), torch.stack(weights)

    def _look(
        self, e: Tensor, state: State, keys: Tensor, mask: Tensor, projected: Tensor
    ) -> tuple[Tensor, State, Tensor]:
        """Return s_t beside the context (B, H + K), the state and the weights."""
        scores = self.scores(hidden(state)[-1], projected)
        weights = attention.masked_softmax(scores, mask[..., 0])
        c = attention.context(weights, keys)
        hs, state = self.layer(torch.cat([e, c], -1)[None], state)
        return torch.cat([hs[0], c], -1), state, weights

    def scores(self, query: Tensor, projected: Tensor) -> Tensor:
        """Score keys for query (B, H), projected (S, B, H): -> (S, B)."""
        if self.score == "additive":
            return attention.additive_projected(self.W_q(query), projected, self.v)
        return SCORES[self.score](query, projected)
