"""What all recurrent layers do: run their weights over batches of every form.

A layer sweeps `bptt.forward` over its depth and its directions. The kinds of layers,
each little more than a cell, are in layers.py.
"""

from operator import itemgetter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from course_pkg import backends
from course_pkg.arrays import expect, expect_shape, reverse
from course_pkg.autograd import autocast_on, no_autocast, parts, whole
from course_pkg.bptt import State, each
from course_pkg.skips import with_past
from course_pkg.weights import Weights


class Layer(Weights):
    """Share what recurrent layers have in common: all but the cell and its weights.

    Arguments as in `Weights`. Raises ValueError for sizes below 1, dropout outside
    [0, 1], delays that are not different integers above 1, and unknown backends.
    """

    def forward(
        self, input: Tensor | PackedSequence, hx: State | None = None
    ) -> tuple[Tensor | PackedSequence, State]:
        """Run all layers; K is num_layers · D, with D = 2 where bidirectional.

        input (T, B, I), (B, T, I) if batch_first, (T, I), or a PackedSequence; hx
        (K, B, H), or (K, H) for (T, I), by default zeros; with skip, earlier states may
        follow. Returns output, like input but D·H wide, and the last states, like hx.
        Under autocast all is computed, and returned, in the dtype of the weights.
        Raises ValueError for other shapes.
        """
        weight: Any = self.weight_ih_l0
        if not autocast_on(weight):
            return self._forward(input, hx)
        # A state adds up over many steps: in half precision, what is small gets lost.
        hx = None if hx is None else each(lambda part: part.to(weight.dtype), hx)
        with no_autocast(weight):
            return self._forward(input.to(weight.dtype), hx)

    def _forward(
        self, input: Tensor | PackedSequence, hx: State | None
    ) -> tuple[Tensor | PackedSequence, State]:
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        layout = "(B, T, I)" if self.batch_first else "(T, B, I)"
        self._expect_input(input, f"{layout} or (T, I)", (2, 3))
        if input.ndim == 2:
            state = each(lambda part: part[:, None], self._first_state(input, hx))
            hs, state = self._run(input[:, None], None, state)
            return hs[:, 0], each(lambda part: part[:, 0], state)
        x = input.transpose(0, 1) if self.batch_first else input
        hs, state = self._run(x, None, self._first_state(x, hx, x.shape[1]))
        return hs.transpose(0, 1) if self.batch_first else hs, state

    def flatten_parameters(self) -> None:
        """Do nothing: torch's layers lay weights out for cuDNN here, ours need not."""

    def _forward_packed(
        self, packed: PackedSequence, hx: State | None
    ) -> tuple[PackedSequence, State]:
        data, batch_sizes, order, order_back = packed
        self._expect_input(data, "packed (N, I)", (2,))
        T, B = len(batch_sizes), int(batch_sizes[0])
        # Packed data is the batch, longest sequence first, row by row without padding.
        true = (torch.arange(B) < batch_sizes[:, None]).to(data.device)
        x = data.new_zeros(T, B, self.input_size)
        x[true] = data
        state = self._first_state(data, hx, B)
        if order is not None:
            state = each(lambda part: part[:, order], state)
        hs, state = self._run(x, true[..., None].to(x.dtype), state)
        if order_back is not None:
            state = each(lambda part: part[:, order_back], state)
        return packed._replace(data=hs[true]), state

    def _run(
        self, x: Tensor, mask: Tensor | None, state: State
    ) -> tuple[Tensor, State]:
        def sweep(k: int, x: Tensor) -> tuple[Tensor, State]:
            return self._sweep(k, x, mask, state)

        def drop(x: Tensor) -> Tensor:
            return nn.functional.dropout(x, self.dropout, self.training)

        hs, last = self._stack.run(x, sweep, drop)
        return hs, each(lambda *parts: torch.stack(parts), *last)

    def _sweep(
        self, k: int, x: Tensor, mask: Tensor | None, state: State
    ) -> tuple[Tensor, State]:
        backwards = k % self.directions == 1
        if backwards:
            # Turned round as well, the mask holds the first state through the padding
            # until each sequence's own last step.
            x, mask = reverse(x), None if mask is None else reverse(mask)
        first = parts(each(itemgetter(k), state))
        weights = [getattr(self, name) for name in self._names(k)]
        hs, *last = backends.run(
            self.backend, self._cell, len(first), x, mask, *first, *weights
        )
        hs = self._output(hs, first[0])
        return reverse(hs) if backwards else hs, whole(last)

    def _output(self, hs: Tensor, first: Tensor) -> Tensor:
        return hs

    def _first_state(self, x: Tensor, hx: State | None, *B: int) -> State:
        sizes = (self.num_layers * self.directions, *B)
        older = max(self.skip, default=1) - 1
        widths = self.widths + older * self.widths[:1]
        if hx is None:
            hx = self._start(x, sizes)
        hx = tuple(hx) if isinstance(hx, list) else hx
        if older and len(parts(hx)) == len(self.widths):
            hx = with_past(hx, older)
        n = len(widths)
        expect(len(parts(hx)) == n, "hx", f"{n} array(s)", len(parts(hx)))
        for part, H in zip(parts(hx), widths, strict=True):
            expect_shape("hx", part, "K B H" if B else "K H", *sizes, H)
            expect(part.dtype == x.dtype, "hx", f"{x.dtype} as the input", part.dtype)
        return hx

    def _start(self, x: Tensor, sizes: tuple[int, ...]) -> State:
        if not self.learn_state:
            return whole([x.new_zeros(*sizes, H) for H in self.widths])
        learned = [getattr(self, name) for name in self._learned]
        rows = [h if len(sizes) == 2 else h.squeeze(1) for h in learned]
        return whole([h.expand(*sizes, -1) for h in rows])

    def _expect_input(self, x: Tensor, layout: str, ndims: tuple[int, ...]) -> None:
        ok = x.ndim in ndims and x.shape[-1] == self.input_size
        want = f"{layout} with I = {self.input_size}"
        expect(ok, "input", want, tuple(x.shape))
        dtype = self.weight_ih_l0.dtype
        expect(x.dtype == dtype, "input", f"{dtype} as the weights", x.dtype)
