"""``course train captioning``: generated pictures, and four places where they enter."""

from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import numpy as np
import torch
import typer
from torch import Tensor

from course_pkg import batches, datasets
from course_pkg.datasets.drawings import COLOURS, PLACES, SHAPES, SIZES
from course_pkg.models.captioning import Captioner, information
from course_pkg.runs import common, options
from course_pkg.train import describe, fit, save, write_record
from course_pkg.vocab import Vocab, words

Inject = StrEnum("Inject", ["state", "first", "every", "attention"])
STEPS = 100  # of an epoch
LIMIT = 12  # words of the longest caption that is tried
SAID = " ".join(["a at the", *SIZES, *COLOURS, *SHAPES, *PLACES])
VOCAB = Vocab.of(words(SAID), specials=("<start>", "<end>"))


def draw(rng: np.random.Generator, B: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw images (B, 3, 16, 16), ids (T, B) of captions, mask (T, B, 1)."""
    images, captions = datasets.shapes(rng, B)
    rows = [VOCAB.encode([*words(caption), "<end>"]) for caption in captions]
    ids, _, mask = batches.padded([torch.as_tensor(row) for row in rows])
    return torch.as_tensor(images), ids, mask


def exact(model: Captioner, images: Tensor, ids: Tensor) -> float:
    """Return the share of images (B, 3, 16, 16) with the caption in ids (T, B)."""
    want = [[i for i in row if i != model.end] for row in ids.T.tolist()]
    said = model.greedy(images, LIMIT)
    return float(np.mean([a == b for a, b in zip(said, want, strict=True)]))


@torch.no_grad()
def figures(model: Captioner, batch: tuple[Tensor, ...], seed: int) -> dict[str, float]:
    """Return the loss in nats per word, exact captions, and both with wrong pictures.

    batch: images (B, 3, 16, 16), ids and mask. information: by how much the loss is
    lower with the right ones.
    """
    where = model.out.weight.device
    images, ids, mask = (part.to(where) for part in batch)
    rng = np.random.default_rng(seed)
    return {
        "loss": model.loss(images, ids, mask).item(),
        "exact": exact(model, images, ids),
        "information": information(model, images, ids, rng, mask),
        "exact_wrong": exact(model, images.roll(1, 0), ids),
    }


def train(
    inject: Annotated[
        list[Inject], typer.Option(help="Where pictures enter; may be given again.")
    ] = list(Inject),  # noqa: B006
    hidden: options.Hidden = 64,
    embedding: Annotated[int, typer.Option(min=1, help="Numbers per word.")] = 16,
    columns: Annotated[int, typer.Option(min=1, help="Pictures in a batch.")] = 32,
    epochs: options.Epochs = 15,
    rate: options.Rate = 3e-3,
    clip: options.Clip = 1.0,
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    out: options.Out = options.RESULTS,
    name: options.Name = "captioning",
) -> None:
    """Train captioners on generated pictures, and test them with the wrong ones.

    An epoch is 100 batches of new pictures. The weights kept are those of the
    last one.

    \b
    Examples:
      course train captioning
      course train captioning --inject every --name captioning_every
    """
    dev, test = (draw(np.random.default_rng((seed, n)), 1000) for n in (1, 2))
    runs: dict[str, Any] = {}
    for kind in inject:
        torch.manual_seed(seed)
        arguments: dict[str, Any]
        arguments = {"V": len(VOCAB), "E": embedding, "H": hidden, "inject": str(kind)}
        model = Captioner(**arguments)
        status = fit(
            model,
            partial(epoch, seed, columns),
            torch.optim.Adam(model.parameters(), rate),
            epochs=epochs,
            validate=lambda m: figures(m, dev, seed),
            clip=clip,
            schedule=common.cosine(epochs * STEPS),
            device=device,
        )
        common.expect_finished(status)
        run: dict[str, Any]
        run = {"test": figures(model, test, seed), "seconds": status.seconds}
        run |= {"curve": status.curve}
        runs[str(kind)] = common.facts(model, arguments, seed) | run
    save(model, out / f"{name}.safetensors", arguments, {"symbols": VOCAB.symbols})
    write_record(out / f"{name}.json", describe(device) | {"runs": runs})
    typer.echo(f"record    {out / name}.json")


def epoch(seed: int, B: int, e: int) -> list[tuple[Tensor, ...]]:
    """Return the batches of epoch e, a function of its number."""
    rng = np.random.default_rng((seed, 3, e))
    return [draw(rng, B) for _ in range(STEPS)]
