"""Recurrent weights that stay orthogonal all through training."""

from typing import Any

from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize

from course_pkg.arrays import expect


class _Blocks(nn.Module):
    """Keep each block (H, H) of a weight (G·H, H) orthogonal, as torch does for one."""

    orthogonal: Any

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        H = weight.shape[-1]
        stack: Any = nn.Module()
        stack.weight = nn.Parameter(weight.detach().reshape(-1, H, H))
        parametrizations.orthogonal(stack, "weight")
        self.orthogonal = stack.parametrizations.weight[0]

    def forward(self, free: Tensor) -> Tensor:
        H = free.shape[-1]
        return self.orthogonal(free.reshape(-1, H, H)).reshape(-1, H)

    def right_inverse(self, weight: Tensor) -> Tensor:
        H = weight.shape[-1]
        return self.orthogonal.right_inverse(weight.reshape(-1, H, H)).reshape(-1, H)


def keep_orthogonal(layer: nn.Module) -> nn.Module:
    """Let every weight_hh… of a layer be orthogonal, block by block, from now on.

    layer: one of ours, with weights (G·H, H). The optimiser then moves free numbers,
    from which torch computes the weight at each use; ``state_dict`` holds these under
    names of their own, and is the only way to save the layer. Returns the layer,
    changed. Raises ValueError where blocks are not square.
    Source: torch.nn.utils.parametrizations.orthogonal.
    """
    names = [n for n, _ in layer.named_parameters() if n.startswith("weight_hh")]
    for name in names:
        weight = getattr(layer, name)
        square = len(weight) % weight.shape[-1] == 0
        expect(square, name, "(G·H, H)", tuple(weight.shape))
    for name in names:
        blocks = _Blocks(getattr(layer, name))
        parametrize.register_parametrization(layer, name, blocks)
    return layer
