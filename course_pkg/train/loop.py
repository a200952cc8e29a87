"""The training loop: `fit` trains every model of the course.

A model says what it loses on a batch; `fit` does the rest, and goes on from any
checkpoint as if it had never stopped.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from course_pkg.arrays import expect
from course_pkg.train import ranks
from course_pkg.train.ranks import Batch
from course_pkg.train.reporting import Bar
from course_pkg.train.run import Run
from course_pkg.train.status import Status
from course_pkg.train.stopping import Stop

Batches = Callable[[int], Iterable[Batch]]
Validate = Callable[[Any], dict[str, float]]


def fit(
    model: nn.Module,
    batches: Batches,
    optimiser: torch.optim.Optimizer,
    *,
    epochs: int,
    validate: Validate | None = None,
    every: int | None = None,
    patience: int | None = None,
    clip: float | None = None,
    schedule: Callable[[int], float] | None = None,
    carry: bool = False,
    device: str = "cpu",
    autocast: torch.dtype | None = None,
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> Status:
    """Train a model; leave it with the weights that validated best, and say how it was.

    batches(epoch): the epoch's batches, equal at each call. model.loss(*batch): a mean;
    with carry, model.loss(*batch, state) -> (loss, state). validate(model): figures,
    "loss" the one to lower, every so many steps or each epoch; patience: validations
    without a gain. clip: largest norm. schedule(step): factor of the learning rate.
    checkpoint: file to keep and to go on from. Raises ValueError: a loss or weight not
    finite, an epoch without batches, patience without validate, numbers below 1.
    """
    for name, n in (("epochs", epochs), ("every", every), ("patience", patience)):
        expect(n is None or n >= 1, name, "at least 1", n)
    expect(clip is None or clip > 0, "clip", "a number > 0", clip)
    waits = patience is None or validate is not None
    expect(waits, "patience", "None without validate", patience)
    with ExitStack() as stack:
        where = stack.enter_context(ranks.joined(torch.device(device)))
        run = Run(model.to(where), optimiser, where, carry, clip, schedule, autocast)
        path = Path(checkpoint) if checkpoint else None
        run.resume(path)
        stop = stack.enter_context(Stop())
        bar = stack.enter_context(Bar(run.status, batches(0), epochs, progress))
        pace = Pace(epochs, every, patience)
        _go(run, batches, validate, pace, path, stop, bar)
        status = run.finish()
        del run  # before its processes part: see `ranks.joined`
    return status


class Pace(NamedTuple):
    """How long a run is: in epochs, validations and patience, as `fit` has them."""

    epochs: int
    every: int | None
    patience: int | None


def _go(
    run: Run,
    batches: Batches,
    validate: Validate | None,
    pace: Pace,
    path: Path | None,
    stop: Stop,
    bar: Bar,
) -> None:
    """Take steps until the last one, or until there is a reason to stop."""

    def check() -> None:
        bar.show(run.validate(validate))
        run.keep(path)

    while run.status.epoch < pace.epochs and not run.enough(pace.patience):
        left = islice(batches(run.status.epoch), run.status.batch, None)
        for batch in left:
            run.step(batch)
            bar.advance(run)
            if pace.every and run.status.step % pace.every == 0:
                check()
            if run.enough(pace.patience):
                break
            if stop.asked() and next(left, None) is not None:
                break
        else:
            at_end = run.end_epoch() == pace.epochs and run.status.since > 0
            check() if at_end or not pace.every else run.keep(path)
        if stop.asked():
            if run.status.epoch < pace.epochs and not run.enough(pace.patience):
                run.interrupt(path)
            break
