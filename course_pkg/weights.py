"""What a recurrent layer is made of: its arguments, and weights under torch's names."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from course_pkg import backends
from course_pkg.arrays import expect, expect_choice
from course_pkg.autograd import names
from course_pkg.bptt import Cell
from course_pkg.skips import Skip
from course_pkg.stacking import Stack

# What repr leaves out: the values that arguments usually have.
USUAL: dict[str, Any] = {"num_layers": 1, "bias": True, "batch_first": False}
USUAL |= {"dropout": 0.0, "bidirectional": False, "joined": True, "residual": False}
USUAL |= {"input_to_all": False, "skip": (), "learn_state": False, "backend": "auto"}
Shape = tuple[int, ...]


class Weights(nn.Module):
    """Hold the arguments and weights of a layer; a subclass names its ``cell``.

    ``gates`` G: blocks of H rows in a weight. Arguments are torch's, then ours:
    joined, residual and input_to_all as in `Stack`; skip: delays of skip connections
    over time, as in `Skip`; learn_state: whether the first states, where none is given,
    are parameters h0, c0 (K, 1, H); backend: who runs the cell, see `backends.run`. A
    subclass sets its further arguments first.
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
        joined: bool = True,
        residual: bool = False,
        input_to_all: bool = False,
        skip: Sequence[int] = (),
        learn_state: bool = False,
        backend: str = "auto",
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        self.dropout, self.bidirectional = float(dropout), bidirectional
        self.joined, self.residual, self.input_to_all = joined, residual, input_to_all
        self.skip, self.learn_state, self.backend = tuple(skip), learn_state, backend
        self._expect_arguments()
        for name, shape in self._all_shapes().items():
            weight = torch.empty(shape, device=device, dtype=dtype)
            self.register_parameter(name, nn.Parameter(weight))
        self.reset_parameters()

    @property
    def widths(self) -> Shape:
        """Return the width of each array in a state; the first is the output's."""
        return (self.hidden_size,)

    def shapes(self, size: int) -> dict[str, Shape]:
        """Return the shape of each weight of one direction that reads size numbers."""
        GH = self.gates * self.hidden_size
        shapes: dict[str, Shape] = {"weight_ih": (GH, size)}
        shapes |= {"weight_hh": (GH, self.widths[0])}
        shapes |= {f"weight_skip{d}": (GH, self.widths[0]) for d in self.skip}
        return shapes | {"bias_ih": (GH,), "bias_hh": (GH,)}

    @property
    def directions(self) -> int:
        """Return D, the number of directions in which each layer reads."""
        return 2 if self.bidirectional else 1

    @property
    def all_weights(self) -> list[list[nn.Parameter]]:
        """Return the weights of each layer and direction, in torch's order."""
        K = self.num_layers * self.directions
        return [[getattr(self, name) for name in self._names(k)] for k in range(K)]

    def reset_parameters(self) -> None:
        """Draw weights from the uniform distribution on ±1/√H, as torch does.

        Learned first states start at zero.
        """
        bound = 1 / math.sqrt(self.hidden_size)
        for name, weight in self.named_parameters():
            limit = 0.0 if name in self._learned else bound
            nn.init.uniform_(weight, -limit, limit)

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults, in torch's words."""
        given = {name: getattr(self, name) for name in USUAL}
        words = [f"{name}={x}" for name, x in given.items() if x != USUAL[name]]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *words])

    @property
    def _stack(self) -> Stack:
        wiring = self.joined, self.residual, self.input_to_all
        return Stack(self.num_layers, self.directions, *wiring)

    @property
    def _cell(self) -> Cell:
        return Skip(self.cell, self.skip) if self.skip else self.cell

    @property
    def _learned(self) -> dict[str, int]:
        return dict(
            zip(("h0", "c0"), self.widths if self.learn_state else (), strict=False)
        )

    def _names(self, k: int) -> list[str]:
        layer, direction = divmod(k, self.directions)
        suffix = f"_l{layer}" + "_reverse" * direction
        return [name + suffix for name in names(self._cell, self.bias)]

    def _all_shapes(self) -> dict[str, Shape]:
        """Return the shape of each parameter, under its name, in torch's order."""
        K, shapes = self.num_layers * self.directions, dict[str, Shape]()
        for k in range(K):
            layer = k // self.directions
            size = self._stack.reads(layer, self.input_size, self.widths[0])
            one, keys = self.shapes(size), names(self._cell, self.bias)
            shapes |= {n: one[key] for n, key in zip(self._names(k), keys, strict=True)}
        return shapes | {name: (K, 1, H) for name, H in self._learned.items()}

    def _expect_arguments(self) -> None:
        expect_choice("backend", self.backend, backends.BACKENDS)
        for name in ("input_size", "hidden_size", "num_layers"):
            size = getattr(self, name)
            expect(isinstance(size, int) and size > 0, name, "an integer ≥ 1", size)
        expect(0 <= self.dropout <= 1, "dropout", "a number in [0, 1]", self.dropout)
        if self.dropout > 0 and self.num_layers == 1:
            text = "dropout acts between layers, and there is only one"
            warnings.warn(text, UserWarning, stacklevel=4)
        late = all(isinstance(d, int) and d >= 2 for d in self.skip)
        fits = late and len(set(self.skip)) == len(self.skip)
        expect(fits, "skip", "different delays, integers ≥ 2", self.skip)
