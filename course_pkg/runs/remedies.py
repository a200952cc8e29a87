"""``course train remedies``: what a remedy does for training, seed by seed.

Four questions: does a chunk shorter than the lag learn, which remedy helps to add two
numbers or to recall a symbol, and where a limit for the gradient's norm should lie.
What is recorded are facts, no verdict.
"""

import sys
import time
from typing import Annotated, Any, Literal

import numpy as np
import typer

from course_pkg import clipping, initialisers, losses, optim
from course_pkg.arrays import Array
from course_pkg.bptt import Cell
from course_pkg.cells import elman, relu
from course_pkg.runs import common, options
from course_pkg.runs.chunks import truncated
from course_pkg.runs.gradients import sum_of_two, symbol
from course_pkg.runs.plain import Arrays, fit, gradient, run
from course_pkg.runs.plain import start as plain_start
from course_pkg.skips import Skip
from course_pkg.train import describe, write_record

H, B = 32, 32
STEPS = {"truncation": 1200, "adding": 1000, "recall": 800, "threshold": 300}
RATES = (1e-3, 3e-3, 1e-2)
LIMITS = (0.05, 0.25, 1.0, 4.0, float("inf"))
RULES = {"descent": 1.0, "Adam": 3e-3}  # optimisers and their rates
KINDS: dict[str, tuple[Cell, str]] = {
    "orthogonal": (elman, "orthogonal"),
    "identity ReLU": (relu, "identity"),
    "skip of 10": (Skip(elman, (10,)), ""),
}
WIRES: dict[str, tuple[Cell, str]] = {
    "no skip": (elman, ""),
    "skip of 5": (Skip(elman, (5,)), ""),
    "orthogonal": (elman, "orthogonal"),
    "identity ReLU": (relu, "identity"),
}


def start(rng: np.random.Generator, sizes: tuple[int, ...], kind: tuple) -> Arrays:
    """Draw weights for (I, H, O) as torch does, but for what the remedy changes."""
    cell, special = kind
    w = plain_start(rng, *sizes)
    for name in getattr(cell, "own", ()):
        w[name] = rng.uniform(-1, 1, w["weight_hh"].shape) / sizes[1] ** 0.5
    if special == "orthogonal":
        w["weight_hh"] = initialisers.orthogonal(w["weight_hh"], rng)
    elif special == "identity":
        w["weight_hh"] = initialisers.identity(w["weight_hh"])
        w |= {name: 0 * w[name] for name in ("bias_ih", "bias_hh")}
    return w


def adding(seeds: int, steps: int) -> dict[str, Any]:
    """Add two numbers over 50 steps: mean squared errors, as training goes on."""
    found: dict[str, Any] = {}
    x, y, mask = sum_of_two(50, 2000)(np.random.default_rng(999))
    for name, kind in KINDS.items():
        cell = kind[0]

        def error(w: Arrays, cell: Cell = cell) -> float:
            return 2 * float(losses.squared_error(run(w, x, cell)[2], y, mask))

        for lr in RATES:
            curves = []
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                w = start(rng, (2, H, 1), kind)
                task = sum_of_two(50, B), losses.squared_error_grad
                curves.append(fit(*task, w, rng, steps, lr, error, cell=cell)[1])
            found[f"{name} rate={lr:g}"] = curves
    return found


def recall(seeds: int, steps: int) -> dict[str, Any]:
    """Recall the symbol of 10 and 20 steps before: accuracies for each remedy."""
    found: dict[str, Any] = {}
    for lag in (10, 20):
        x, y, mask = symbol(lag, 100)(np.random.default_rng(999))
        for name, kind in WIRES.items():
            rows = []
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                w, task = start(rng, (4, H, 4), kind), (symbol(lag, B),)
                grad = losses.cross_entropy_grad
                w, _ = fit(*task, grad, w, rng, steps, 3e-3, cell=kind[0])
                right = run(w, x, kind[0])[2].argmax(-1) == y
                rows.append(float(right[mask[..., 0] > 0].mean()))
            found[f"lag {lag}, {name}"] = rows
    return found


def threshold(seeds: int, steps: int) -> dict[str, Any]:
    """Train on characters with several limits: final losses, and norms without one."""
    text = common.read_data("tinyshakespeare", False)["all"]
    symbols, ids = np.unique(list(text), return_inverse=True)
    found: dict[str, Any] = {"norms": []}
    for rule in RULES:
        for limit in LIMITS:
            rows = []
            for seed in range(seeds):
                loss, norms = characters(ids, len(symbols), seed, steps, rule, limit)
                rows.append(loss)
                if rule == "descent" and limit == LIMITS[-1]:
                    found["norms"].append(norms)
            found[f"{rule} limit={limit:g}"] = rows
    return found


def characters(
    ids: Array, V: int, seed: int, steps: int, rule: str, limit: float
) -> tuple[float, list[float]]:
    """Train on pieces of a text; return the last 50 losses' mean and all norms."""
    rng = np.random.default_rng(seed)
    w, seen, norms = plain_start(rng, V, 64, V), [], []
    memory: dict[str, Any] = {}
    for _ in range(steps):
        at = rng.integers(0, len(ids) - 41, B) + np.arange(41)[:, None]
        x, y, mask = np.eye(V)[ids[at[:-1]]], ids[at[1:]], np.ones((40, B, 1))
        seen.append(float(losses.cross_entropy(run(w, x)[2], y, mask)))
        grads = gradient(w, (x, y, mask), losses.cross_entropy_grad)
        grads, norm = clipping.clip_norm(grads, limit)
        norms.append(float(norm))
        if rule == "Adam":
            w, memory = optim.adam(w, grads, memory, RULES[rule])
        else:
            w = optim.sgd(w, grads, RULES[rule])
    return float(np.mean(seen[-50:])), norms


TASKS = {
    "truncation": truncated,
    "adding": adding,
    "recall": recall,
    "threshold": threshold,
}


def train(
    task: Annotated[
        Literal["truncation", "adding", "recall", "threshold"], typer.Argument()
    ],
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each setting.")] = 10,
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Of the steps, for a quick look.")
    ] = 1.0,
    out: options.Out = options.RESULTS,
    name: Annotated[str, typer.Option(help="Of the file in the folder.")] = "",
) -> None:
    """Train small nets with and without a remedy, seed by seed.

    \b
    Examples:
      course train remedies truncation
      course train remedies recall --seeds 2 --share 0.1 --name quick
    """
    began, steps = time.process_time(), max(1, round(share * STEPS[task]))
    results = TASKS[task](seeds, steps)
    facts: dict[str, Any] = {
        "command": common.command(sys.argv[1:]),
        "seeds": list(range(seeds)),
        "training": {"steps": steps},
        "processor_seconds": time.process_time() - began,
    }
    path = out / f"{name or f'remedies_{task}'}.json"
    write_record(path, facts | describe() | {"results": results})
    typer.echo(f"record    {path}")
