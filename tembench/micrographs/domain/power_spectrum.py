"""Power spectrum of counts in units of shot noise: the kind of noise, and lattice planes.

Electrons counted individually, each in one pixel, have a white noise spectrum of known height for
any image. No image of atoms has signal beyond a third of the sampling frequency, so the power there
is noise alone, and peaks above the noise are signal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from tembench.micrographs.reading import oriented_reflections_per_A
from tembench.recipe import Recipe
from tembench.simulation import CERIA_A

_NOISE_ALONE = 0.35
# The specimen check tolerates a twentieth of the electrons being counted twice.
_NOISE_OFF = 0.05
# Lower frequencies are the shape of the specimen; higher ones are weak and fit anything.
_LATTICE_PER_A = (0.2, 0.65)
# Heights above the highest peak of white noise on average: by chance one image in 90 has such a
# peak, so a lattice needs two; a single peak must be as high as in one image of a thousand.
_ABOVE_NOISE, _ALONE_ABOVE_NOISE = 4.5, 7.0
# Shift of a reflection by the size of particles of ten columns, tilt and strain: at most 0.02 on 12
# simulated images. Discs of this radius cover a sixth of the frequencies searched.
_NEAR_PER_A = 0.025


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

    def peaks_per_A(self, pixel_size_A: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the peaks above the noise: positions (n, 2), x and y in 1/angstrom, and powers."""
        length = np.hypot(self.along_y[:, None], self.along_x) / pixel_size_A
        searched = (length > _LATTICE_PER_A[0]) & (length < _LATTICE_PER_A[1])
        if not searched.any():
            return np.empty((0, 2)), np.empty(0)
        # For a real image, half of the coefficients in the first column mirror the others.
        searched[self.along_y < 0, 0] = False
        highest_by_chance = math.log(searched.sum())
        # A peak broadened by the window counts once.
        summit = self.power == ndimage.maximum_filter(self.power, 5, mode=("wrap", "nearest"))
        above = self.power > highest_by_chance + _ABOVE_NOISE
        y, x = np.nonzero(searched & above & summit)
        powers = self.power[y, x]
        if len(powers) == 1 and powers[0] < highest_by_chance + _ALONE_ABOVE_NOISE:
            return np.empty((0, 2)), np.empty(0)
        return np.stack([self.along_x[x], self.along_y[y]], axis=1) / pixel_size_A, powers


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


def strange_spacings_A(spectrum: PowerSpectrum, pixel_size_A: float, recipe: Recipe) -> list[float]:
    """Find lattice planes that a recipe's specimens do not have, or not in this direction.

    Parameters
    ----------
    spectrum : PowerSpectrum
        Spectrum of the counts.
    pixel_size_A : float
        Pixel size in angstrom.
    recipe : Recipe
        Its particles and support are oriented as in `oriented_reflections_per_A`.

    Returns
    -------
    list of float
        Spacings in angstrom, strongest first, if they have more than half of the power of all
        peaks; else empty. Known specimens also have a few unknown peaks, from their surface.
    """
    peaks, powers = spectrum.peaks_per_A(pixel_size_A)
    if not len(peaks):
        return []
    lattices = {CERIA_A, *(p.lattice_A for p in recipe.particles.values() if p.rows)}
    known = np.concatenate([oriented_reflections_per_A(lattice) for lattice in lattices])
    distance = np.hypot(*(peaks[:, None] - known).transpose(2, 0, 1)).min(axis=1)
    strange = distance > _NEAR_PER_A
    if powers[strange].sum() <= powers.sum() / 2:
        return []
    order = np.argsort(-powers[strange])
    return [float(1 / length) for length in np.hypot(*peaks[strange][order].T)]
