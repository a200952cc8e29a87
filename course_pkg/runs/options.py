"""The options that all training commands share."""

from pathlib import Path
from typing import Annotated, Literal

import torch
import typer


def usable(device: str) -> str:
    """Return the name of a device, unless torch cannot put arrays there."""
    try:
        torch.empty(0, device=device)
    except (AssertionError, RuntimeError) as error:
        raise typer.BadParameter(str(error).partition("\n")[0]) from error
    return device


Cell = Annotated[Literal["rnn", "gru", "lstm"], typer.Option(help="What reads.")]
Hidden = Annotated[int, typer.Option(min=1, help="Units in a layer and direction.")]
Layers = Annotated[int, typer.Option(min=1, help="Layers.")]
Seed = Annotated[int, typer.Option(help="Of weights, order and dropout.")]
Epochs = Annotated[int, typer.Option(min=1, help="Passes over the training part.")]
Rate = Annotated[float, typer.Option(min=0.0, help="Largest learning rate of Adam.")]
Clip = Annotated[float, typer.Option(min=1e-6, help="Largest norm of the gradient.")]
Dropout = Annotated[float, typer.Option(min=0.0, max=0.99, help="Share set to zero.")]
Device = Annotated[str, typer.Option(callback=usable, help="cpu, cuda or cuda:1.")]
BFloat16 = Annotated[
    bool, typer.Option("--bfloat16", help="Multiply matrices in bfloat16.")
]
Download = Annotated[
    bool, typer.Option("--download", help="Fetch the data if they are not here.")
]
Checkpoint = Annotated[
    Path | None, typer.Option(help="File to keep; the same command goes on from it.")
]
Out = Annotated[
    Path,
    typer.Option(file_okay=False, help="Folder for the record and the weights."),
]
Name = Annotated[str, typer.Option(help="Of the files in the folder.")]
RESULTS = Path("book/results")
