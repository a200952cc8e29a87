"""The reading half of an encoder and decoder: a sequence in, states and a start out."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_pkg.arrays import expect, expect_choice
from course_pkg.autograd import parts, whole
from course_pkg.batches import reverse_ragged
from course_pkg.bptt import State
from course_pkg.layers import CELLS


class Encoder(nn.Module):
    """Read ragged sources: V symbols, E numbers for each, H in each direction's state.

    cell: "rnn", "gru" or "lstm". turn: read the source from its end, so that its first
    symbols come last, close to the decoder; with both directions this only exchanges
    the two. Source: Sutskever, Vinyals, Le 2014; Cho et al. 2014.
    """

    def __init__(
        self,
        V: int,
        E: int,
        H: int,
        bidirectional: bool = True,
        cell: str = "gru",
        turn: bool = False,
    ) -> None:
        super().__init__()
        expect_choice("cell", cell, CELLS)
        self.embed = nn.Embedding(V, E)
        self.layer = CELLS[cell](E, H, bidirectional=bidirectional)
        self.width, self.turn = (2 if bidirectional else 1) * H, turn
        n = len(self.layer.widths)
        self.bridges = nn.ModuleList(nn.Linear(self.width, H) for _ in range(n))

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, State]:
        """Read x (S, B) of lengths (B,) in 1..S; padding may be any id.

        Returns hs (S, B, D·H), 0 behind a source, and the decoder's first state
        (1, B, H), tanh(W [h_ℓ forward; h_1 backward] + b); an LSTM's c_0 comes alike
        from c. Raises ValueError for other shapes and lengths.
        """
        _expect_source(x, lengths)
        read = self.embed(reverse_ragged(x, lengths) if self.turn else x)
        packed = pack_padded_sequence(read, lengths.cpu(), enforce_sorted=False)
        out, last = self.layer(packed)
        hs, _ = pad_packed_sequence(out, total_length=len(x))
        # Each direction's last state: at the true end, and at the first symbol.
        ends = [part.transpose(0, 1).flatten(1) for part in parts(last)]
        state = [
            torch.tanh(bridge(end))[None]
            for bridge, end in zip(self.bridges, ends, strict=True)
        ]
        return reverse_ragged(hs, lengths) if self.turn else hs, whole(state)


def _expect_source(x: Tensor, lengths: Tensor) -> None:
    expect(x.ndim == 2 and x.numel() > 0, "x", "ids (S, B)", tuple(x.shape))
    S, B = x.shape
    fits = tuple(lengths.shape) == (B,)
    expect(fits, "x_lengths", f"(B,) = ({B},)", tuple(lengths.shape))
    inside = bool(((lengths >= 1) & (lengths <= S)).all())
    expect(inside, "x_lengths", f"numbers in 1..S = 1..{S}", lengths.tolist())
