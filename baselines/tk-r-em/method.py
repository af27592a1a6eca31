"""Network of tk_r_em for HRTEM images, in an ONNX file of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.methods import BinSide, NoisyImage, bin_counts, unbin

from .network import ImageNetwork, open_network


@dataclass(frozen=True, kw_only=True)
class SingleShotRestoration:
    """A network on standardised images.

    Training samples of tk_r_em have mean 0 and standard deviation 1 as they enter the network; its
    file may standardise them itself, which changes nothing in an image that is so already.

    Attributes
    ----------
    network : ImageNetwork
        The network.
    bin_A : float
        Side of blocks whose counts are summed before, angstrom; 0 gives the network single pixels.
    """

    network: ImageNetwork
    bin_A: float

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        binning = BinSide(self.bin_A, 0).pixels(image) if self.bin_A else 1
        sums = bin_counts(image.counts, binning)
        mean, deviation = sums.mean(), sums.std()
        if deviation == 0:
            return image.counts.astype(np.float32)
        restored = deviation * self.network((sums - mean) / deviation) + mean
        height, width = image.counts.shape
        return np.maximum(unbin(restored, binning, (height, width)), 0)


def build(parameters: Mapping[str, Any]) -> SingleShotRestoration:
    """Return the network in the file ``parameters["weights_file"]``."""
    network = open_network(parameters["weights_file"], parameters["tile"])
    return SingleShotRestoration(network=network, bin_A=parameters["bin_A"])
