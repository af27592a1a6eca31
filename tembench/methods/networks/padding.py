"""Images continued to the size that a network's grids need."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def padded_to(counts: Tensor, multiple: int) -> Tensor:
    """Repeat the last row and column of (n, channels, y, x) up to multiples of `multiple`."""
    height, width = counts.shape[-2:]
    sides = (0, -width % multiple, 0, -height % multiple)
    return functional.pad(counts, sides, mode="replicate")
