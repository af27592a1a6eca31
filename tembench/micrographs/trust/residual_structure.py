"""Residual structure: signal that an image has left in the noise that it removed.

If a denoised image is right, the counts less the image, over the root of the image, are white noise
of variance 1. A peak in their spectrum is a lattice that the image lacks, or has at another
strength.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft

from tembench.metrics import smoothed
from tembench.micrographs.trust.subject import Subject

PEAK = 5.0
"""Height of a peak, over the highest of white noise, above which structure is left.

White noise reaches 4.6 in one image of a hundred, and so did the residual of the truth in 1 to
2.5 % of 600 images.
"""
_BIN_A, _BAND_PER_A = 0.25, (0.2, 1.0)
_FLOOR = 1e-2
_MAP_A, _RING_PER_A = 0.5, 0.04


@dataclass(frozen=True, kw_only=True)
class ResidualStructure:
    """Whiteness of the residual.

    Attributes
    ----------
    residual : numpy.ndarray
        Smoothed by a Gaussian of 0.5 A, in its standard deviations, (y, x).
    spectrum : numpy.ndarray
        Its power (y, x), centred; 1 for white noise.
    per_A : float
        Largest frequency on the axes of `spectrum`.
    frequency_per_A, radial : numpy.ndarray
        Mean power over rings, (rings,).
    variance : float
        Variance of the residual: 1 if every electron is counted once.
    peak : float
        Largest power between 0.2 and 1 per angstrom, less the logarithm of the number of
        coefficients there: 0.4 in the median for white noise, above `PEAK` for structure.
    spacing_A : float
        Spacing of the lattice planes of that peak.
    noise_known : bool
        Whether white noise is the null; where noise is correlated the power of each ring is taken
        instead.
    """

    residual: np.ndarray
    spectrum: np.ndarray
    per_A: float
    frequency_per_A: np.ndarray
    radial: np.ndarray
    variance: float
    peak: float
    spacing_A: float
    noise_known: bool

    @property
    def is_structured(self) -> bool:
        """Whether signal is left in the residual."""
        return self.peak > PEAK


def residual_structure(subject: Subject) -> ResidualStructure:
    """Examine the difference between an image and the counts that it was made from."""
    counts = subject.image.counts.astype(np.float64)
    rate = np.maximum(subject.denoised.astype(np.float64), _FLOOR * subject.dose_e_per_px)
    bin_px = max(1, round(_BIN_A / subject.pixel_size_A))
    sums, rates = (_binned(image, bin_px) for image in (counts, rate))
    pearson = (sums - rates) / np.sqrt(rates)
    side_A = bin_px * subject.pixel_size_A
    power = np.abs(fft.fft2(pearson - pearson.mean(), workers=1)) ** 2 / pearson.size
    y, x = (fft.fftfreq(side, side_A) for side in pearson.shape)
    radius = np.hypot(y[:, None], x)
    known = not subject.not_counted
    ring = (radius / _RING_PER_A).astype(int)
    number = np.maximum(np.bincount(ring.ravel()), 1)
    radial = np.bincount(ring.ravel(), power.ravel()) / number
    if not known:
        power = power / np.maximum(radial[ring], 1e-30)
    band = (radius > _BAND_PER_A[0]) & (radius < _BAND_PER_A[1])
    # Power at a frequency and at its opposite is one number.
    height = float(power[band].max()) - math.log(max(band.sum() / 2, 1)) if band.any() else 0.0
    at = np.unravel_index(int(np.where(band, power, -1).argmax()), power.shape)
    whole = (counts - rate) / np.sqrt(rate)
    width_px = _MAP_A / subject.pixel_size_A
    # A Gaussian averages over 4 pi sigma^2 pixels.
    smooth = smoothed(whole, width_px) * (2 * math.sqrt(math.pi) * width_px)
    rings = int(_BAND_PER_A[1] / _RING_PER_A) + 1
    return ResidualStructure(
        residual=smooth,
        spectrum=fft.fftshift(power).astype(np.float32),
        per_A=0.5 / side_A,
        frequency_per_A=(np.arange(len(radial)) + 0.5)[:rings] * _RING_PER_A,
        radial=radial[:rings],
        variance=float(whole.var()),
        peak=height,
        spacing_A=float(1 / radius[at]) if radius[at] else float("inf"),
        noise_known=known,
    )


def _binned(image: np.ndarray, side: int) -> np.ndarray:
    rows, columns = (length // side for length in image.shape)
    blocks = image[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return np.asarray(blocks.sum(axis=(1, 3)))
