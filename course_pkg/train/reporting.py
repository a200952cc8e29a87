"""What a reader sees of a run: a bar with loss and time left, then the figures."""

import sys
from collections.abc import Iterable, Sized
from typing import Any

from course_pkg.train import ranks
from course_pkg.train.run import Run
from course_pkg.train.status import Status

EVERY = 20  # steps between looks at the loss, which make the device wait


class Bar:
    """Draw a progress bar while in the ``with`` block, in the first process only.

    epoch: the batches of one epoch; the time left shows where their number is known.
    """

    def __init__(
        self, status: Status, epoch: Iterable[Any], epochs: int, progress: bool
    ) -> None:
        self.bar = None
        if progress and ranks.rank() == 0:
            from tqdm import tqdm

            total = epochs * len(epoch) if isinstance(epoch, Sized) else None
            # In a log file, where each redrawing is a line, two a minute are enough.
            pause = 0.1 if sys.stderr.isatty() else 30.0
            facts = {"total": total, "initial": status.step, "mininterval": pause}
            self.bar = tqdm(**facts, unit="step", leave=False)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def advance(self, run: Run) -> None:
        """Show one more step and, now and then, the loss; it must be finite."""
        look = run.status.step % EVERY == 0
        loss = run.mean() if look else 0.0
        if self.bar is not None:
            self.bar.update()
            if look:
                self.bar.set_postfix(loss=f"{loss:.3f}", refresh=False)

    def show(self, row: dict[str, float]) -> None:
        """Write a line for a validation: every figure of its row of the curve."""
        if self.bar is not None:
            self.bar.write("  ".join(f"{name} {x:.4g}" for name, x in row.items()))
