"""A pen that draws: an LSTM whose outputs are a mixture over the next point.

Points are (T, B, 3): steps right and up, and 1 where the pen is lifted after the step.
A net for V > 0 symbols reads a text as well, through a window that moves along it.
Source of it all: Graves 2013, sections 4 and 5.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_pkg.arrays import Array, expect, expect_shape, namespace, sigmoid, to_numpy
from course_pkg.cells import lstm
from course_pkg.layers import LSTM
from course_pkg.mixtures import Mixture, mixture_nll, split


def window(
    alpha: Array, beta: Array, kappa: Array, onehot: Array
) -> tuple[Array, Array]:
    """Look at a text through K bumps: φ(u) = Σ_k α_k exp(-β_k (κ_k - u)²), u = 1 … U.

    alpha, beta (B, K) > 0: heights and sharpnesses; kappa (B, K): places, which the
    caller moves on; onehot (U, B, V), zeros behind a shorter text. Returns the weights
    (U, B), which need not sum to 1, and what is read: Σ_u φ(u) onehot_u (B, V).
    Raises ValueError for other shapes. Source: Graves 2013, equations 46-47.
    """
    expect(onehot.ndim == 3, "onehot", "(U, B, V)", tuple(onehot.shape))
    for name, x in (("alpha", alpha), ("beta", beta), ("kappa", kappa)):
        expect_shape(name, x, "B K", onehot.shape[1], kappa.shape[-1])
    u = namespace(onehot).ones_like(onehot[..., :1]).cumsum(0)
    weights = (alpha * namespace(onehot).exp(-beta * (kappa - u) ** 2)).sum(-1)
    return weights, (weights[..., None] * onehot).sum(0)


def draw(rng: np.random.Generator, mixture: Mixture, bias: float = 0.0) -> np.ndarray:
    """Draw a point per row of a mixture (B, ·): x, y and the pen bit (B, 3).

    bias b ≥ 0 makes the writing neater: scales σ e⁻ᵇ, weights softmax((1 + b) π̂); the
    pen keeps its probability. Raises ValueError for b < 0. Source: Graves 2013,
    equations 61-62.
    """
    expect(bias >= 0, "bias", "a number ≥ 0", bias)
    m = Mixture(*(to_numpy(x).astype(float) for x in mixture))
    rows = np.arange(len(m.pen))
    j = ((1 + bias) * m.log_pi + rng.gumbel(size=m.log_pi.shape)).argmax(-1)
    a, b = rng.standard_normal((2, len(rows)))
    b = m.rho[rows, j] * a + b / np.cosh(m.r[rows, j])  # 1 / cosh r is √(1 - ρ²)
    sigma = np.exp(m.log_sigma[rows, :, j] - bias)
    xy = m.mu[rows, :, j] + sigma * np.stack([a, b], -1)
    lift = rng.random(len(rows)) < sigmoid(m.pen)
    return np.concatenate([xy, lift[:, None]], -1)


class MixtureRNN(nn.Module):
    """Stack LSTM layers of H cells under a mixture of M components.

    V > 0: the net follows a text of V symbols through K bumps, moved by the first
    layer. Raises ValueError for sizes that do not fit.
    """

    def __init__(
        self, H: int, M: int, num_layers: int = 1, V: int = 0, K: int = 3
    ) -> None:
        super().__init__()
        for name, size in (("M", M), ("num_layers", num_layers), ("K", K)):
            expect(size >= 1, name, "a number ≥ 1", size)
        self.V, self.K = V, K
        self.first = LSTM(3 + V, H)
        self.upper = LSTM(H + V, H, num_layers - 1) if num_layers > 1 else None
        self.out = nn.Linear(H + V, 6 * M + 1)
        if V > 0:
            self.bumps = nn.Linear(H, 3 * K)
            with torch.no_grad():  # a pen takes many steps per letter: κ starts slow
                self.bumps.bias[2 * K :] = -2.0

    def forward(
        self, x: Tensor, text: Tensor | None = None, state: Any = None
    ) -> tuple[Tensor, Tensor, Any]:
        """Say for each point read which one may follow.

        x (T, B, 3); text (U, B, V), one-hot, zeros behind a shorter one, where V > 0;
        state: None or the last call's. Returns out (T, B, 6M + 1), the window's
        weights (T, U, B), with U = 0 without a text, and the state of any shape.
        """
        self._expect(x, text)
        first, upper = (None, None) if state is None else state
        if text is None:
            hs, first = self.first(x, first)
            weights = x.new_zeros(len(x), 0, x.shape[1])
        else:
            hs, weights, first = self._follow(x, text, first)
        if self.upper is not None:
            top, upper = self.upper(hs, upper)
            hs = torch.cat([top, hs[..., top.shape[-1] :]], -1)
        return self.out(hs), weights, (first, upper)

    def _follow(
        self, x: Tensor, text: Tensor, state: Any
    ) -> tuple[Tensor, Tensor, Any]:
        """Run the first layer, whose window moves the next step's input: step by step.

        Returns h and what was read (T, B, H + V), the weights (T, U, B) and the state.
        """
        W_ih, W_hh, b_ih, b_hh = self.first.parameters()
        gi = x @ W_ih[:, :3].T + b_ih
        W = torch.cat([W_hh, W_ih[:, 3:]], -1).T  # h and what was read, in one product
        if state is None:
            sizes = (*self.first.widths, self.V, self.K)
            state = [x.new_zeros(x.shape[1], n) for n in sizes]
        h, c, read, kappa = state
        hs, seen = [], []
        for gi_t in gi:
            gh = torch.cat([h, read], -1) @ W + b_hh
            (h, c), _ = lstm.step(gi_t, gh, (h, c))
            alpha, beta, ahead = self.bumps(h).exp().chunk(3, -1)
            kappa = kappa + ahead  # > 0: the window only moves forward
            weights, read = window(alpha, beta, kappa, text)
            hs.append(torch.cat([h, read], -1))
            seen.append(weights)
        return torch.stack(hs), torch.stack(seen), (h, c, read, kappa)

    def loss(
        self, points: Tensor, mask: Tensor | None = None, text: Tensor | None = None
    ) -> Tensor:
        """Return the mean of -log p(point | points before), in nats per point.

        points (T, B, 3); mask (T, B, 1); text as in `forward`. A density: the value
        shifts with the scale of the data, and it may be negative.
        """
        before = torch.cat([torch.zeros_like(points[:1]), points[:-1]])
        return mixture_nll(self(before, text)[0], points, mask)

    def positions(
        self, points: Tensor, mask: Tensor | None = None, text: Tensor | None = None
    ) -> float:
        """Return over how many points `loss` takes the mean; arguments as there."""
        return float(points[..., 0].numel() if mask is None else mask.sum())

    def _expect(self, x: Tensor, text: Tensor | None) -> None:
        expect(x.ndim == 3 and x.shape[-1] == 3, "points", "(T, B, 3)", tuple(x.shape))
        want = f"one-hot (U, B, V) with V = {self.V}" if self.V else "None, as V = 0"
        if text is None:
            expect(self.V == 0, "text", want, None)
        else:
            expect(self.V > 0, "text", want, tuple(text.shape))
            expect_shape("text", text, "U B V", len(text), x.shape[1], self.V)


@torch.no_grad()
def generate(
    model: MixtureRNN,
    rng: np.random.Generator,
    length: int,
    *,
    prime: Tensor | None = None,
    text: Tensor | None = None,
    bias: float = 0.0,
    B: int = 1,
) -> Tensor:
    """Draw up to length points for each of B drawings: (T, B, 3), zeros behind the end.

    prime (P, B, 3): a real beginning, read and not returned; text (U, B, V): where it
    ends a drawing does. B counts where neither is given. A drawing's dice are its own.
    """
    B = next((x.shape[1] for x in (prime, text) if x is not None), B)
    x = _first_points(model, prime, B)
    if text is not None:  # one more place, behind the end
        text = nn.functional.pad(text, (0, 0, 0, 0, 0, 1))
    state, points, rngs = None, x.new_zeros(length, B, 3), rng.spawn(B)
    going = list(range(B))
    for t in range(length):
        out, weights, state = model(x, text, state)
        if text is not None:
            going = [b for b in going if not _past(weights[-1, :, b], text[:, b])]
        for b in going:
            point = draw(rngs[b], split(out[-1, b : b + 1]), bias)
            points[t, b] = torch.as_tensor(point[0])
        x = points[t : t + 1]
    return points


def _first_points(model: MixtureRNN, prime: Tensor | None, B: int) -> Tensor:
    """Return what is read before the first draw: zeros, then the prime (P, B, 3)."""
    zeros = model.out.weight.new_zeros(1, B, 3)
    if prime is None:
        return zeros
    expect_shape("prime", prime, "P B 3", len(prime), B, 3)
    return torch.cat([zeros, prime])


def _past(weights: Tensor, text: Tensor) -> bool:
    """Tell whether a window (U,) looks behind its text (U, V) more than at it."""
    U = int(text.sum())
    return bool((weights[U] > weights[:U]).all())
