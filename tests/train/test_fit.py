"""The training loop, on a model so small that every number can be known."""

import math

import pytest
import torch
from torch import nn

from course_pkg.train import fit

T, B, V = 6, 4, 5


class Counter(nn.Module):
    """Predict each symbol from a table: the smallest model that can be trained."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.table = nn.Embedding(V, V)
        self.dropout = nn.Dropout(dropout)

    def loss(self, x, y):
        logits = self.dropout(self.table(x))
        return nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())


class Carrier(Counter):
    """The same with a state: how many symbols were read before."""

    def loss(self, x, y, state=None):
        read = 0 if state is None else int(state)
        self.seen = [*getattr(self, "seen", []), read]
        return super().loss(x, y), torch.tensor(read + len(x))


def batches(epoch):
    torch_rng = torch.Generator().manual_seed(epoch)
    ids = torch.randint(V, (7, T + 1, B), generator=torch_rng)
    return [(x[:-1], x[1:]) for x in ids]


def make(kind=Counter, seed=0, **arguments):
    torch.manual_seed(seed)
    model = kind(**arguments)
    return model, torch.optim.Adam(model.parameters(), 0.1)


def test_training_is_the_loop_one_would_write():
    model, optimiser = make()
    status = fit(model, batches, optimiser, epochs=2, clip=0.5, progress=False)
    other, optimiser = make()
    losses = []
    for epoch in range(2):
        for batch in batches(epoch):
            optimiser.zero_grad()
            loss = other.loss(*batch)
            loss.backward()
            nn.utils.clip_grad_norm_(other.parameters(), 0.5)
            optimiser.step()
            losses.append(loss.item())
    assert torch.equal(model.table.weight, other.table.weight)
    assert (status.step, status.epoch, status.batch) == (14, 2, 0)
    want = [sum(losses[:7]) / 7, sum(losses[7:]) / 7]
    assert [row["train"] for row in status.curve] == pytest.approx(want)


def test_a_loss_that_is_not_finite_ends_the_run_in_one_line(tmp_path):
    model, optimiser = make()
    path = tmp_path / "c"
    fit(model, batches, optimiser, epochs=1, checkpoint=path, progress=False)
    kept = path.read_bytes()
    with torch.no_grad():
        model.table.weight[0, 0] = math.inf
    torch.save({**torch.load(path), "model": model.state_dict()}, path)
    kept = path.read_bytes()
    with pytest.raises(ValueError, match=r"loss: expected a finite number, got nan at"):
        fit(model, batches, optimiser, epochs=2, checkpoint=path, progress=False)
    assert path.read_bytes() == kept
