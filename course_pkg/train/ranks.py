"""Several processes as one: what torchrun starts, each with its share of a batch.

Without torchrun there is one process and nothing here does anything.
"""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, distributed

from course_pkg.arrays import expect

Batch = tuple[Tensor, ...]


@contextmanager
def joined(device: torch.device) -> Iterator[torch.device]:
    """Join the processes that torchrun started; give this one's device."""
    alone = "WORLD_SIZE" not in os.environ or distributed.is_initialized()
    if alone:
        yield device
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
            torch.cuda.set_device(device)
        yield device
    finally:
        # A module that shares gradients keeps the group alive, in a cycle; freed after
        # the group, it waits for a thread that waits for it.
        gc.collect()
        distributed.destroy_process_group()


def rank() -> int:
    """Return this process's number, from 0; process 0 writes the files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def size() -> int:
    """Return the number of processes."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def share(batch: Batch, axes: Sequence[int] | None = None) -> Batch:
    """Return this process's columns of a batch: every size()-th from rank() on.

    axes: of each array the one of the batch; by default 1, as in (T, B, ...), or 0
    where there is no other. Each process has the same batches. Raises ValueError for
    fewer axes than arrays.
    """
    axes = axes or [min(1, x.ndim - 1) for x in batch]
    want = f"one for each of {len(batch)} arrays"
    expect(len(axes) >= len(batch), "batch_axes", want, axes)
    mine = slice(rank(), None, size())
    pairs = zip(batch, axes, strict=False)
    return tuple(x[(slice(None),) * axis + (mine,)] for x, axis in pairs)


def total(x: float) -> float:
    """Return the sum of a number over all processes; all of them must call this."""
    if size() == 1:
        return x
    device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
    tensor = torch.tensor(x, dtype=torch.float64, device=device)
    distributed.all_reduce(tensor)
    return float(tensor)


def weight(positions: float) -> float:
    """Return by how much to multiply a mean over this process's true positions.

    Averaged over the processes, the products give the mean over all positions.
    """
    return size() * positions / total(positions)


def gather(mine: Any) -> list[Any]:
    """Return what every process gave, in order of rank; only process 0 gets it all."""
    if size() == 1:
        return [mine]
    everyone = [None] * size() if rank() == 0 else None
    distributed.gather_object(mine, everyone)
    return everyone or [mine]


def wait() -> None:
    """Wait until every process is here."""
    if size() > 1:
        distributed.barrier()
