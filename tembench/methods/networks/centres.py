"""Filter from means over bins to values at bin centres, for networks trained on counts."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

_REACH = 8
"""Bins; the weights fall by 0.36 from one to the next."""


class Centres(nn.Module):
    """A network of means over bins, followed by a filter to the values at the bin centres.

    A network trained on counts predicts the mean over a bin, lower in contrast than the image. The
    values at the centres are those of the spline whose averages over the bins are the means, as in
    `tembench.methods.counts.binning`.

    Parameters
    ----------
    network : nn.Module
        Maps (n, 1, y, x) to (n, 1, y, x).

    Attributes
    ----------
    margin, multiple : int
        See `tembench.methods.networks`; only if the network has them.
    """

    def __init__(self, network: nn.Module) -> None:
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
    """Filter (n, 1, y, x) along both axes, padded with its edges."""
    reach = len(weights) // 2
    padded = functional.pad(means, (reach, reach, reach, reach), mode="replicate")
    along_y = functional.conv2d(padded, weights[None, None, :, None])
    return functional.conv2d(along_y, weights[None, None, None, :])


def centre_weights(reach: int) -> np.ndarray:
    """Return the weights of the surrounding means in the value at a bin's centre, (2 reach + 1,).

    The cubic spline's values at its knots are its coefficients weighted by 1/6, 4/6, 1/6; its
    means by 1/384 of 1, 76, 230, 76, 1. The weights are the quotient of the two filters.
    """
    values, means = _spline_filters()
    return _cut(values / means, reach)


def mean_weights(reach: int) -> np.ndarray:
    """Return the weights of the surrounding centres in the mean over a bin; the inverse filter."""
    values, means = _spline_filters()
    return _cut(means / values, reach)


def _spline_filters() -> tuple[np.ndarray, np.ndarray]:
    angle = 2 * np.pi * np.fft.fftfreq(1024)
    return (4 + 2 * np.cos(angle)) / 6, (230 + 152 * np.cos(angle) + 2 * np.cos(2 * angle)) / 384


def _cut(response: np.ndarray, reach: int) -> np.ndarray:
    weights = np.fft.ifft(response).real
    cut = np.concatenate([weights[-reach:], weights[: reach + 1]])
    return np.asarray(cut / cut.sum())
