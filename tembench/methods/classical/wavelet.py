"""BayesShrink in the stationary wavelet transform, which averages over all cycle spins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.methods.counts.anscombe import denoise_image
from tembench.methods.counts.bin_side import BinSide
from tembench.methods.protocol import NoisyImage


@dataclass(frozen=True)
class WaveletShrinkage:
    """Soft thresholding with a threshold per level and direction, from the coefficients.

    Parameters
    ----------
    bins : int or BinSide
        Block size over which counts are summed, px, 1 for single pixels; or in angstrom.
    wavelet : str
        Name of an orthogonal wavelet of PyWavelets.
    levels : int
        Number of levels. The noise of the coarsest means remains: too few levels denoise poorly.
    strength : float
        Assumed standard deviation of the stabilised noise.
    """

    bins: int | BinSide
    wavelet: str
    levels: int
    strength: float

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        return denoise_image(image, self.bins, self._filter)

    def _filter(self, values: np.ndarray) -> np.ndarray:
        import pywt

        block = 2**self.levels
        # The transform is periodic: a margin keeps opposite edges apart.
        margins = [(block, block + (-size % block)) for size in values.shape]
        padded = np.pad(values, margins, mode="symmetric")
        # Undecimated orthogonal filters: every band has the noise level of the image.
        levels = pywt.swt2(padded, self.wavelet, self.levels, trim_approx=True)
        shrunk = [levels[0]]
        shrunk += [tuple(self._shrink(band) for band in bands) for bands in levels[1:]]
        result = pywt.iswt2(shrunk, self.wavelet)
        return result[block : block + values.shape[0], block : block + values.shape[1]]

    def _shrink(self, band: np.ndarray) -> np.ndarray:
        noise = self.strength**2
        signal = max(float(np.mean(band**2)) - noise, 0.0)
        if signal == 0.0:
            return np.zeros_like(band)
        threshold = noise / np.sqrt(signal)
        return np.sign(band) * np.maximum(np.abs(band) - threshold, 0)
