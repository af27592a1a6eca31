"""From means over bins to values at their centres: for networks that were taught by counts."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

_REACH = 8
"""Bins; the weights fall by 0.36 from one to the next."""


class Centres(nn.Module):
    """Apply a network that gives means over bins, and give the values at the bins' centres.

    What counts teach is the mean over a bin, lower in contrast than the image. Both are samples of
    one spline, whose averages over the bins are the means, as in
    `tembench.methods.counts.binning`.

    Parameters
    ----------
    network : nn.Module
        Maps (n, 1, y, x) to (n, 1, y, x).

    Attributes
    ----------
    margin, multiple : int
        See `tembench.methods.networks`; where the network has them.
    """

    def __init__(self, network: nn.Module) -> None:
        """Take over what tiles have to keep to."""
        super().__init__()
        self.network = network
        if hasattr(network, "margin"):
            self.margin = int(network.margin) + _REACH  # type: ignore[arg-type]
            self.multiple = int(network.multiple)  # type: ignore[arg-type]
        self.weights: Tensor
        self.register_buffer("weights", torch.from_numpy(centre_weights(_REACH)).float())

    def forward(self, counts: Tensor) -> Tensor:
        """Map (n, 1, y, x) noisy to (n, 1, y, x) clean, for any y and x."""
        return centres(self.network(counts), self.weights)


def centres(means: Tensor, weights: Tensor) -> Tensor:
    """Filter (n, 1, y, x) along both axes, continued by its edges."""
    reach = len(weights) // 2
    padded = functional.pad(means, (reach, reach, reach, reach), mode="replicate")
    along_y = functional.conv2d(padded, weights[None, None, :, None])
    return functional.conv2d(along_y, weights[None, None, None, :])


def centre_weights(reach: int) -> np.ndarray:
    """Weights of the means about a bin in the value at its centre, (2 reach + 1,).

    The cubic spline's values at its knots are its coefficients weighted by 1/6, 4/6, 1/6; its
    means by 1/384 of 1, 76, 230, 76, 1. The weights are the quotient of the two filters.
    """
    angle = 2 * np.pi * np.fft.fftfreq(1024)
    values = (4 + 2 * np.cos(angle)) / 6
    means = (230 + 152 * np.cos(angle) + 2 * np.cos(2 * angle)) / 384
    weights = np.fft.ifft(values / means).real
    cut = np.concatenate([weights[-reach:], weights[: reach + 1]])
    return np.asarray(cut / cut.sum())
