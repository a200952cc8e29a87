"""Fused (scan, scan_grad) pairs behind the contract of `bptt`: none so far.

A module of this package enters its pairs into ``PAIRS``.
"""

from typing import Any

import torch

from course_pkg.bptt import Pair

# Keys: the cell's module, the type of the device, and the dtype of the arrays.
PAIRS: dict[tuple[Any, str, torch.dtype], Pair] = {}


def pick(cell: Any, device: torch.device, dtype: torch.dtype) -> Pair | None:
    """Return the pair with fused kernels for a cell on a device, None without one."""
    return PAIRS.get((cell, device.type, dtype))
