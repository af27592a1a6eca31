"""Small network along the series, for each bin by itself.

References
----------
H. Cheng et al., "Denoising diffusion weighted imaging data using convolutional neural networks",
PLOS ONE 17(9), e0274396 (2022), doi 10.1371/journal.pone.0274396; implemented from its
description.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


class SeriesNetwork(nn.Module):
    """Two convolutions along the series, each with max pooling by 2, and a dense layer.

    Parameters
    ----------
    frames : int
        Length of the series, at least 4.

    Attributes
    ----------
    defocus_nm : Tensor
        Defocus of each frame of the training series; stored with the weights.
    """

    def __init__(self, *, frames: int) -> None:
        """Draw the initial weights."""
        super().__init__()
        self.layers = nn.Sequential(
            nn.ConstantPad1d((7, 8), 0.0),
            nn.Conv1d(1, 16, 16),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.ConstantPad1d((3, 4), 0.0),
            nn.Conv1d(16, 32, 8),
            nn.ReLU(),
            nn.MaxPool1d(2),
            nn.Flatten(),
            nn.Linear(32 * (frames // 4), frames),
        )
        self.defocus_nm: Tensor
        self.register_buffer("defocus_nm", torch.zeros(frames))

    def forward(self, series: Tensor) -> Tensor:
        """Map noisy (n, frames, y, x) to clean ones; both are 1 in vacuum."""
        count, frames, height, width = series.shape
        bins = series.permute(0, 2, 3, 1).reshape(-1, 1, frames)
        clean = 1 + self.layers(bins - 1)
        return clean.reshape(count, height, width, frames).permute(0, 3, 1, 2)


def resample(series: np.ndarray, from_nm: np.ndarray, to_nm: np.ndarray) -> np.ndarray:
    """Interpolate a series (n, y, x) along its defocus; beyond its ends they are repeated.

    Parameters
    ----------
    series : numpy.ndarray
        Frames at the defoci `from_nm`, ascending. A single frame is repeated.
    from_nm, to_nm : numpy.ndarray
        Defocus of each frame given, and of each frame returned.

    Returns
    -------
    numpy.ndarray
        float32 (len(to_nm), y, x).
    """
    weights = np.stack([np.interp(to_nm, from_nm, one) for one in np.eye(len(from_nm))], axis=1)
    return np.tensordot(weights, series, axes=1).astype(np.float32)
