"""Train in the processes that torchrun starts, or in one, and keep what came out.

Usage: two_processes.py FOLDER NAME [STOP]: stops itself after STOP steps.
"""

import os
import signal
import sys
from pathlib import Path

import torch
from torch import nn

from course_pkg.layers import LSTM
from course_pkg.train import fit

T, B, V = 5, 6, 4


class Ragged(nn.Module):
    """A layer and a masked loss, whose mean is over different numbers of positions."""

    def __init__(self):
        super().__init__()
        self.rnn = LSTM(V, 8)
        self.output = nn.Linear(8, V)

    def loss(self, x, y, mask):
        losses = (self.output(self.rnn(x)[0]) - y).square().mean(-1, keepdim=True)
        return (mask * losses).sum() / mask.sum()

    def positions(self, x, y, mask):
        return mask.sum().item()


class Carrying(Ragged):
    """The same with a state that goes from batch to batch, and with dropout."""

    def loss(self, x, y, mask, state=None):
        hs, state = self.rnn(x, state)
        losses = (self.output(hs) - y).square().mean(-1, keepdim=True)
        return (mask * losses).sum() / mask.sum(), state


def batches(epoch):
    rng = torch.Generator().manual_seed(epoch)
    shapes = ((T, B, V), (T, B, V), (T, B, 1))
    return [
        tuple(
            (torch.randn(s, generator=rng, dtype=torch.float64) > 0).double()
            if s[-1] == 1
            else torch.randn(s, generator=rng, dtype=torch.float64)
            for s in shapes
        )
        for _ in range(6)
    ]


def main(folder, name, stop=0):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    kind = Carrying if "carried" in name else Ragged
    model = kind().double()
    optimiser = torch.optim.Adam(model.parameters(), 0.05)
    taken = 0

    def watched(epoch):
        nonlocal taken
        for batch in batches(epoch):
            taken += 1
            # Only one process hears the signal; both must stop at the same step.
            if taken == stop and os.environ.get("RANK", "0") == "1":
                os.kill(os.getpid(), signal.SIGTERM)
            yield batch

    status = fit(
        model,
        watched,
        optimiser,
        epochs=2,
        clip=0.1,
        carry=kind is Carrying,
        validate=lambda m: {"loss": float(m.output.weight.square().sum())},
        checkpoint=folder / f"{name}.ckpt",
        progress=False,
    )
    if os.environ.get("RANK", "0") == "0":
        rows = [[row["train"], row["loss"]] for row in status.curve]
        out = {"model": model.state_dict(), "curve": rows, "steps": status.step}
        torch.save(out, folder / f"{name}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
