"""The training loop, on a model so small that every number can be known."""

import math

import numpy as np
import pytest
import torch
from oracle import complains
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

    def __init__(self, dropout=0.0):
        super().__init__(dropout)
        self.seen = []

    def loss(self, x, y, state=None):
        read = 0 if state is None else int(state)
        self.seen.append(read)
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


def test_state_goes_from_batch_to_batch_and_ends_with_the_epoch():
    model, optimiser = make(Carrier)
    fit(model, batches, optimiser, epochs=2, carry=True, progress=False)
    assert model.seen == [0, 6, 12, 18, 24, 30, 36] * 2


def test_no_gradient_flows_through_the_carried_state():
    class Chain(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.tensor(2.0))

        def loss(self, x, y, state=None):
            state = torch.ones(()) if state is None else state
            return self.w * state, self.w * state

    model = Chain()
    optimiser = torch.optim.SGD(model.parameters(), 1.0)
    fit(
        model, lambda e: batches(e)[:2], optimiser, epochs=1, carry=True, progress=False
    )
    # Steps: w = 2 - 1, its state 2; then the gradient is 2 alone, not 2 + w.
    assert model.w.item() == -1.0


def test_the_best_weights_stay_and_patience_ends_the_run():
    model, optimiser = make()
    losses = iter([3.0, 2.0, 2.5, 2.0, 1.0])
    seen = []

    def validate(m):
        assert not m.training
        assert not torch.is_grad_enabled()
        seen.append(m.table.weight.clone())
        return {"loss": next(losses), "other": 7.0}

    status = fit(
        model,
        batches,
        optimiser,
        epochs=9,
        validate=validate,
        patience=2,
        progress=False,
    )
    assert [row["loss"] for row in status.curve] == [3.0, 2.0, 2.5, 2.0]
    assert [row["step"] for row in status.curve] == [7, 14, 21, 28]
    assert status.curve[0]["other"] == 7.0
    assert torch.equal(model.table.weight, seen[1])
    assert not torch.equal(seen[1], seen[3])


def test_patience_counts_validations_between_epochs_too():
    status = fit(
        *make_first(),
        epochs=9,
        validate=lambda m: {"loss": 1.0},
        every=2,
        patience=3,
        progress=False,
    )
    assert [row["step"] for row in status.curve] == [2, 4, 6, 8]


def make_first():
    model, optimiser = make()
    return model, batches, optimiser


def test_the_schedule_scales_the_first_rate():
    model, optimiser = make()
    rates = []
    step = optimiser.step

    def watch():
        rates.append(optimiser.param_groups[0]["lr"])
        step()

    optimiser.step = watch
    fit(
        model,
        lambda e: batches(e)[:3],
        optimiser,
        epochs=2,
        schedule=lambda n: 0.5**n,
        progress=False,
    )
    assert rates == [0.1 * 0.5**n for n in range(6)]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_mixed_precision_multiplies_in_it_and_keeps_float32_weights(dtype):
    class Product(Counter):
        def loss(self, x, y):
            product = self.table(x).flatten(0, 1) @ self.table.weight
            self.dtypes = {product.dtype}
            return nn.functional.cross_entropy(product.float(), y.flatten())

    def train(autocast):
        model, optimiser = make(Product)
        how = {"clip": 1.0, "autocast": autocast, "progress": False}
        fit(model, batches, optimiser, epochs=2, **how)
        assert model.table.weight.dtype == torch.float32
        return model

    mixed, exact = train(dtype), train(None)
    assert mixed.dtypes == {dtype}
    assert exact.dtypes == {torch.float32}
    difference = (mixed.table.weight - exact.table.weight).abs().max()
    assert 0 < difference < 0.05


def test_progress_shows_loss_time_left_and_each_validation(capsys):
    fit(*make_first(), epochs=2, validate=lambda m: {"loss": 1.25})
    err = capsys.readouterr()
    assert "14/14" in err.err
    assert "step 7  epoch 1  train " in err.out
    assert "loss 1.25" in err.out


def test_without_progress_nothing_is_written(capsys):
    fit(*make_first(), epochs=1, progress=False)
    assert capsys.readouterr() == ("", "")


