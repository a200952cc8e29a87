"""``course train gradients``: what a tanh net learns over a distance, seed by seed.

Three tasks of known distance: two numbers to add, a country to remember, a symbol to
recall. One net, one optimiser, several rates; what is recorded are facts, no verdict.
"""

import sys
import time
from typing import Annotated, Any, Literal

import numpy as np
import typer

from course_pkg import datasets, lags, losses
from course_pkg.arrays import Array
from course_pkg.cells import elman
from course_pkg.runs import common, options
from course_pkg.runs.plain import Arrays, Batch, Draw, fit, run, signals, start
from course_pkg.train import describe, write_record

H, B = 32, 32
RATES = {"adding": (1e-3, 3e-3, 1e-2), "country": (1e-3, 3e-3), "recall": (3e-3,)}
STEPS = {"adding": 1000, "country": 1000, "recall": 800}
LENGTHS = (10, 50)  # of the adding problem
GAPS = (5, 20, 60)  # the longest in training
ASKED = (2, 5, 10, 20, 30, 45, 60, 90)  # the gaps of the test
DISTANCES = (3, 10, 20, 0)  # of recall; 0: targets that no input decides


def at_the_end(x: Array, y: Array) -> Batch:
    """Judge the last step only: x (T, B, I); y (B,) or (B, 1) -> a batch."""
    mask = np.zeros((*x.shape[:2], 1))
    mask[-1] = 1
    return x, np.broadcast_to(y, (len(x), *y.shape)), mask


def sum_of_two(T: int, n: int) -> Draw:
    """Return what draws n sequences of the adding problem."""

    def draw(rng: np.random.Generator) -> Batch:
        x, y = datasets.adding(rng, T, n)
        return at_the_end(x, y[:, None])

    return draw


def language(longest: int, n: int, least: int = 0) -> Draw:
    """Return what draws n sentences with one gap, from least to longest words."""

    def draw(rng: np.random.Generator) -> Batch:
        x, y = datasets.country(rng, int(rng.integers(least, longest + 1)), n)
        return at_the_end(np.eye(19)[x], y)

    return draw


def symbol(lag: int, n: int, T: int = 30) -> Draw:
    """Return what asks for the symbol of lag steps before, or for noise at lag 0."""

    def draw(rng: np.random.Generator) -> Batch:
        x, y, mask = datasets.recall(rng, T, n, lag)
        y = y if lag else rng.integers(0, 4, y.shape)
        return np.eye(4)[x], y, mask.astype(float)

    return draw


def accuracy(w: Arrays, batch: Batch) -> float:
    """Return the share of right answers over the steps that the mask judges."""
    x, y, mask = batch
    right = run(w, x)[2].argmax(-1) == y
    return float(right[mask[..., 0] > 0].mean())


def adding(seeds: int, steps: int) -> dict[str, Any]:
    """Train on two lengths: mean squared errors, as training goes on."""
    found: dict[str, Any] = {}
    for T in LENGTHS:
        x, y, mask = sum_of_two(T, 2000)(np.random.default_rng(999))
        grad, draw = losses.squared_error_grad, sum_of_two(T, B)

        def watch(w: Arrays, x: Array = x, y: Array = y, mask: Array = mask) -> float:
            return 2 * float(losses.squared_error(run(w, x)[2], y, mask))

        for lr in RATES["adding"]:
            curves = []
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                w = start(rng, 2, H, 1)
                curves.append(fit(draw, grad, w, rng, steps, lr, watch)[1])
            found[f"T={T} rate={lr:g}"] = curves
    return found


def country(seeds: int, steps: int) -> dict[str, Any]:
    """Train on gaps up to a longest one: accuracy for each gap asked."""
    rng = np.random.default_rng(999)
    tests = [language(gap, 400, gap)(rng) for gap in ASKED]
    found: dict[str, Any] = {"gaps": list(ASKED)}
    for longest in GAPS:
        for lr in RATES["country"]:
            rows = []
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                draw, w = language(longest, B), start(rng, 19, H, 8)
                w, _ = fit(draw, losses.cross_entropy_grad, w, rng, steps, lr)
                rows.append([accuracy(w, test) for test in tests])
            found[f"up to {longest} rate={lr:g}"] = rows
    return found


def recall(seeds: int, steps: int) -> dict[str, Any]:
    """Train on known lags and on noise: norms by lag before and after, accuracy."""
    found: dict[str, Any] = {}
    for lag in DISTANCES:
        test = symbol(lag, 100)(np.random.default_rng(999))
        rows: dict[str, list] = {"before": [], "after": [], "accuracy": []}
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            w, grad = start(rng, 4, H, 4), losses.cross_entropy_grad
            rows["before"].append(reach(w, test))
            w, _ = fit(symbol(lag, B), grad, w, rng, steps, RATES["recall"][0])
            rows["after"].append(reach(w, test))
            rows["accuracy"].append(accuracy(w, test))
        found[f"lag {lag}" if lag else "noise"] = rows
    return found


def reach(w: Arrays, batch: Batch) -> list[float]:
    """Return the norms by lag (T,) of the messages that the losses send back."""
    _, dhs, tape = signals(w, batch, losses.cross_entropy_grad)
    norms = lags.norms_by_lag(elman, dhs, dhs[0], tape, w["weight_hh"])
    return [float(norm) for norm in norms]


TASKS = {"adding": adding, "country": country, "recall": recall}


def train(
    task: Annotated[Literal["adding", "country", "recall"], typer.Argument()],
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each setting.")] = 10,
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Of the steps, for a quick look.")
    ] = 1.0,
    out: options.Out = options.RESULTS,
    name: Annotated[str, typer.Option(help="Of the file in the folder.")] = "",
) -> None:
    """Train a tanh net of 32 units on a task of known distance, seed by seed.

    \b
    Examples:
      course train gradients adding
      course train gradients recall --seeds 2 --share 0.1 --name quick
    """
    began, steps = time.process_time(), max(1, round(share * STEPS[task]))
    results = TASKS[task](seeds, steps)
    facts: dict[str, Any] = {
        "command": common.command(sys.argv[1:]),
        "seeds": list(range(seeds)),
        "training": {"H": H, "B": B, "steps": steps, "rates": list(RATES[task])},
        "processor_seconds": time.process_time() - began,
    }
    path = out / f"{name or f'gradients_{task}'}.json"
    write_record(path, facts | describe() | {"results": results})
    typer.echo(f"record    {path}")
