"""``course train charlm``: a character model of tiny Shakespeare."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from course_pkg import batches
from course_pkg.metrics import bits
from course_pkg.models.charlm import CharLM, nats
from course_pkg.ngrams import NGram
from course_pkg.runs import common, options
from course_pkg.train import fit, save
from course_pkg.vocab import UNK, Vocab

# The baseline that does best on the development part, of orders 3 to 7.
ORDER, ADD = 5, 0.03
B = 16  # columns in which a part is read for its loss


def read_text(data: str, download: bool, final: bool = False) -> dict[str, str]:
    """Cut a text: the first 85 % train, 5 % choose, and the last tenth tests.

    final: nothing is left to choose, and the 5 % train as well.
    """
    if data == "tinyshakespeare":
        text = common.read_data(data, download)["all"]
    else:
        text = common.read_text(Path(data))
    n = len(text)
    cuts = [0, n * 85 // 100, n * 90 // 100, n]
    pieces = [text[i:j] for i, j in pairwise(cuts)]
    if final:
        return {"train": pieces[0] + pieces[1], "test": pieces[2]}
    return dict(zip(("train", "dev", "test"), pieces, strict=True))


def train(
    data: Annotated[
        str, typer.Option(help="tinyshakespeare, or a file of text.")
    ] = "tinyshakespeare",
    cell: options.Cell = "lstm",
    hidden: options.Hidden = 256,
    layers: options.Layers = 1,
    embedding: Annotated[int, typer.Option(min=1, help="Numbers per symbol.")] = 64,
    dropout: options.Dropout = 0.0,
    window: Annotated[int, typer.Option(min=1, help="Steps between updates.")] = 100,
    columns: Annotated[int, typer.Option(min=1, help="Pieces read at once.")] = 64,
    epochs: options.Epochs = 10,
    rate: options.Rate = 4e-3,
    clip: options.Clip = 1.0,
    final: Annotated[
        bool, typer.Option("--final", help="Train on the development part too.")
    ] = False,
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    bfloat16: options.BFloat16 = False,
    download: options.Download = False,
    checkpoint: options.Checkpoint = None,
    out: options.Out = options.RESULTS,
    name: options.Name = "charlm",
) -> None:
    """Train a character model, and test it on the text's last tenth.

    The weights that do best on the development part, the 5 % before, are kept.
    With --final that part trains, too, and the last weights are kept: for
    settings that are chosen already.

    \b
    Examples:
      course train charlm
      course train charlm --layers 3 --hidden 512 --dropout 0.3 --rate 0.002 \\
          --epochs 16 --final --name charlm_large --checkpoint large.ckpt
    """
    text = read_text(data, download, final)
    vocab = Vocab.of(text["train"], specials=(UNK,))
    ids = {part: torch.as_tensor(vocab.encode(t)) for part, t in text.items()}
    torch.manual_seed(seed)
    arguments: dict[str, Any] = {
        "V": len(vocab),
        "E": embedding,
        "H": hidden,
        "cell": cell,
    }
    arguments |= {"num_layers": layers, "dropout": dropout}
    model = CharLM(**arguments)
    windows = [(x, y) for x, y, _ in batches.windows(ids["train"], window, columns)]
    status = fit(
        model,
        lambda epoch: windows,
        torch.optim.Adam(model.parameters(), rate),
        epochs=epochs,
        validate=None if final else lambda m: {"loss": nats(m, ids["dev"], B=B)},
        clip=clip,
        schedule=common.cosine(epochs * len(windows)),
        carry=True,
        device=device,
        autocast=torch.bfloat16 if bfloat16 else None,
        checkpoint=checkpoint,
    )
    common.expect_finished(status)
    facts = common.facts(model, arguments, seed) | figures(model, ids, vocab, seed)
    save(model, out / f"{name}.safetensors", arguments, {"symbols": vocab.symbols})
    common.finish(out / f"{name}.json", facts, status, device)


def figures(
    model: CharLM, ids: dict[str, torch.Tensor], vocab: Vocab, seed: int
) -> dict:
    """Return what the record says about a model: losses, baseline, a sample."""
    losses = {part: nats(model, x, B=B) for part, x in ids.items() if part != "train"}
    counts = NGram(ORDER, len(vocab), add=ADD).fit(ids["train"].numpy())
    prime = vocab.encode("\n").tolist()
    sample = model.generate(np.random.default_rng(seed), 300, prime, temperature=0.8)
    return {
        "nats": losses,
        "bits": {part: bits(loss) for part, loss in losses.items()},
        "baseline": {"order": ORDER, "nats": counts.nats(ids["test"].numpy())},
        "sample": "".join(vocab.decode(sample)),
    }