def test_one_generator_for_all_epochs_is_named():
    """It would be empty from the second epoch on, and nothing would be learnt there."""
    model, optimiser = make()
    once = iter(batches(0))
    with pytest.raises(ValueError, match="batches: expected one batch or more in ev"):
        fit(model, lambda epoch: once, optimiser, epochs=2, progress=False)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"epochs": 0}, "epochs: expected at least 1, got 0"),
        ({"every": 0}, "every: expected at least 1, got 0"),
        ({"patience": 0}, "patience: expected at least 1, got 0"),
        ({"clip": 0.0}, "clip: expected a number > 0, got 0.0"),
        ({"clip": -1.0}, "clip: expected a number > 0, got -1.0"),
    ],
)
def test_a_run_of_no_length_is_named(how, message):
    how = {"epochs": 1, "validate": lambda m: {"loss": 1.0}, "progress": False} | how
    with complains(message):
        fit(*make_first(), **how)


def test_patience_without_figures_to_wait_for_is_named():
    with pytest.raises(ValueError, match="patience: expected None without validate"):
        fit(*make_first(), epochs=1, patience=2, progress=False)


@pytest.mark.parametrize(
    ("every", "steps"), [(4, [4, 8, 12, 14]), (50, [14]), (7, [7, 14])]
)
def test_the_last_steps_are_validated_too(every, steps):
    """Each step is better than the one before, so the last weights are the best."""
    left = iter(range(99, 0, -1))
    seen = []

    def validate(model):
        seen.append(model.table.weight.clone())
        return {"loss": float(next(left))}

    model, optimiser = make()
    how = {"epochs": 2, "validate": validate, "every": every, "progress": False}
    status = fit(model, batches, optimiser, **how)
    assert [row["step"] for row in status.curve] == steps
    assert torch.equal(model.table.weight, seen[-1])


@pytest.mark.parametrize(
    ("figures", "got"),
    [
        (1.0, "1.0"),
        ({"accuracy": 1.0}, "{'accuracy': 1.0}"),
        ({"loss": math.nan}, "{'loss': nan}"),
        (None, "None"),
    ],
)
def test_figures_without_a_loss_are_named(figures, got):
    message = f'validate: expected figures with a finite "loss", got {got}'
    with complains(message):
        fit(*make_first(), epochs=1, validate=lambda m: figures, progress=False)


@pytest.mark.parametrize("batch", [torch.zeros(T, B), np.zeros((T, B)), {"x": 1}, "x"])
def test_a_batch_that_is_one_array_is_named(batch):
    """Taken apart it would be T arrays."""
    model, optimiser = make()
    got = type(batch).__name__
    with complains(f"batches: expected tuples of arrays, got {got}"):
        fit(model, lambda e: [batch], optimiser, epochs=1, progress=False)


def test_axes_that_are_fewer_than_the_arrays_are_named():
    model, optimiser = make()
    model.batch_axes = (1,)
    with complains("batch_axes: expected one for each of 2 arrays, got (1,)"):
        fit(model, batches, optimiser, epochs=1, progress=False)


class Blind(Counter):
    """A model whose gradient is NaN after so many steps, though its loss is not."""

    def __init__(self, steps):
        super().__init__()
        self.left = steps

    def loss(self, x, y):
        loss = super().loss(x, y)
        self.left -= self.training
        if self.left == 0:
            loss.register_hook(lambda d: math.nan * d)
        return loss


@pytest.mark.parametrize("every", [None, 4, 1])
@pytest.mark.parametrize("validate", [None, lambda m: {"loss": -1.0}])
@pytest.mark.parametrize("steps", [4, 7])
def test_weights_that_are_not_finite_are_not_kept(tmp_path, steps, validate, every):
    """Neither as the best, for figures that do not tell, nor in a checkpoint."""
    model, optimiser = make(Blind, steps=steps)
    path = tmp_path / "c"
    how = {"validate": validate, "every": every, "checkpoint": path, "progress": False}
    with pytest.raises(ValueError, match=r"^(weights|loss): expected .*finite number"):
        fit(model, batches, optimiser, epochs=1, **how)
    assert (
        not path.exists() or torch.load(path)["model"]["table.weight"].isfinite().all()
    )
