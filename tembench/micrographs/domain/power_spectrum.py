"""Power spectrum of counts in units of shot noise: the kind of noise.

Electrons counted individually, each in one pixel, have a white noise spectrum of known height for
any image. No image of atoms has signal beyond a third of the sampling frequency, so the power there
is noise alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft

_NOISE_ALONE = 0.35
# The specimen check tolerates a twentieth of the electrons being counted twice.
_NOISE_OFF = 0.05


@dataclass(frozen=True, kw_only=True)
class PowerSpectrum:
    """Power spectrum of counts; where there is only noise, exponentially distributed with mean 1.

    Attributes
    ----------
    power : numpy.ndarray
        Power (y, x // 2 + 1) under a Hann window.
    along_y, along_x : numpy.ndarray
        Frequencies of its rows and columns, 1/px.
    """

    power: np.ndarray
    along_y: np.ndarray
    along_x: np.ndarray

    def noise(self) -> tuple[float, float]:
        """Return the power of the noise, 1 for counted electrons, and three standard errors."""
        only_noise = np.hypot(self.along_y[:, None], self.along_x) > _NOISE_ALONE
        # The Hann window correlates neighbours: 2.25 of them count as one.
        errors = 3 * math.sqrt(2.25 / only_noise.sum())
        return float(self.power[only_noise].mean()), errors

    def is_of_counted_electrons(self) -> bool:
        """Return whether the noise is that of individually counted electrons."""
        noise, errors = self.noise()
        return abs(noise - 1) < _NOISE_OFF + errors


def spectrum_of(counts: np.ndarray) -> PowerSpectrum:
    """Return the power spectrum of counts (y, x)."""
    window = np.outer(*(np.hanning(side) for side in counts.shape)).astype(np.float32)
    values = (counts - counts.mean(dtype=np.float64)).astype(np.float32) * window
    noise = float((window.astype(np.float64) ** 2 * counts).sum())
    return PowerSpectrum(
        power=np.abs(fft.rfft2(values)) ** 2 / np.float32(max(noise, 1e-30)),
        along_y=fft.fftfreq(counts.shape[0]),
        along_x=fft.rfftfreq(counts.shape[1]),
    )
