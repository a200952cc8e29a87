"""Turn what a student's code returns into plain data, or say what came instead.

Plain data is None, bool, int, float, str, bytes, list, tuple, dict, and NumPy arrays of
numeric dtype. Types are looked up with ``type``, never asked of the object: an object
can lie about its class, its length and its equality, but not about its type.
"""

from typing import Any

import numpy as np
import torch

MAX_NUMBERS = 1_000_000  # entries of all arrays and containers of one result together
MAX_TEXT = 10_000  # characters of all strings together
MAX_DEPTH = 6
MAX_INTEGER = 2**64  # larger integers are slow to print and never an answer
NUMPY_TYPES = {np.ndarray, *np.sctypeDict.values()}


class NotPlain(ValueError):
    """A result that is no plain data; the message says what it is."""


def to_plain(x: Any) -> Any:
    """Copy x as plain data; raise NotPlain, with what came in words, if it is not."""
    return _Copier().copy(x, 0)


def kind_of(x: Any) -> str:
    """Say in a few words what x is, without running any of its code."""
    # The slot of ``type`` itself: a metaclass may define another __name__.
    name = type.__dict__["__name__"].__get__(type(x))[:60]
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


class _Copier:
    """One walk through a result, with what is left of the limits."""

    def __init__(self) -> None:
        self.numbers, self.text = MAX_NUMBERS, MAX_TEXT

    def copy(self, x: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise NotPlain(f"containers inside containers, more than {MAX_DEPTH} deep")
        kind = type(x)
        if x is None or kind in (bool, float, str, bytes):
            return self._atom(x)
        if kind is int:
            if abs(x) >= MAX_INTEGER:
                raise NotPlain("an integer of more than 64 bits")
            return self._atom(x)
        if issubclass(kind, (np.ndarray, np.generic)):
            return self._array(x)
        if issubclass(kind, torch.Tensor):
            return self._tensor(x)
        return self._container(x, depth)

    def _atom(self, x: Any) -> Any:
        self._spend(1, "a result")
        if type(x) in (str, bytes):
            self.text -= len(x)
            if self.text < 0:
                raise NotPlain(f"text of more than {MAX_TEXT:,} characters")
        return x

    def _spend(self, n: int, what: str) -> None:
        self.numbers -= n
        if self.numbers < 0:
            raise NotPlain(f"{what}: more than the {MAX_NUMBERS:,} numbers it may have")

    def _array(self, x: Any) -> np.ndarray:
        # Scalars such as np.float32(1) keep their dtype as an array of shape ().
        if type(x) not in NUMPY_TYPES:
            raise NotPlain(f"{kind_of(x)} in place of a plain NumPy array")
        if x.dtype.kind not in "biufc":
            raise NotPlain(f"an array of dtype {x.dtype.name[:40]}, not of numbers")
        self._spend(x.size, f"an array of shape {x.shape}")
        return np.array(x, dtype=x.dtype.newbyteorder("="), order="C")

    def _tensor(self, x: Any) -> np.ndarray:
        if type(x) not in (torch.Tensor, torch.nn.Parameter):
            raise NotPlain(f"{kind_of(x)} in place of a plain tensor")
        self._spend(x.numel(), f"a tensor of shape {tuple(x.shape)}")
        try:
            x = x.detach().cpu().resolve_conj().resolve_neg()
            x = x.float() if x.dtype == torch.bfloat16 else x
            return np.array(x.numpy())
        except (RuntimeError, TypeError, NotImplementedError):
            raise NotPlain(f"a tensor of {x.dtype}, which is no array") from None

    def _container(self, x: Any, depth: int) -> Any:
        # The methods of list, tuple and dict themselves: a subclass may have others.
        if issubclass(type(x), dict):
            self._spend(dict.__len__(x), "a dict")
            items = list(dict.items(x))
            if any(type(key) not in (str, int) for key, _ in items):
                raise NotPlain("a dict with keys other than names")
            return {
                self._atom(key): self.copy(value, depth + 1) for key, value in items
            }
        for base in (list, tuple):
            if issubclass(type(x), base):
                self._spend(base.__len__(x), f"a {base.__name__}")
                return base(self.copy(item, depth + 1) for item in base.__iter__(x))
        raise NotPlain(kind_of(x))
