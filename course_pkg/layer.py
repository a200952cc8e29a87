"""What all recurrent layers share: stacking, directions, ragged batches, checks.

A layer sweeps `bptt.forward` over its depth and its directions. The kinds of layers,
each little more than a cell, are in layers.py.
"""

import math
from operator import itemgetter
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from course_pkg import backends
from course_pkg.arrays import expect, expect_shape, reverse
from course_pkg.autograd import names, parts, whole
from course_pkg.bptt import Cell, State, each


class Layer(nn.Module):
    """Share what recurrent layers have in common; a subclass names its ``cell``.

    ``gates`` G: blocks of H rows in a weight. Arguments are torch's; a subclass sets
    its further ones first. backend: who runs the cell, see `backends.run`. Raises
    ValueError for sizes below 1, dropout outside [0, 1] and an unknown backend.
    """

    cell: Cell
    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        backend: str = "auto",
    ) -> None:
        super().__init__()
        backends.expect_backend(backend)
        self.backend = backend
        self.input_size, self.hidden_size = input_size, hidden_size
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        self._expect_arguments()
        for k in range(num_layers * self.directions):
            deep = k >= self.directions
            size = self.directions * self.widths[0] if deep else input_size
            shapes = self.shapes(size)
            for name, key in zip(self._names(k), names(self.cell, bias), strict=True):
                weight = torch.empty(shapes[key], device=device, dtype=dtype)
                self.register_parameter(name, nn.Parameter(weight))
        self.reset_parameters()

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the width of each array in a state; the first is the output's."""
        return (self.hidden_size,)

    def shapes(self, size: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight of one direction that reads size numbers."""
        GH = self.gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (GH, size)}
        shapes |= {"weight_hh": (GH, self.widths[0])}
        return shapes | {"bias_ih": (GH,), "bias_hh": (GH,)}

    @property
    def directions(self) -> int:
        """Return D, the number of directions in which each layer reads."""
        return 2 if self.bidirectional else 1

    def reset_parameters(self) -> None:
        """Draw every weight from the uniform distribution on ±1/√H, as torch does."""
        bound = 1 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            nn.init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        """Return the arguments that are not torch's defaults, in torch's words."""
        usual: dict[str, Any] = {"num_layers": 1, "bias": True, "batch_first": False}
        usual |= {"dropout": 0.0, "bidirectional": False, "backend": "auto"}
        given = {name: getattr(self, name) for name in usual}
        words = [f"{name}={x}" for name, x in given.items() if x != usual[name]]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *words])

    def forward(
        self, input: Tensor | PackedSequence, hx: State | None = None
    ) -> tuple[Tensor | PackedSequence, State]:
        """Run all layers; K is num_layers · D, with D = 2 where bidirectional.

        input (T, B, I), (B, T, I) if batch_first, (T, I), or a PackedSequence; hx
        (K, B, H), or (K, H) for (T, I), by default zeros. Returns output, like input
        but D·H wide, and the last states, like hx. Raises ValueError for other shapes.
        """
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        layout = "(B, T, I)" if self.batch_first else "(T, B, I)"
        self._expect_input(input, f"{layout} or (T, I)", (2, 3))
        if input.ndim == 2:
            state = each(lambda part: part[:, None], self._first_state(input, hx))
            hs, state = self._stack(input[:, None], None, state)
            return hs[:, 0], each(lambda part: part[:, 0], state)
        x = input.transpose(0, 1) if self.batch_first else input
        hs, state = self._stack(x, None, self._first_state(x, hx, x.shape[1]))
        return hs.transpose(0, 1) if self.batch_first else hs, state

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
        hs, state = self._stack(x, true[..., None].to(x.dtype), state)
        if order_back is not None:
            state = each(lambda part: part[:, order_back], state)
        return packed._replace(data=hs[true]), state

    def _stack(
        self, x: Tensor, mask: Tensor | None, state: State
    ) -> tuple[Tensor, State]:
        D, last = self.directions, []
        for layer in range(self.num_layers):
            if layer > 0:
                x = nn.functional.dropout(x, self.dropout, self.training)
            sweeps = [self._sweep(D * layer + d, x, mask, state) for d in range(D)]
            x = torch.cat([hs for hs, _ in sweeps], -1)
            last += [new for _, new in sweeps]
        return x, each(lambda *parts: torch.stack(parts), *last)

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
            self.backend, self.cell, len(first), x, mask, *first, *weights
        )
        hs = self._output(hs, first[0])
        return reverse(hs) if backwards else hs, whole(last)

    def _names(self, k: int) -> list[str]:
        layer, direction = divmod(k, self.directions)
        suffix = f"_l{layer}" + "_reverse" * direction
        return [name + suffix for name in names(self.cell, self.bias)]

    def _output(self, hs: Tensor, first: Tensor) -> Tensor:
        return hs

    def _first_state(self, x: Tensor, hx: State | None, *B: int) -> State:
        sizes = (self.num_layers * self.directions, *B)
        if hx is None:
            return whole([x.new_zeros(*sizes, H) for H in self.widths])
        n = len(self.widths)
        expect(len(parts(hx)) == n, "hx", f"{n} array(s)", len(parts(hx)))
        for part, H in zip(parts(hx), self.widths, strict=True):
            expect_shape("hx", part, "K B H" if B else "K H", *sizes, H)
            expect(part.dtype == x.dtype, "hx", f"{x.dtype} as the input", part.dtype)
        return hx

    def _expect_input(self, x: Tensor, layout: str, ndims: tuple[int, ...]) -> None:
        ok = x.ndim in ndims and x.shape[-1] == self.input_size
        want = f"{layout} with I = {self.input_size}"
        expect(ok, "input", want, tuple(x.shape))
        dtype = self.weight_hh_l0.dtype
        expect(x.dtype == dtype, "input", f"{dtype} as the weights", x.dtype)

    def _expect_arguments(self) -> None:
        for name in ("input_size", "hidden_size", "num_layers"):
            size = getattr(self, name)
            expect(isinstance(size, int) and size > 0, name, "an integer ≥ 1", size)
        expect(0 <= self.dropout <= 1, "dropout", "a number in [0, 1]", self.dropout)
