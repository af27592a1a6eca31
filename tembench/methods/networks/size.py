"""How far a network sees and how much it learns, from its architecture alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tembench.methods.networks.unet import UNet


def unet_size(architecture: Mapping[str, Any]) -> tuple[int, int]:
    """Tell the size of a UNet that is never made.

    Parameters
    ----------
    architecture : Mapping
        Arguments of `tembench.methods.networks.unet.UNet`.

    Returns
    -------
    tuple of int
        Side of the receptive field in bins, and number of values that are learned.
    """
    # On this device nothing is stored, so the size does not matter.
    with torch.device("meta"):
        network = UNet(**architecture)
    return 2 * network.margin + 1, learned_values(network)


def learned_values(network: nn.Module) -> int:
    """Return the number of values that a network learns."""
    return sum(value.numel() for value in network.parameters())
