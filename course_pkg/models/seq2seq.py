"""A sequence to another one: an encoder, a decoder, their loss and their decoding.

A target y (T, B) is a start symbol, the symbols, an end symbol, then padding. The
decoder reads y_0 … y_{T-2} and is scored on y_1 … y_{T-1}: shifted by one.
"""

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from course_pkg import decode
from course_pkg.arrays import expect, expect_shape
from course_pkg.models.decoder import AttentionDecoder, Decoder
from course_pkg.models.encoder import Encoder
from course_pkg.models.past import decide, expect_probability


class Seq2Seq(nn.Module):
    """Turn sources of V_x symbols into targets of V_y, each symbol E numbers wide.

    H: width of each state; score: of the attention, see `AttentionDecoder`, or None for
    one vector; start and end: ids of the target; bidirectional, cell and turn: see
    `Encoder`. Source: Sutskever, Vinyals, Le 2014; Bahdanau, Cho, Bengio 2015.
    """

    def __init__(
        self,
        V_x: int,
        V_y: int,
        E: int,
        H: int,
        *,
        start: int,
        end: int,
        score: str | None = None,
        bidirectional: bool = True,
        cell: str = "gru",
        turn: bool = False,
    ) -> None:
        super().__init__()
        self.start, self.end, self.score = start, end, score
        self.encoder = Encoder(V_x, E, H, bidirectional, cell, turn)
        if score is None:
            self.decoder: Any = Decoder(V_y, E, H, cell)
        else:
            K = self.encoder.width
            self.decoder = AttentionDecoder(V_y, E, H, score, K, cell)

    def forward(
        self, x: Tensor, x_lengths: Tensor, y: Tensor, own: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Return logits (T, B, V_y) of y_1 … y_T, and attention weights (T, S, B).

        x (S, B), x_lengths (B,); y (T, B): y_0 … y_{T-1}; own (T-1, B), Boolean: where
        the decoder reads its own most probable symbol instead of y_1 … y_{T-1}.
        """
        read = self._read(x, x_lengths)
        if own is None:
            found = self.decoder(y, *read)
            return found if self.score else (found, None)
        logits: list[Tensor] = []
        weights: list[Any] = []
        for t in range(len(y)):
            symbol = y[t]
            if t > 0:
                symbol = torch.where(own[t - 1], logits[-1].argmax(-1), symbol)
            scores, read, alpha = self._step(symbol, read)
            logits.append(scores)
            weights.append(alpha)
        return torch.stack(logits), torch.stack(weights) if self.score else None

    def loss(
        self,
        x: Tensor,
        x_lengths: Tensor,
        y: Tensor,
        y_mask: Tensor,
        own_past: float | Tensor = 0.0,
        rng: np.random.Generator | None = None,
    ) -> Tensor:
        """Return the mean of −log p(y_t | past, x), in nats, over all true t ≥ 1.

        x (S, B), x_lengths (B,); y (T, B), T ≥ 2, y_mask (T, B, 1). own_past: the
        probability that the decoder reads its own most probable symbol instead of y_t,
        decided by rng at each step of each sequence, or the decisions (T-2, B).
        """
        T, B = _expect_target(x, y, y_mask)
        own = _decisions(own_past, rng, T - 2, B)
        own = None if own is None else own.to(x.device)
        logits, _ = self(x, x_lengths, y[:-1], own)
        scores = logits.flatten(0, 1), y[1:].flatten()
        nats = nn.functional.cross_entropy(*scores, reduction="none")
        mask = y_mask[1:].flatten().to(nats.dtype)
        return (mask * nats).sum() / mask.sum()

    @staticmethod
    def positions(x: Tensor, x_lengths: Tensor, y: Tensor, y_mask: Tensor, *_) -> float:
        """Return over how many positions `loss` takes the mean; arguments as there."""
        return float(y_mask[1:].sum())

    @torch.no_grad()
    def translate(
        self,
        x: Tensor,
        x_lengths: Tensor,
        limit: int,
        *,
        width: int = 1,
        alpha: float = 0.0,
    ) -> list[list[int]]:
        """Return for each source the ids of its translation, without start and end.

        x (S, B), x_lengths (B,); limit: symbols at most; width 1: greedy, with all
        sources at once, else the best of `beam`, whose arguments these are.
        """
        if width != 1:
            found = self.beam(x, x_lengths, width, limit, alpha)
            return [list(best.ids) for best, *_ in found]
        start = np.full(x.shape[1], self.start)
        read = self._read(x, x_lengths)
        return decode.greedy(self._decode, start, self.end, limit, state=read)

    @torch.no_grad()
    def beam(
        self,
        x: Tensor,
        x_lengths: Tensor,
        width: int,
        limit: int,
        alpha: float = 0.0,
    ) -> list[list[decode.Hypothesis]]:
        """Return for each source what `decode.beam` finds, the best first.

        x (S, B), x_lengths (B,); the other arguments and errors as there.
        """
        how = self.start, self.end, width, limit, alpha
        reads = [
            self._read(x[:, b : b + 1], x_lengths[b : b + 1]) for b in range(x.shape[1])
        ]
        return [decode.beam(self._decode, *how, state=read) for read in reads]

    @torch.no_grad()
    def alignment(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the attention's weights (T-1, S) on one source x (S,), row by row.

        y (T,): start, symbols and, if it came, end, as after `translate`; row t is for
        y_{t+1}. Raises ValueError for a model without attention.
        """
        expect(self.score is not None, "score", "a model with attention", None)
        lengths = torch.tensor([len(x)], device=x.device)
        return self(x[:, None], lengths, y[:-1, None])[1][:, :, 0]

    def _read(self, x: Tensor, x_lengths: Tensor) -> tuple:
        """Return the decoder's first state and what it looks at, for `_step`."""
        hs, state = self.encoder(x, x_lengths)
        if self.score is None:
            return (state,)
        mask = torch.arange(len(x), device=x.device)[:, None] < x_lengths
        return state, hs, mask[..., None].to(hs.dtype), self.decoder.W_k(hs)

    def _step(self, y: Tensor, read: tuple) -> tuple[Tensor, tuple, Tensor | None]:
        state, *source = read
        logits, state, *weights = self.decoder.step(y, state, *source)
        return logits, (state, *source), weights[0] if weights else None

    def _decode(self, ids: np.ndarray, read: tuple) -> tuple[Tensor, tuple]:
        """Take a step as `decode` wants it."""
        y = torch.from_numpy(ids).to(self.decoder.out.weight.device)
        logits, read, _ = self._step(y, read)
        return logits, read


def _decisions(
    own_past: float | Tensor, rng: np.random.Generator | None, T: int, B: int
) -> Tensor | None:
    if isinstance(own_past, Tensor):
        expect_shape("own_past", own_past, "T-2 B", T, B)
        return own_past
    expect_probability("own_past", own_past)
    if own_past == 0:
        return None
    expect(rng is not None, "rng", "a generator where own_past > 0", rng)
    return decide(cast(np.random.Generator, rng), own_past, T, B)


def _expect_target(x: Tensor, y: Tensor, y_mask: Tensor) -> tuple[int, int]:
    B = x.shape[-1]
    fits = y.ndim == 2 and len(y) >= 2 and y.shape[1] == B
    expect(fits, "y", f"(T, B) with T ≥ 2 and B = {B}", tuple(y.shape))
    expect_shape("y_mask", y_mask, "T B 1", *y.shape, 1)
    true = bool(y_mask[1:].sum() > 0)
    expect(true, "y_mask", "at least one true position behind the start", "none")
    return len(y), B
