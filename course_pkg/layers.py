"""Recurrent layers with torch.nn's arguments, names and results, and our gradients."""

from typing import Any

import torch
from torch import Tensor

from course_pkg.arrays import expect
from course_pkg.bptt import Cell
from course_pkg.cells import elman, gru, jordan, lstm, relu
from course_pkg.cells.gru_before import ResetBefore
from course_pkg.cells.lstm_projected import Projected
from course_pkg.layer import Layer

__all__ = ["CELLS", "GRU", "LSTM", "RNN", "Jordan", "Layer", "count"]


class RNN(Layer):
    """Stack Elman layers: torch.nn.RNN, with its arguments, names and results.

    nonlinearity: "tanh" or "relu"; all else as in `Layer`. Source: Elman 1990.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)
        known = nonlinearity in ("tanh", "relu")
        expect(known, "nonlinearity", "'tanh' or 'relu'", repr(nonlinearity))

    @property
    def cell(self) -> Cell:
        """Return the module with ``step`` and ``step_grad``."""
        return relu if self.nonlinearity == "relu" else elman


class LSTM(Layer):
    """Stack LSTM layers: torch.nn.LSTM, whose state is the pair (h, c).

    proj_size P > 0 makes h P numbers wide; all else as in `Layer`. Raises ValueError
    unless 0 ≤ P < hidden_size. Source: Hochreiter, Schmidhuber 1997; Gers et al. 2000.
    """

    gates = 4

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
        **further: Any,
    ) -> None:
        # A hidden_size that does not fit is named by the base class.
        fits = isinstance(proj_size, int) and 0 <= proj_size < max(hidden_size, 1)
        expect(fits, "proj_size", "an integer in [0, hidden_size)", proj_size)
        self.proj_size = proj_size
        arguments = bias, batch_first, dropout, bidirectional, device, dtype
        super().__init__(input_size, hidden_size, num_layers, *arguments, **further)

    @property
    def cell(self) -> Cell:
        """Return the module or object with ``step`` and ``step_grad``."""
        return Projected() if self.proj_size else lstm

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the widths of h and of c."""
        return self.proj_size or self.hidden_size, self.hidden_size

    def shapes(self, size: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight of one direction that reads size numbers."""
        return super().shapes(size) | {"weight_hr": self.widths}

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults, in torch's words."""
        sizes, *others = super().extra_repr().partition(f", {self.hidden_size}")
        projection = f", proj_size={self.proj_size}" if self.proj_size else ""
        return sizes + others[0] + projection + others[1]


class GRU(Layer):
    """Stack GRU layers: torch.nn.GRU, or with reset_after=False that of the papers.

    reset_after: whether r acts after the product with W_hn; both forms have the same
    weights, for different functions. All else as in `Layer`. Source: Cho et al. 2014.
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *args: Any,
        reset_after: bool = True,
        **kwargs: Any,
    ) -> None:
        self.reset_after = reset_after
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)

    @property
    def cell(self) -> Cell:
        """Return the module or object with ``step`` and ``step_grad``."""
        return gru if self.reset_after else ResetBefore()

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        return super().extra_repr() + (
            "" if self.reset_after else ", reset_after=False"
        )


CELLS: dict[str, type[RNN | GRU | LSTM]] = {"rnn": RNN, "gru": GRU, "lstm": LSTM}


class Jordan(Layer):
    """Stack Jordan layers, which feed back their outputs y; torch has none.

    output_size O; activation σ_y: "sigmoid", "tanh" or "linear"; decay in [0, 1) of the
    context, which is the state (K, B, O). All else as in `Layer`. Source: Jordan 1986.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        num_layers: int = 1,
        *args: Any,
        activation: str = "sigmoid",
        decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        fits = isinstance(output_size, int) and output_size > 0
        expect(fits, "output_size", "an integer ≥ 1", output_size)
        self.output_size, self.activation, self.decay = output_size, activation, decay
        jordan.expect_kind(activation, decay)
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)

    @property
    def cell(self) -> Cell:
        """Return the object with ``step`` and ``step_grad``."""
        return jordan.Jordan(self.activation, self.decay)

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the width of the context."""
        return (self.output_size,)

    def shapes(self, size: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each weight of one direction that reads size numbers."""
        O, H = self.output_size, self.hidden_size  # noqa: E741
        return super().shapes(size) | {"weight_hy": (O, H), "bias_y": (O,)}

    def extra_repr(self) -> str:
        """Return the arguments that are not the defaults."""
        words = f"output_size={self.output_size}, activation={self.activation}"
        return f"{super().extra_repr()}, {words}, decay={self.decay}"

    def _output(self, hs: Tensor, first: Tensor) -> Tensor:
        # s_t = decay s_{t-1} + y_t: take out of each context what was there before.
        return hs - self.decay * torch.cat([first[None], hs[:-1]]) if self.decay else hs


def count(
    kind: type[Layer],
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bidirectional: bool = False,
    biases: int = 2,
    joined: bool = True,
) -> int:
    """Return how many weights an RNN, LSTM or GRU has, without building one.

    kind: the class. biases: torch has two where one would do. Layers above the first
    read D·H numbers, or H where directions are not joined.
    """
    D, H = 1 + bidirectional, hidden_size
    per_input = D * kind.gates * H
    above = H * (D if joined else 1)
    read = input_size + (num_layers - 1) * above
    return per_input * (read + num_layers * (H + biases))
