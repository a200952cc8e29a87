"""Captions: a convolutional net looks at a picture, a GRU says what is to be seen.

Pictures are (B, 3, 16, 16). A caption is ids (T, B) of its words and of an end symbol;
the start symbol is read and never said, so the model puts it in itself.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_pkg import decode
from course_pkg.arrays import expect, expect_choice, expect_shape
from course_pkg.attention import context, masked_softmax, scaled_dot
from course_pkg.cells import gru
from course_pkg.layers import GRU
from course_pkg.losses import cross_entropy

INJECTIONS = ("state", "first", "every", "attention")
S, F = 16, 32  # places on the grid that the convolutions leave, and features in each


class Encoder(nn.Module):
    """Turn pictures into a grid of 4 × 4 places with F features each.

    First values: He et al. 2015. Torch's own shrink what they read: pictures look so
    much the same that the net first learns to do without them.
    """

    def __init__(self) -> None:
        super().__init__()
        convolutions = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, F, 3, padding=1)
        self.layers = nn.Sequential()
        for convolution in convolutions:
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            self.layers.extend([convolution, nn.ReLU(), nn.MaxPool2d(2)])

    def forward(self, images: Tensor) -> Tensor:
        """Return the features (S, B, F) of images (B, 3, 16, 16), row by row."""
        got = tuple(images.shape)
        fits = len(got) == 4 and got[1:] == (3, 16, 16)
        expect(fits, "images", "(B, 3, 16, 16)", got)
        return self.layers(images).flatten(2).permute(2, 0, 1)


class Captioner(nn.Module):
    """Say V symbols, embedded in E numbers, with a GRU of H cells.

    inject: where the picture enters: "state", the first state; "first", as a word
    before the start; "every", beside every word; "attention", a new look at the grid
    for every word (Xu et al. 2015). start, end: ids of symbols.
    Raises ValueError for another word. Source: Vinyals et al. 2015.
    """

    def __init__(
        self,
        V: int,
        E: int,
        H: int,
        inject: str = "state",
        start: int = 0,
        end: int = 1,
    ) -> None:
        super().__init__()
        expect_choice("inject", inject, INJECTIONS)
        self.inject, self.start, self.end = inject, start, end
        self.encoder, self.embedding = Encoder(), nn.Embedding(V, E)
        if inject == "attention":
            self.place = nn.Parameter(0.1 * torch.randn(S, 1, F))
            self.key = nn.Linear(F, H)
        else:
            self.vector = nn.Linear(S * F, H if inject == "state" else E)
        self.rnn = GRU(E + {"every": E, "attention": F}.get(inject, 0), H)
        self.out = nn.Linear(H, V)

    def look(self, images: Tensor) -> tuple[Any, Tensor]:
        """Return what stays in view and the first state (1, B, H).

        images (B, 3, 16, 16). In view: nothing, a vector (B, E), or keys and values
        (S, B, ·), as the injection has it.
        """
        grid = self.encoder(images)
        h = grid.new_zeros(1, len(images), self.rnn.hidden_size)
        if self.inject == "attention":
            grid = grid + self.place  # the same colour elsewhere is something else
            return (self.key(grid), grid), h
        v = self.vector(grid.transpose(0, 1).flatten(1))
        if self.inject == "state":
            return None, v[None]  # a tanh would saturate: all pictures look the same
        return (None, self.rnn(v[None], h)[1]) if self.inject == "first" else (v, h)

    def forward(self, ids: Tensor, state: tuple[Any, Tensor]) -> tuple[Tensor, Any]:
        """Read symbols, score the next ones: ids (T, B) -> logits (T, B, V).

        state: `look`'s or the last call's, of any shape; returned behind the logits.
        """
        view, h = state
        x = self.embedding(ids)
        if self.inject == "attention":
            hs, h, _ = self._attend(x, h, *view)
            return self.out(hs), (view, h)
        if self.inject == "every":
            x = torch.cat([x, view.expand(len(x), *view.shape)], -1)
        hs, h = self.rnn(x, h)
        return self.out(hs), (view, h)

    def _attend(
        self, x: Tensor, h: Tensor, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Step by step, let the state before the word say where to look for it.

        x (T, B, E), h (1, B, H). Returns hs (T, B, H), the last h, weights (T, S, B).
        """
        W_ih, W_hh, b_ih, b_hh = self.rnn.parameters()
        gi = x @ W_ih[:, : x.shape[-1]].T + b_ih
        W_c, h = W_ih[:, x.shape[-1] :], h[0]
        hs, looks = [], []
        for gi_t in gi:
            weights = masked_softmax(scaled_dot(h, keys))
            seen = context(weights, values) @ W_c.T
            h, _ = gru.step(gi_t + seen, h @ W_hh.T + b_hh, h)
            hs.append(h)
            looks.append(weights)
        return torch.stack(hs), h[None], torch.stack(looks)

    def loss(self, images: Tensor, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the mean of -log p(word | words before, picture), in nats.

        images (B, 3, 16, 16); ids (T, B): words, then the end; mask (T, B, 1).
        """
        expect_shape("ids", ids, "T B", len(ids), len(images))
        return cross_entropy(self(self._before(ids), self.look(images))[0], ids, mask)

    batch_axes = (0, 1, 1)  # of the arguments of `loss`, for several processes

    def positions(
        self, images: Tensor, ids: Tensor, mask: Tensor | None = None
    ) -> float:
        """Return over how many words `loss` takes the mean; arguments as there."""
        return float(ids.numel() if mask is None else mask.sum())

    def looks(self, images: Tensor, ids: Tensor) -> Tensor:
        """Return where each word of ids (T, B) was looked for: weights (T, S, B).

        images (B, 3, 16, 16). Raises ValueError for a model without attention.
        """
        expect(self.inject == "attention", "inject", "attention", self.inject)
        view, h = self.look(images)
        return self._attend(self.embedding(self._before(ids)), h, *view)[2]

    def _before(self, ids: Tensor) -> Tensor:
        return torch.cat([torch.full_like(ids[:1], self.start), ids[:-1]])

    def step(self, ids: np.ndarray, state: Any) -> tuple[Tensor, Any]:
        """Score the symbols after ids (B,) for `decode`: logits (B, V) and state."""
        where = self.out.weight.device
        logits, state = self(torch.as_tensor(ids, device=where)[None], state)
        return logits[0], state

    @torch.no_grad()
    def greedy(self, images: Tensor, limit: int) -> list[list[int]]:
        """Caption images (B, 3, 16, 16) with the likeliest words, at most limit."""
        start = np.full(len(images), self.start)
        return decode.greedy(self.step, start, self.end, limit, state=self.look(images))

    @torch.no_grad()
    def beam(
        self, image: Tensor, width: int, limit: int, alpha: float = 0.0
    ) -> list[decode.Hypothesis]:
        """Caption one image (3, 16, 16) by `decode.beam`, the best caption first."""
        state = self.look(image[None])
        return decode.beam(
            self.step, self.start, self.end, width, limit, alpha, state=state
        )


@torch.no_grad()
def information(
    model: Captioner,
    images: Tensor,
    captions: Tensor,
    rng: np.random.Generator,
    mask: Tensor | None = None,
) -> float:
    """Return how much lower the loss is with the right picture than with a wrong one.

    images (B, 3, 16, 16), B ≥ 2; captions: ids (T, B); mask (T, B, 1). In nats per
    word; about 0 for a model that does not look. Every caption gets the picture of
    another, by a permutation without fixed points.
    """
    B = len(images)
    expect(B >= 2, "images", "B ≥ 2 pictures", B)
    round_ = rng.permutation(B)  # all in one circle, in which each moves on by one
    wrong = np.empty(B, int)
    wrong[round_] = np.roll(round_, 1)
    losses = [
        model.loss(images[rows], captions, mask) for rows in (wrong, np.arange(B))
    ]
    return float(losses[0] - losses[1])
