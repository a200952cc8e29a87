"""Compare the speed and the memory of our layers with torch.nn's and a plain loop's.

Ours is backend "auto". For the LSTM in float32 on the CPU that is torch's own loop,
called as torch.nn calls it, so that a ratio near 1 is no merit of ours: "fast" is what
our own pair for the CPU takes.

Speed: forward and back in float32, the contestants in turn, again and again; each
round gives a ratio of times, and the medians are what counts, as other programs disturb
single rounds. Memory: how far the peak of a process rises by one step of training.
"""

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from machine import ROOT, commit, device_name, load
from torch import Tensor, nn

from course_pkg import layers

SHAPES = ((64, 32, 128), (128, 32, 256), (100, 64, 64), (256, 16, 64))  # T, B, H
KINDS = ("RNN", "LSTM", "GRU")
RACES = tuple(("auto", other) for other in ("torch.nn", "reference", "loop"))
RACES += (("fast", "torch.nn"),)
EXAMPLES = """examples:
  python benchmarks/layers.py                          all shapes, a few minutes
  python benchmarks/layers.py --repeats 5 --out /tmp/quick.json
  python benchmarks/layers.py --shapes 64,32,128 --memory-steps 200
"""


class Loop(nn.Module):
    """What a reader would write: torch's formulas, a loop, a stack, autograd."""

    def __init__(self, theirs: nn.RNNBase) -> None:
        super().__init__()
        self.kind, self.weights = type(theirs).__name__, theirs

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        w, hs = self.weights, []
        h = c = x.new_zeros(x.shape[1], w.hidden_size)
        for x_t in x:
            gi = x_t @ w.weight_ih_l0.T + w.bias_ih_l0
            gh = h @ w.weight_hh_l0.T + w.bias_hh_l0
            if self.kind == "RNN":
                h = torch.tanh(gi + gh)
            elif self.kind == "LSTM":
                i, f, g, o = (gi + gh).chunk(4, -1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(c)
            else:
                (i_r, i_z, i_n), (h_r, h_z, h_n) = gi.chunk(3, -1), gh.chunk(3, -1)
                r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
                n = torch.tanh(i_n + r * h_n)
                h = (1 - z) * n + z * h
            hs.append(h)
        return torch.stack(hs), h


def contestants(kind: str, H: int) -> dict[str, nn.Module]:
    """Make all of them with the same weights."""
    torch.manual_seed(0)
    theirs = getattr(nn, kind)(H, H)
    made = {"torch.nn": theirs, "loop": Loop(theirs)}
    for name in ("auto", "fast", "reference"):
        made[name] = getattr(layers, kind)(H, H, backend=name)
        made[name].load_state_dict(theirs.state_dict())
    return made


def seconds(f: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def race(kind: str, shape: tuple[int, int, int], repeats: int) -> dict[str, float]:
    """Return how many times as fast as another one of ours is, and all times."""
    T, B, H = shape
    x, d = torch.randn(T, B, H, requires_grad=True), torch.randn(T, B, H)
    made, times = contestants(kind, H), {}
    for turn in range(repeats + 2):
        for name, rnn in made.items():
            took = seconds(lambda rnn=rnn: rnn(x)[0].backward(d))
            if turn >= 2:  # the first ones pay for what is made once
                times.setdefault(name, []).append(took)
    medians = {f"{name}_ms": 1e3 * statistics.median(t) for name, t in times.items()}
    ratios = {
        f"{ours}_vs_{theirs}": statistics.median(
            b / a for a, b in zip(times[ours], times[theirs], strict=True)
        )
        for ours, theirs in RACES
    }
    return {"T": T, "B": B, "H": H} | ratios | medians


def peak(kind: str, name: str, T: int) -> int:
    """Return by how many bytes one training step raises this process's peak."""
    B, H = 32, 128
    rnn, x = contestants(kind, H)[name], torch.randn(T, B, H)
    rnn(x[:2])[0].sum().backward()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    optimiser = torch.optim.SGD(rnn.parameters(), lr=0.1)
    rnn(x.requires_grad_())[0].square().sum().backward()
    optimiser.step()
    return 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


def peaks(kind: str, T: int) -> dict[str, float]:
    """Measure the peak of each contestant in a process of its own."""
    found = {}
    for name in ("auto", "fast", "torch.nn", "reference"):
        command = [sys.executable, __file__, "--peak", kind, name, str(T)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        found[name] = int(run.stdout) / 2**20
    ratio = {"vs_torch.nn": found["auto"] / found["torch.nn"]}
    return ratio | {f"{name}_MiB": size for name, size in found.items()}


def speeds(ratios: dict[str, float]) -> str:
    """Write down who is how fast."""
    texts = (f"{a} {ratios[f'{a}_vs_{b}']:.2f}x {b}" for a, b in RACES)
    return ", ".join(texts)


def measure(args: argparse.Namespace) -> dict[str, object]:
    """Run every race and every step of training."""
    # A process inherits the peak of the one that starts it: measure while that is low.
    kinds, steps = {}, args.memory_steps
    memories = {kind: {"T": steps} | peaks(kind, steps) for kind in KINDS}
    for kind, memory in memories.items():
        rows = []
        for shape in args.shapes:
            rows.append(race(kind, shape, args.repeats))
            print(f"{kind} (T, B, H) = {shape}: {speeds(rows[-1])}", flush=True)
        names = [f"{ours}_vs_{theirs}" for ours, theirs in RACES]
        mean = {
            n: math.exp(statistics.fmean(math.log(row[n]) for row in rows))
            for n in names
        }
        peak = f"peak {memory['vs_torch.nn']:.2f}x torch's"
        print(f"{kind} geometric mean: {speeds(mean)}; {peak}")
        kinds[kind] = {"geometric_mean": mean, "memory": memory, "shapes": rows}
    return kinds


def sizes(text: str) -> tuple[int, ...]:
    """Read "T,B,H"."""
    return tuple(map(int, text.split(",")))


def main() -> None:
    """Read the arguments, measure, write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    results = ROOT / "benchmarks" / "results" / "layers.json"
    parser.add_argument("--out", type=Path, default=results, help="the record, JSON")
    parser.add_argument("--repeats", type=int, default=15, help="rounds for each shape")
    parser.add_argument("--shapes", type=sizes, nargs="+", default=SHAPES, help="T,B,H")
    parser.add_argument("--memory-steps", type=int, default=1000, help="T for memory")
    parser.add_argument("--peak", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peak:
        kind, name, T = args.peak
        print(peak(kind, name, int(T)))
        return
    load_before = load()
    record = {"device": device_name(), "torch": torch.__version__, "commit": commit()}
    record |= {"threads": torch.get_num_threads(), "repeats": args.repeats}
    record |= {
        "load_before": load_before,
        "dtype": "float32",
        "kinds": measure(args),
    }
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf8")
    print(f"Wrote {args.out}")


if __name__ == "__main__":
    main()
