"""``course train seq2seq``: dates, digits or sentences, with and without attention."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
import typer
from torch import Tensor

from course_pkg.metrics import corpus_bleu
from course_pkg.models.pairs import Pair
from course_pkg.models.past import decide, linear
from course_pkg.models.seq2seq import Seq2Seq
from course_pkg.runs import common, options, tasks
from course_pkg.runs.tasks import Task
from course_pkg.train import describe, fit, save, write_record

Batch = tuple[Tensor, ...]
Data = Literal["dates", "digits", "tatoeba_eng_fra"]
Score = StrEnum("Score", ["none", "additive", "dot", "scaled"])
AT_ONCE = 250  # pairs in a batch of a test


def batches(
    task: Task, own_past: float, epochs: int, seed: int
) -> Callable[[int], list[Batch]]:
    """Return the batches of an epoch, a function of its number.

    own_past: its share at the end, to which it rises from 0 with the steps.
    """
    n = len(task.epoch(0))

    def epoch(e: int) -> list[Batch]:
        rng = np.random.default_rng((seed, 4, e))
        found: list[Batch] = [task.sides.batch(pairs) for pairs in task.epoch(e)]
        if own_past == 0:
            return found
        shares = [linear(e * n + i, epochs * n, own_past) for i in range(len(found))]
        sizes = [(len(y) - 2, y.shape[1]) for _, _, y, _ in found]
        drawn = [decide(rng, p, *size) for p, size in zip(shares, sizes, strict=True)]
        return [(*batch, own) for batch, own in zip(found, drawn, strict=True)]

    return epoch


@torch.no_grad()
def answers(
    model: Seq2Seq, task: Task, pairs: Sequence[Pair]
) -> list[tuple[str, str, list[str]]]:
    """Return for each source of N pairs the greedy answer and all that is right."""
    right: dict[str, list[str]] = {}
    for x, y in pairs:
        right.setdefault(task.joint.join(x), []).append(task.joint.join(y))
    sources = list({task.joint.join(x): x for x, _ in pairs}.values())
    device, found = model.encoder.embed.weight.device, []
    for i in range(0, len(sources), AT_ONCE):
        ids, lengths = task.sides.sources(sources[i : i + AT_ONCE])
        outputs = model.translate(ids.to(device), lengths.to(device), task.limit)
        found += [task.joint.join(task.sides.target.decode(y)) for y in outputs]
    return [(x, y, right[x]) for x, y in zip(right, found, strict=True)]


@torch.no_grad()
def figures(model: Seq2Seq, task: Task, pairs: Sequence[Pair]) -> dict[str, float]:
    """Return loss in nats, share of exact answers and, for sentences, BLEU."""
    device, lost, count = model.encoder.embed.weight.device, 0.0, 0.0
    for i in range(0, len(pairs), AT_ONCE):
        batch = task.sides.batch(pairs[i : i + AT_ONCE])
        x, lengths, y, mask = (part.to(device) for part in batch)
        n = model.positions(x, lengths, y, mask)
        lost += n * model.loss(x, lengths, y, mask).item()
        count += n
    found = answers(model, task, pairs)
    exact = np.mean([answer in right for _, answer, right in found])
    result = {"loss": lost / count, "exact": float(exact)}
    if task.joint:
        references = [[y.split() for y in right] for _, _, right in found]
        tried = [answer.split() for _, answer, _ in found]
        result["bleu"] = corpus_bleu(references, tried)
    return result


def train(
    data: Annotated[Data, typer.Option(help="What to learn.")] = "dates",
    score: Annotated[
        list[Score], typer.Option(help="Of the attention; may be given again.")
    ] = [Score.none, Score.additive],  # noqa: B006
    cell: options.Cell = "gru",
    hidden: options.Hidden = 64,
    embedding: Annotated[int, typer.Option(min=1, help="Numbers per symbol.")] = 32,
    turn: Annotated[
        bool, typer.Option("--turn", help="Read sources from the end, one way.")
    ] = False,
    own_past: Annotated[
        float, typer.Option(min=0, max=1, help="Share of own past at the end.")
    ] = 0.0,
    columns: Annotated[int, typer.Option(min=1, help="Pairs in a batch.")] = 64,
    epochs: options.Epochs = 10,
    every: Annotated[int, typer.Option(min=1, help="Steps between tests.")] = 100,
    rate: options.Rate = 2e-3,
    clip: options.Clip = 1.0,
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    download: options.Download = False,
    checkpoint: options.Checkpoint = None,
    out: options.Out = options.RESULTS,
    name: options.Name = "seq2seq",
) -> None:
    """Train models from one vector and with attention on the same pairs.

    An epoch of dates or digits is 100 batches of new pairs; nothing that they
    test is among them. Answers are greedy. The weights kept are those of the
    last score.

    \b
    Examples:
      course train seq2seq
      course train seq2seq --data digits --epochs 40 --name seq2seq_digits
      course train seq2seq --data tatoeba_eng_fra --hidden 192 --embedding 96 \\
          --score additive --epochs 2 --every 500 --name seq2seq_tatoeba
    """
    task = tasks.make(data, columns, seed, download)
    epoch = batches(task, own_past, epochs, seed)
    shape = {"E": embedding, "H": hidden, "cell": cell}
    shape |= {"turn": turn, "bidirectional": not turn}
    how = {"epochs": epochs, "every": every, "clip": clip, "device": device}
    runs = {}
    for kind in score:
        torch.manual_seed(seed)
        arguments = arguments_of(task, kind) | shape
        model = Seq2Seq(**arguments)
        file = checkpoint and checkpoint.with_stem(f"{checkpoint.stem}_{kind}")
        run = learn(model, task, epoch, rate, checkpoint=file, **how)
        runs[str(kind)] = common.facts(model, arguments, seed) | run
    record = {"data": data, "own_past": own_past, "rate": rate, "columns": columns}
    record |= describe(device) | {"runs": runs}
    leave(model, task, arguments, record, out / name)


def arguments_of(task: Task, kind: Score) -> dict[str, Any]:
    """Return the arguments of a model that the data and the score give."""
    start, end = task.sides.ends
    sizes = {"V_x": len(task.sides.source), "V_y": len(task.sides.target)}
    score = None if kind == "none" else kind.value
    return sizes | {"start": start, "end": end, "score": score}


def learn(
    model: Seq2Seq,
    task: Task,
    epoch: Callable[[int], list[Batch]],
    rate: float,
    **how: Any,
) -> dict[str, Any]:
    """Train a model, test it, and return what its run's record says."""

    def validate(model: Any) -> dict[str, float]:
        return figures(model, task, task.dev)

    optimiser = torch.optim.Adam(model.parameters(), rate)
    status = fit(model, epoch, optimiser, validate=validate, **how)
    common.expect_finished(status)
    test = {group: figures(model, task, x) for group, x in task.tests.items()}
    return {"test": test, "seconds": status.seconds, "curve": status.curve}


def leave(
    model: Seq2Seq,
    task: Task,
    arguments: dict[str, Any],
    record: dict[str, Any],
    path: Path,
) -> None:
    """Write the weights of a model and the record, with a few of its answers."""
    sides = {"source": task.sides.source.symbols, "target": task.sides.target.symbols}
    save(model, path.with_suffix(".safetensors"), arguments, sides)
    some = [pair for pairs in task.tests.values() for pair in pairs[:4]]
    record["examples"] = [
        {"source": x, "answer": y, "right": right}
        for x, y, right in answers(model, task, some)
    ]
    write_record(path.with_suffix(".json"), record)
    typer.echo(f"record    {path.with_suffix('.json')}")
