"""Two processes under torchrun are one process on the same batches."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from course_pkg.train import ranks

SCRIPT = Path(__file__).with_name("two_processes.py")
pytestmark = pytest.mark.slow


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


@pytest.mark.parametrize("name", ["ragged", "carried"])
def test_two_processes_get_the_weights_of_one(tmp_path, name):
    assert launch(tmp_path, name).returncode == 0
    one = result(tmp_path, name)
    (tmp_path / f"{name}.ckpt").unlink()
    run = launch(tmp_path, name, processes=2)
    assert run.returncode == 0, run.stderr
    close(result(tmp_path, name), one)


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
