"""Where a run stands, and the checkpoint file from which it goes on."""

import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import torch

from course_pkg.arrays import expect
from course_pkg.train import ranks


@dataclass
class Status:
    """Count what a run has done; a checkpoint keeps it beside the arrays.

    epoch, batch: where the next step is; step: steps done, since: of these, after the
    last validation; seconds: in all sessions together; best, waited: the lowest
    validation loss and the validations after it; curve: a row for each validation.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    since: int = 0
    seconds: float = 0.0
    best: float = math.inf
    waited: int = 0
    interrupted: bool = False
    curve: list[dict[str, float]] = field(default_factory=list)


def loss_of(figures: Any) -> float:
    """Return the one of the figures to lower; raise ValueError where there is none."""
    there = isinstance(figures, dict) and "loss" in figures
    finite = there and math.isfinite(figures["loss"])
    expect(finite, "validate", 'figures with a finite "loss"', figures)
    return float(figures["loss"])


def write_checkpoint(
    path: Path, status: Status, arrays: dict[str, Any], own: dict[str, Any]
) -> None:
    """Put a run's status and arrays into a file, as a whole or not at all.

    arrays: state dicts, the same in each process; own: what differs between them, like
    the carried state of their columns and their random numbers. Process 0 writes.
    """
    owns = ranks.gather(own | {"random": _random()})
    if ranks.rank() == 0:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        torch.save({"status": asdict(status), "own": owns, **arrays}, part)
        os.replace(part, path)
    ranks.wait()


def read_checkpoint(path: Path) -> tuple[Status, dict[str, Any], dict[str, Any]]:
    """Return a checkpoint's status, arrays and own, and set the random numbers.

    Raises ValueError for another file, and where another number of processes wrote it.
    """
    expect(is_zipfile(path), "checkpoint", "a whole file of `fit`", path)
    kept = torch.load(path, map_location="cpu", weights_only=True)
    status, owns, n = Status(**kept.pop("status")), kept.pop("own"), ranks.size()
    expect(len(owns) == n, "checkpoint", f"one by {n} process(es)", len(owns))
    own = owns[ranks.rank()]
    torch.set_rng_state(own["random"]["cpu"])
    states = own["random"].get("cuda", [])
    for n in range(min(torch.cuda.device_count(), len(states))):
        torch.cuda.set_rng_state(states[n], n)
    return status, kept, own


def _random() -> dict[str, Any]:
    states: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_initialized():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states
