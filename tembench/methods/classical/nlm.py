"""Non-local means denoiser: on binned and stabilised counts, or those of single pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.methods.counts.anscombe import denoise_image
from tembench.methods.counts.bin_side import BinSide
from tembench.methods.protocol import NoisyImage


@dataclass(frozen=True)
class NonLocalMeans:
    """Non-local means of scikit-image on stabilised counts.

    Parameters
    ----------
    bins : int or BinSide
        Block size over which counts are summed, px, 1 for single pixels; or in angstrom.
    patch : int
        Side of the patches compared, blocks; odd.
    distance : int
        Greatest distance of a patch, blocks.
    noise : float
        Assumed standard deviation of the stabilised noise.
    strength : float
        Decay length of the weights with patch distance beyond that of noise alone, in units of the
        noise's standard deviation.
    """

    bins: int | BinSide
    patch: int
    distance: int
    noise: float
    strength: float

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        return denoise_image(image, self.bins, self._filter)

    def _filter(self, values: np.ndarray) -> np.ndarray:
        from skimage.restoration import denoise_nl_means

        # Scikit-image drops axes of length 1.
        missing = [(0, max(0, 2 - side)) for side in values.shape]
        denoised = denoise_nl_means(
            np.pad(values, missing, mode="symmetric"),
            patch_size=self.patch,
            patch_distance=self.distance,
            h=self.strength * self.noise,
            sigma=self.noise,
            fast_mode=True,
        )
        return np.asarray(denoised[: values.shape[0], : values.shape[1]])
