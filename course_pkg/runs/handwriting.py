"""``course train handwriting``: toy letters, drawn freely or as a text asks."""

from functools import partial
from typing import Annotated, Any

import numpy as np
import torch
import typer
from torch import Tensor

from course_pkg import batches, datasets
from course_pkg.arrays import one_hot
from course_pkg.datasets.drawings import LETTERS
from course_pkg.losses import binary_cross_entropy
from course_pkg.models.handwriting import MixtureRNN, generate
from course_pkg.runs import common, options
from course_pkg.train import describe, fit, save, write_record
from course_pkg.vocab import Vocab

VOCAB = Vocab(tuple(sorted(LETTERS)))
STEPS = 100  # of an epoch
LENGTH = 4  # letters of a text
Batch = tuple[Tensor, ...]


def draw(rng: np.random.Generator, B: int) -> Batch:
    """Draw points (T, B, 3), mask (T, B, 1) and texts (U, B, V), U letters one-hot."""
    drawings, texts = datasets.letters(rng, B, LENGTH)
    points, _, mask = batches.padded([torch.as_tensor(d) for d in drawings])
    ids = np.stack([VOCAB.encode(text) for text in texts], 1)
    return points, mask, one_hot(torch.as_tensor(ids), len(VOCAB), points)


@torch.no_grad()
def figures(model: MixtureRNN, batch: Batch) -> dict[str, float]:
    """Return the loss in nats per point, the pen's share in it and, with a text, more.

    batch: as `draw` gives it. wrong_text: the loss where each drawing (T, B, 3) has the
    text of its neighbour.
    """
    points, mask, text = (part.to(model.out.weight.device) for part in batch)
    asked = text if model.V else None
    before = torch.cat([torch.zeros_like(points[:1]), points[:-1]])
    pen = model(before, asked)[0][..., -1:]
    found = {
        "loss": model.loss(points, mask, asked).item(),
        "pen": binary_cross_entropy(pen, points[..., 2:], mask).item(),
    }
    if model.V:
        found["wrong_text"] = model.loss(points, mask, text.roll(1, 1)).item()
    return found


def written(model: MixtureRNN, batch: Batch, seed: int, bias: float) -> float:
    """Return the share of drawings (T, B, 3) that end with one pen lift per letter.

    batch: as `draw` gives it; its texts (U, B, V) are what the model writes.
    """
    rng, text = np.random.default_rng(seed), batch[2].to(model.out.weight.device)
    drawn = generate(model, rng, 2 * len(batch[0]), text=text, bias=bias)
    ended = (drawn[-1] == 0).all(-1)
    return ((drawn[..., 2].sum(0) == LENGTH) & ended).double().mean().item()


def train(
    components: Annotated[
        list[int], typer.Option(min=1, help="Of the mixture; may be given again.")
    ] = [1, 5, 20],  # noqa: B006
    hidden: options.Hidden = 64,
    layers: options.Layers = 1,
    columns: Annotated[int, typer.Option(min=1, help="Drawings in a batch.")] = 32,
    epochs: options.Epochs = 10,
    rate: options.Rate = 5e-3,
    clip: options.Clip = 1.0,
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    out: options.Out = options.RESULTS,
    name: options.Name = "handwriting",
) -> None:
    """Train pens on four toy letters: one for each number of components, one with text.

    The last one follows the text; it has the second number of components, or the
    only one, and its weights are kept. An epoch is 100 batches of new drawings.

    \b
    Examples:
      course train handwriting
      course train handwriting --components 5 --epochs 30 --name handwriting_long
    """
    dev, test = (draw(np.random.default_rng((seed, n)), 500) for n in (1, 2))
    kinds = [(f"M = {M}", M, 0) for M in components]
    kinds.append(("text", components[:2][-1], len(VOCAB)))
    runs: dict[str, Any] = {}
    for kind, M, V in kinds:
        torch.manual_seed(seed)
        arguments = {"H": hidden, "M": M, "num_layers": layers, "V": V}
        model = MixtureRNN(**arguments)
        status = fit(
            model,
            partial(epoch, seed, columns, V),
            torch.optim.Adam(model.parameters(), rate),
            epochs=epochs,
            validate=lambda m: figures(m, dev),
            clip=clip,
            schedule=common.cosine(epochs * STEPS),
            device=device,
        )
        common.expect_finished(status)
        run: dict[str, Any]
        run = {"test": figures(model, test), "seconds": status.seconds}
        run |= {"curve": status.curve}
        runs[kind] = common.facts(model, arguments, seed) | run
    some = tuple(part[:, :100] for part in test)
    shares = {str(bias): written(model, some, seed, bias) for bias in (0.0, 0.5, 2.0)}
    runs["text"]["letters_and_end"] = shares
    save(model, out / f"{name}.safetensors", arguments, {"symbols": VOCAB.symbols})
    write_record(out / f"{name}.json", describe(device) | {"runs": runs})
    typer.echo(f"record    {out / name}.json")


def epoch(seed: int, B: int, V: int, e: int) -> list[Batch]:
    """Return the batches of epoch e, a function of its number; texts where V > 0."""
    rng = np.random.default_rng((seed, 3, e))
    drawn = [draw(rng, B) for _ in range(STEPS)]
    return drawn if V else [batch[:2] for batch in drawn]
