"""Two processes under torchrun are one process on the same batches."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from course_pkg.models.captioning import Captioner
from course_pkg.models.handwriting import MixtureRNN
from course_pkg.models.ragged import mask_of
from course_pkg.train import ranks

SCRIPT = Path(__file__).with_name("two_processes.py")


def launch(folder, name, *words, processes=1):
    start = [sys.executable]
    if processes > 1:
        start += ["-m", "torch.distributed.run", "--standalone"]
        start += ["--nproc-per-node", str(processes)]
    command = [*start, str(SCRIPT), str(folder), name, *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    return run


def result(folder, name):
    return torch.load(folder / f"{name}.pt")


def close(ours, theirs):
    assert ours["steps"] == theirs["steps"] == 12
    assert torch.allclose(
        torch.tensor(ours["curve"]), torch.tensor(theirs["curve"]), atol=1e-12, rtol=0
    )
    for name, weight in theirs["model"].items():
        assert torch.allclose(ours["model"][name], weight, atol=1e-12, rtol=0), name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ragged", "carried"])
def test_two_processes_get_the_weights_of_one(tmp_path, name):
    assert launch(tmp_path, name).returncode == 0
    one = result(tmp_path, name)
    (tmp_path / f"{name}.ckpt").unlink()
    run = launch(tmp_path, name, processes=2)
    assert run.returncode == 0, run.stderr
    close(result(tmp_path, name), one)


@pytest.mark.slow
def test_two_processes_stop_together_and_go_on_where_they_were(tmp_path):
    assert launch(tmp_path, "carried").returncode == 0
    one = result(tmp_path, "carried")
    (tmp_path / "carried.ckpt").unlink()
    assert launch(tmp_path, "carried", "4", processes=2).returncode == 0
    assert result(tmp_path, "carried")["steps"] == 4
    run = launch(tmp_path, "carried")
    assert "checkpoint: expected one by 1 process(es), got 2" in run.stderr
    assert launch(tmp_path, "carried", processes=2).returncode == 0
    close(result(tmp_path, "carried"), one)


def test_alone_nothing_is_shared():
    batch = (torch.arange(6).reshape(2, 3), torch.arange(3))
    shared = ranks.share(batch)
    assert all(torch.equal(a, b) for a, b in zip(shared, batch, strict=True))
    assert (ranks.rank(), ranks.size(), ranks.weight(3), ranks.total(2.0)) == (
        0,
        1,
        1.0,
        2.0,
    )
    assert ranks.gather("x") == ["x"]


def test_each_process_takes_its_columns_of_every_array(monkeypatch):
    monkeypatch.setattr(ranks, "size", lambda: 2)
    monkeypatch.setattr(ranks, "rank", lambda: 1)
    ids, lengths = torch.arange(10).reshape(2, 5), torch.arange(5)
    images = torch.arange(5 * 3).reshape(5, 3)
    a, b = ranks.share((ids, lengths))
    assert torch.equal(a, ids[:, [1, 3]])
    assert torch.equal(b, lengths[[1, 3]])
    c, d = ranks.share((images, ids), (0, 1))
    assert torch.equal(c, images[[1, 3]])
    assert torch.equal(d, a)


def captions(seed):
    torch.manual_seed(0)
    model = Captioner(9, 4, 5).double()
    rng = torch.Generator().manual_seed(seed)
    images = torch.randn(4, 3, 16, 16, generator=rng, dtype=torch.float64)
    ids = torch.randint(2, 9, (6, 4), generator=rng)
    lengths = torch.tensor([6, 2, 3, 1])
    return model, (images, ids, mask_of(lengths, 6, torch.float64))


def strokes(seed):
    torch.manual_seed(0)
    model = MixtureRNN(5, 2).double()
    rng = torch.Generator().manual_seed(seed)
    points = torch.randn(6, 4, 3, generator=rng, dtype=torch.float64)
    points[..., 2] = (points[..., 2] > 0).double()
    lengths = torch.tensor([6, 2, 3, 1])
    return model, (points, mask_of(lengths, 6, torch.float64))


@pytest.mark.parametrize("make", [captions, strokes])
def test_shares_weighted_by_their_positions_are_the_whole(make, monkeypatch):
    """The mean that two processes would form is the loss of the batch."""
    model, batch = make(1)
    axes = getattr(model, "batch_axes", None)
    whole = model.loss(*batch)
    monkeypatch.setattr(ranks, "size", lambda: 2)
    total = 0.0
    for rank in range(2):
        monkeypatch.setattr(ranks, "rank", lambda rank=rank: rank)
        mine = ranks.share(batch, axes)
        total = total + model.loss(*mine) * model.positions(*mine)
    assert torch.allclose(total / model.positions(*batch), whole, atol=1e-12, rtol=0)
