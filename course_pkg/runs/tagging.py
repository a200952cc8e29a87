"""``course train tagging``: parts of speech in the English Web Treebank."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from torch import Tensor

from course_pkg.batches import buckets, padded
from course_pkg.models.lexicon import Lexicon, MostFrequentTag, Tagged, forget
from course_pkg.models.tagging import Tagger, score
from course_pkg.runs import common, options
from course_pkg.train import fit, load, save

SAMPLE = 200  # sentences of the development part, whose accuracy a test repeats


def read_sentences(download: bool) -> dict[str, list[Tagged]]:
    """Return the sentences of each part, each a list of pairs of word and tag."""
    parts = common.read_data("ud_english_ewt", download)
    return {
        part: [[(word.form, word.upos) for word in s] for s in sentences]
        for part, sentences in parts.items()
    }


def epochs_of(
    lexicon: Lexicon, sentences: Sequence[Tagged], B: int, share: float, seed: int
) -> Callable[[int], list[tuple[Tensor, ...]]]:
    """Return what gives each epoch's batches of B sentences, neighbours in length.

    share: of `forget`. The seed and the number of the epoch decide on order and words.
    """
    rows = [lexicon.batch([sentence]) for sentence in sentences]
    lengths = [int(n) for _, (n,), _ in rows]
    ids = np.concatenate([features[:, 0, 0].numpy() for features, *_ in rows])
    counts = np.bincount(ids, minlength=len(lexicon.words))

    def batches(epoch: int) -> list[tuple[Tensor, ...]]:
        rng = np.random.default_rng((seed, epoch))
        found: list[tuple[Tensor, ...]] = []
        for group in buckets(lengths, B, rng):
            features, n, _ = padded([rows[i][0][:, 0] for i in group])
            tags, _, _ = padded([rows[i][2][:, 0] for i in group])
            found.append((forget(rng, features, counts, share), n, tags))
        return found

    return batches


def floor(parts: dict[str, list[Tagged]]) -> dict[str, float]:
    """Return the accuracy of the most frequent tag of each word, part by part."""
    lookup = MostFrequentTag.of(parts["train"])
    shares = {}
    for part in ("dev", "test"):
        pairs = [pair for sentence in parts[part] for pair in sentence]
        guesses = lookup.predict([word for word, _ in pairs])
        right = [y == guess for (_, y), guess in zip(pairs, guesses, strict=True)]
        shares[part] = sum(right) / len(right)
    return shares


def train(
    cell: options.Cell = "lstm",
    forward: Annotated[
        bool, typer.Option("--forward", help="Read from the left only.")
    ] = False,
    letters: Annotated[
        bool, typer.Option(help="Read each word's letters as well.")
    ] = True,
    crf: Annotated[
        bool, typer.Option("--crf", help="Let neighbouring tags depend on each other.")
    ] = False,
    hidden: options.Hidden = 100,
    embedding: Annotated[int, typer.Option(min=4, help="Numbers per word.")] = 64,
    dropout: options.Dropout = 0.3,
    share: Annotated[
        float, typer.Option(min=0.0, help="Of rare words made unknown.")
    ] = 0.25,
    columns: Annotated[int, typer.Option(min=1, help="Sentences in a batch.")] = 32,
    epochs: options.Epochs = 10,
    rate: options.Rate = 3e-3,
    clip: options.Clip = 5.0,
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    download: options.Download = False,
    checkpoint: options.Checkpoint = None,
    out: options.Out = options.RESULTS,
    name: options.Name = "tagging",
) -> None:
    """Train a tagger for parts of speech, and test it on the tree bank's test part.

    The weights that do best on the development part are kept. The figures are
    those of the file of weights, read again.

    \b
    Examples:
      course train tagging
      course train tagging --forward --no-letters --name tagging_forward
    """
    parts = read_sentences(download)
    lexicon = Lexicon.of(parts["train"])
    torch.manual_seed(seed)
    arguments: dict[str, Any] = {"sizes": lexicon.sizes, "C": len(lexicon.tags)}
    arguments |= {"H": hidden, "E": embedding, "cell": cell, "crf": crf}
    arguments |= {"bidirectional": not forward, "dropout": dropout}
    arguments |= {"letters": len(lexicon.letters) if letters else 0}
    model = Tagger(**arguments)
    batches = epochs_of(lexicon, parts["train"], columns, share, seed)
    status = fit(
        model,
        batches,
        torch.optim.Adam(model.parameters(), rate),
        epochs=epochs,
        validate=lambda m: score(m, lexicon, parts["dev"]),
        clip=clip,
        schedule=common.cosine(epochs * len(batches(0))),
        device=device,
        checkpoint=checkpoint,
    )
    common.expect_finished(status)
    weights = out / f"{name}.safetensors"
    save(model, weights, arguments, lexicon.symbols)
    facts = common.facts(model, arguments, seed) | figures(weights, parts)
    facts["training"] = {"share": share, "columns": columns, "rate": rate}
    common.finish(out / f"{name}.json", facts, status, device)


def figures(weights: Path, parts: dict[str, list[Tagged]]) -> dict[str, Any]:
    """Return the scores of a file of weights, and the floor under them."""
    model, symbols = load(Tagger, weights)
    lexicon = Lexicon.of_symbols(symbols)
    shares = {part: score(model, lexicon, parts[part]) for part in ("dev", "test")}
    sample = score(model, lexicon, parts["dev"][:SAMPLE])
    return shares | {"dev_sample": sample, "floor": floor(parts)}
