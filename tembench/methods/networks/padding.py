"""Padding of images to the size that a network needs."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def padded_to(counts: Tensor, multiple: int) -> Tensor:
    """Pad (n, channels, y, x) with its last row and column to multiples of `multiple`."""
    height, width = counts.shape[-2:]
    sides = (0, -width % multiple, 0, -height % multiple)
    return functional.pad(counts, sides, mode="replicate")
