"""Ragged batches: what the models that label sequences do with lengths (B,)."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_pkg.arrays import expect
from course_pkg.bptt import State
from course_pkg.layer import Layer


def mask_of(lengths: Tensor, T: int, dtype: torch.dtype) -> Tensor:
    """Return the mask (T, B, 1) of lengths (B,), 1 on data and 0 behind.

    Raises ValueError for lengths outside 1..T: an empty sequence has nothing to label.
    """
    inside = bool(((lengths >= 1) & (lengths <= T)).all())
    expect(inside, "lengths", f"numbers in 1..T = 1..{T}", lengths.tolist())
    steps = torch.arange(T, device=lengths.device)
    return (steps[:, None] < lengths)[..., None].to(dtype)


def sweep(layer: Layer, x: Tensor, lengths: Tensor) -> tuple[Tensor, State]:
    """Run a layer over x (T, B, I), each sequence for its own length, lengths (B,).

    Returns hs (T, B, D·H), 0 on padding, and the last states. The backward direction
    starts at each sequence's own last step.
    """
    packed = pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)
    out, last = layer(packed)
    return pad_packed_sequence(out, total_length=len(x))[0], last


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Switch dropout and gradients off inside a ``with``, and back on after it."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(training)
