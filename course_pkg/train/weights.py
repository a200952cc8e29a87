"""Weights of trained models in small files that pages load."""

import json
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

Model = TypeVar("Model", bound=nn.Module)


def save(
    model: nn.Module,
    path: str | Path,
    arguments: dict[str, Any],
    about: dict[str, Any] | None = None,
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write a model's weights, its constructor's arguments, and facts about it.

    arguments, about: what JSON can hold, such as the symbols of a vocabulary. dtype: of
    the floating-point weights in the file; float16 halves it, at 3 digits' precision.
    """
    from safetensors.torch import save_file

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Tied weights are one tensor under two names; each name gets its own copy.
    tensors = {
        name: (x.to(dtype) if x.is_floating_point() else x).cpu().clone().contiguous()
        for name, x in model.state_dict().items()
    }
    facts = {"arguments": arguments, "about": about or {}}
    metadata = {name: json.dumps(fact) for name, fact in facts.items()}
    save_file(tensors, path, metadata)


def load(kind: type[Model], path: str | Path) -> tuple[Model, dict[str, Any]]:
    """Build a model of this kind from a file of `save`, as float32, ready for use.

    Returns the model, in evaluation mode, and what is written about it. Raises
    FileNotFoundError where there is none, RuntimeError where the weights do not fit.
    """
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    model = kind(**json.loads(metadata["arguments"]))
    model.load_state_dict(tensors)
    return model.eval(), json.loads(metadata["about"])
