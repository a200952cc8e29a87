"""A run: a model, its optimiser and all else that one step changes."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_pkg.arrays import expect
from course_pkg.bptt import State, each
from course_pkg.train import ranks
from course_pkg.train.ranks import Batch
from course_pkg.train.status import Status, loss_of, read_checkpoint, write_checkpoint

ADVICE = "; lower the learning rate, or clip"


class Loss(nn.Module):
    """Call a model's loss as a forward pass, which is what distributed runs wrap."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, *batch: Any) -> Any:
        """Return model.loss of a batch, arrays of any shape."""
        return self.model.loss(*batch)


class Run:
    """Take steps, validate, and keep what is needed to go on; see `fit`."""

    def __init__(
        self,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        device: torch.device,
        carry: bool,
        clip: float | None,
        schedule: Callable[[int], float] | None,
        autocast: torch.dtype | None,
    ) -> None:
        self.model, self.optimiser, self.device = model, optimiser, device
        self.carry, self.clip, self.schedule = carry, clip, schedule
        self.loss: nn.Module = Loss(model)
        if ranks.size() > 1:
            self.loss = nn.parallel.DistributedDataParallel(self.loss)
        self.cast = torch.autocast(device.type, autocast, enabled=autocast is not None)
        # Only float16 has too small a range for gradients without a factor.
        scale = autocast is torch.float16
        self.scaler = torch.amp.GradScaler(device.type, enabled=scale)
        for group in optimiser.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.status = Status()
        self.state: State | None = None
        self.best: dict[str, Tensor] = {}
        self.lost = torch.zeros((), dtype=torch.float64, device=device)
        self.started = time.monotonic()

    def step(self, batch: Batch) -> None:
        """Descend by one batch, arrays (T, B, ...) or (B,): each rank by its share."""
        many = isinstance(batch, tuple | list)
        expect(many, "batches", "tuples of arrays", type(batch).__name__)
        axes = getattr(self.model, "batch_axes", None)
        batch = ranks.share(tuple(torch.as_tensor(x) for x in batch), axes)
        batch = tuple(x.to(self.device, non_blocking=True) for x in batch)
        if self.schedule:
            factor = self.schedule(self.status.step)
            for group in self.optimiser.param_groups:
                group["lr"] = factor * group["initial_lr"]
        self.model.train()
        self.optimiser.zero_grad(set_to_none=True)
        with self.cast:
            if self.carry:
                loss, state = self.loss(*batch, self.state)
                self.state = each(Tensor.detach, state)
            else:
                loss = self.loss(*batch)
        if ranks.size() > 1:  # only then, as counting makes the device wait
            loss = loss * ranks.weight(self._positions(batch))
        self.scaler.scale(loss).backward()
        if self.clip is not None:
            self.scaler.unscale_(self.optimiser)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.lost += loss.detach()
        self.status.step += 1
        self.status.batch += 1
        self.status.since += 1

    def _positions(self, batch: Batch) -> float:
        if count := getattr(self.model, "positions", None):
            return float(count(*batch))
        return batch[0].shape[min(1, batch[0].ndim - 1)]

    def mean(self) -> float:
        """Return the mean loss since the last validation; NaN before the first step.

        Raises ValueError where it is not finite.
        """
        n = self.status.since * ranks.size()
        mean = ranks.total(float(self.lost)) / n if n else math.nan
        got = f"{mean} at step {self.status.step}{ADVICE}"
        expect(n == 0 or math.isfinite(mean), "loss", "a finite number", got)
        return mean

    def sound(self) -> None:
        """Raise ValueError where the mean loss or a weight is not a finite number."""
        self.mean()
        for name, x in self.model.named_parameters():
            got = f"others in {name} at step {self.status.step}{ADVICE}"
            expect(bool(x.isfinite().all()), "weights", "finite numbers", got)

    def validate(self, validate: Callable | None) -> dict[str, float]:
        """Add a row to the curve, training loss and figures of validate; return it."""
        self.sound()
        status = self.status
        row = {"step": status.step, "epoch": status.epoch, "train": self.mean()}
        self.lost.zero_()
        status.since = 0
        if validate:
            self.model.eval()
            with torch.no_grad():
                figures = validate(self.model)
            loss = loss_of(figures)
            status.waited += 1
            if loss < status.best:
                status.best, status.waited = loss, 0
                self.best = self._weights()
            row |= figures
        status.curve.append(row | {"seconds": self._seconds()})
        return row

    def enough(self, patience: int | None) -> bool:
        """Say whether so many validations have passed without a gain."""
        return patience is not None and self.status.waited >= patience

    def end_epoch(self) -> int:
        """Start the next epoch, from no state; return how many are done.

        Raises ValueError where this one had no batch.
        """
        n = self.status.batch  # 0, too, where one generator serves all epochs
        expect(n > 0, "batches", "one batch or more in every epoch", "none")
        self.status.epoch += 1
        self.status.batch = 0
        self.state = None
        return self.status.epoch

    def keep(self, path: Path | None) -> None:
        """Write a checkpoint, if there is a path, unless it would not be `sound`."""
        self.sound()
        self.status.seconds = self._seconds()
        if path:
            model, optimiser = self.model.state_dict(), self.optimiser.state_dict()
            arrays = {"model": model, "optimiser": optimiser, "best": self.best}
            scaler = self.scaler.state_dict()
            own = {"state": self.state, "lost": self.lost}
            write_checkpoint(path, self.status, arrays | {"scaler": scaler}, own)

    def resume(self, path: Path | None) -> None:
        """Go on from a checkpoint, if there is one."""
        if not path or not path.exists():
            return
        self.status, arrays, own = read_checkpoint(path)
        try:
            self.model.load_state_dict(arrays["model"])
            self.optimiser.load_state_dict(arrays["optimiser"])
        except (RuntimeError, ValueError) as error:
            text = f"checkpoint: expected this model and optimiser, got {path}: {error}"
            raise ValueError(text.partition("\n")[0]) from error
        self.scaler.load_state_dict(arrays["scaler"])
        self.best = arrays["best"]
        self.lost = own["lost"].to(self.device)
        state = own["state"]
        if state is not None:
            self.state = each(lambda part: part.to(self.device), state)
        self.started = time.monotonic() - self.status.seconds

    def interrupt(self, path: Path | None) -> None:
        """Keep what was done and remember that there was more to do."""
        self.keep(path)
        self.status.interrupted = True

    def finish(self) -> Status:
        """Give the model the weights of the best validation, if there was one."""
        if self.best:
            self.model.load_state_dict(self.best)
        return self.status

    def _weights(self) -> dict[str, Tensor]:
        state = self.model.state_dict()
        return {name: x.detach().cpu().clone() for name, x in state.items()}

    def _seconds(self) -> float:
        return time.monotonic() - self.started
