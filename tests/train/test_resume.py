"""A run that stops and goes on is the run that never stopped."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from oracle import complains
from test_fit import Carrier, batches, make

from course_pkg.train import fit, status

EPOCHS = 3


def validate(model):
    x, y = batches(99)[0]
    out = model.loss(x, y)
    return {"loss": float(out[0] if isinstance(out, tuple) else out)}


def schedule(step):
    return 1 / (1 + step / 5)


def train(model, optimiser, path=None, epochs=EPOCHS, batches=batches, every=5):
    return fit(
        model,
        batches,
        optimiser,
        epochs=epochs,
        validate=validate,
        every=every,
        clip=1.0,
        schedule=schedule,
        carry=isinstance(model, Carrier),
        checkpoint=path,
        progress=False,
    )


class Halt:
    """Give the batches, and ask for a stop just before one step of all."""

    def __init__(self, step):
        self.left = step

    def __call__(self, epoch):
        for batch in batches(epoch):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGINT)
            yield batch


def facts(status):
    curve = [{k: v for k, v in row.items() if k != "seconds"} for row in status.curve]
    return curve, status.best, status.waited, status.step, status.epoch


@pytest.mark.parametrize("halt", [1, 4, 5, 7, 8, 20, 21])
def test_a_stopped_run_goes_on_to_the_same_numbers(tmp_path, halt):
    """Stopped in the middle, at a validation, at the end of an epoch and of all.

    Where there is no further step, the run is done and not interrupted.
    """
    whole, optimiser = make(Carrier, dropout=0.5)
    want = train(whole, optimiser)
    first, optimiser = make(Carrier, dropout=0.5)
    path = tmp_path / "run.ckpt"
    stopped = train(first, optimiser, path, batches=Halt(halt))
    assert stopped.interrupted == (halt < 21)
    assert stopped.step == halt
    again, optimiser = make(Carrier, seed=7, dropout=0.5)
    torch.manual_seed(5)
    got = train(again, optimiser, path)
    assert facts(got) == facts(want)
    assert not got.interrupted
    for name, weight in whole.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight)
    assert [*first.seen, *again.seen] == whole.seen


def test_a_finished_run_is_not_trained_again(tmp_path):
    path = tmp_path / "run.ckpt"
    model, optimiser = make()
    want = train(model, optimiser, path)
    other, optimiser = make(seed=3)
    got = train(other, optimiser, path)
    assert facts(got) == facts(want)
    assert torch.equal(other.table.weight, model.table.weight)


def test_more_epochs_go_on_from_a_finished_run(tmp_path):
    path = tmp_path / "run.ckpt"
    whole, optimiser = make()
    want = train(whole, optimiser, epochs=4, every=None)
    model, optimiser = make()
    train(model, optimiser, path, epochs=2, every=None)
    other, optimiser = make(seed=3)
    got = train(other, optimiser, path, epochs=4, every=None)
    assert facts(got) == facts(want)


def test_a_broken_write_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    path = tmp_path / "run.ckpt"
    train(*make(), path, epochs=1)
    kept = path.read_bytes()
    save = torch.save

    def full(kept, file):
        save(kept, file)
        Path(file).write_bytes(Path(file).read_bytes()[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space"):
        train(*make(), path, epochs=2)
    assert path.read_bytes() == kept


def test_a_killed_process_loses_no_validation(tmp_path):
    """The process dies without a word in step 13; the file is that of step 10."""
    path = tmp_path / "run.ckpt"
    code = f"""
import os, sys
sys.path[:0] = {[str(folder) for folder in Path(__file__).parents[:2]]!r}
from test_resume import *
class Die(Halt):
    def __call__(self, epoch):
        for batch in batches(epoch):
            self.left -= 1
            if self.left == 0: os._exit(9)
            yield batch
model, optimiser = make(Carrier, dropout=0.5)
train(model, optimiser, {str(path)!r}, batches=Die(13))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert run.returncode == 9, run.stderr
    whole, optimiser = make(Carrier, dropout=0.5)
    want = train(whole, optimiser)
    again, optimiser = make(Carrier, seed=7, dropout=0.5)
    assert facts(train(again, optimiser, path)) == facts(want)
    assert again.seen[0] == whole.seen[12]  # ten steps and two validations before


def test_the_second_signal_interrupts_at_once():
    class Deaf(Halt):
        def __call__(self, epoch):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            yield batches(epoch)[0]

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train(*make(), batches=Deaf(1))
    assert signal.getsignal(signal.SIGINT) is before


def test_a_run_outside_the_main_thread_works():
    model, optimiser = make()
    done = []
    thread = threading.Thread(target=lambda: done.append(train(model, optimiser)))
    thread.start()
    thread.join()
    assert done[0].step == 7 * EPOCHS


def test_the_random_numbers_of_every_device_are_kept(tmp_path, monkeypatch):
    states = [torch.full((2,), n, dtype=torch.uint8) for n in range(3)]
    restored = {}
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", lambda: states)
    monkeypatch.setattr(
        torch.cuda, "set_rng_state", lambda state, n: restored.update({n: state})
    )
    status.write_checkpoint(tmp_path / "c", status.Status(), {}, {})
    status.read_checkpoint(tmp_path / "c")
    assert {n: state.tolist() for n, state in restored.items()} == {
        0: [0, 0],
        1: [1, 1],
    }


def test_a_file_that_is_no_checkpoint_of_the_run_is_named(tmp_path):
    path = tmp_path / "c"
    path.write_text("to be, or not to be")
    with complains(f"checkpoint: expected a whole file of `fit`, got {path}"):
        train(*make(), path)
    path.unlink()
    train(*make(), path, epochs=1)
    kept = path.read_bytes()
    other = torch.nn.Linear(2, 2)
    message = "^checkpoint: expected this model and optimiser, got .*: Error.* Linear:$"
    with pytest.raises(ValueError, match=message):
        train(other, torch.optim.Adam(other.parameters()), path)
    assert path.read_bytes() == kept
