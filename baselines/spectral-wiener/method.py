"""Wiener filter in Fourier space: a lattice has a few strong frequencies, shot noise is white."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import fft, ndimage

from tembench.methods import NoisyImage, noise_spectrum


@dataclass(frozen=True)
class SpectralWiener:
    """Wiener filter with the spectrum estimated from the image itself.

    Parameters
    ----------
    smoothing : float
        Standard deviation of the Gaussian that smooths the periodogram, in frequency samples.
    strength : float
        Factor on the noise power that is subtracted.
    """

    smoothing: float
    strength: float

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        counts = image.counts.astype(np.float32)
        mean = counts.mean()
        spectrum = fft.fft2(counts - mean)
        # Poisson noise is white, and its variance is the mean.
        noise = np.float32(mean * counts.size)
        if image.counts.dtype.kind == "f":
            noise = noise * self._camera_noise(image)
        power = ndimage.gaussian_filter(np.abs(spectrum) ** 2, self.smoothing, mode="wrap")
        signal = np.maximum(power - self.strength * noise, 0)
        gain = signal / np.maximum(signal + noise, np.finfo(np.float32).tiny)
        filtered = fft.ifft2(gain * spectrum).real + mean
        return np.maximum(filtered, 0).astype(np.float32)

    def _camera_noise(self, image: NoisyImage) -> np.ndarray:
        """Return the noise power that a camera made, over that of counted electrons."""
        along_y, along_x = (fft.fftfreq(side) for side in image.counts.shape)
        spectrum = noise_spectrum(image.counts, image.pixel_size_A)
        return spectrum.power(np.hypot(along_y[:, None], along_x)).astype(np.float32)


def build(parameters: Mapping[str, Any]) -> SpectralWiener:
    """Return the filter with the parameters of ``method.toml``."""
    return SpectralWiener(**parameters)
