"""Receptive field and number of parameters of a network, from its architecture alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tembench.methods.networks.unet import UNet


def unet_size(architecture: Mapping[str, Any]) -> tuple[int, int]:
    """Return the size of a UNet without allocating it.

    Parameters
    ----------
    architecture : Mapping
        Arguments of `tembench.methods.networks.unet.UNet`.

    Returns
    -------
    tuple of int
        Side of the receptive field in bins, and number of parameters.
    """
    # This device stores no values.
    with torch.device("meta"):
        network = UNet(**architecture)
    return 2 * network.reach + 1, learned_values(network)


def learned_values(network: nn.Module) -> int:
    """Return the number of parameters of a network."""
    return sum(value.numel() for value in network.parameters())
