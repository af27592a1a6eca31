"""Noise power spectrum of a recorded image, over all frequencies, from the image itself.

A camera that spreads electrons has correlated noise, and one that loses electrons or adds read
noise has more of it than its counts say. In a high-resolution image noise alone fills nearly all of
the spectrum beyond the information limit, and most of it below, between the reflections of the
lattices: medians over rings do not see these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.signal.windows import tukey

_RINGS = 32
# Signal of atoms hardly reaches 1 per angstrom; where that is beyond this frequency in cycles per
# pixel, the rings beyond it are too few to say how the power goes on towards lower frequencies.
_SIGNAL_PER_A, _SIGNAL_AT_MOST = 1.0, 0.3
_LEAST_SIDE = 32
# Share of a side that the window fades. Fading all of it correlates more of the coefficients: the
# power at frequency 0 is then known to 5 % instead of 3 % (256 x 320 px at 2 e/px).
_FADED = 0.3
# Of the grid that binned noise is computed on.
_GRID = 32
_LEAST_POWER = 1e-4


@dataclass(frozen=True)
class NoiseSpectrum:
    """Noise power over that of counted electrons: 1 at all frequencies for Poisson noise.

    Attributes
    ----------
    coefficients : tuple of float
        Of the logarithm of the power as a polynomial in the square of the frequency, in cycles per
        pixel.
    """

    coefficients: tuple[float, ...] = (0.0,)

    def power(self, frequency: np.ndarray) -> np.ndarray:
        """Return the power at frequencies in cycles per pixel, at most 0.5 along an axis."""
        # Beyond the circle, in the corners, as on it.
        square = np.minimum(np.asarray(frequency, float), 0.5) ** 2
        return np.exp(np.polynomial.polynomial.polyval(square, self.coefficients))

    def binned(self, binning: int) -> np.ndarray:
        """Return the power of the sums over `binning` x `binning` pixels.

        Returns
        -------
        numpy.ndarray
            Shape (32, 32), at ``scipy.fft.fftfreq(32)`` cycles per bin along both axes, over the
            power of counted electrons; the power that binning folds from beyond is included.
        """
        side = _GRID * binning
        along = fft.fftfreq(side)
        transfer = np.abs(fft.fft(np.repeat([1.0, 0.0], [binning, side - binning]))) ** 2 / binning
        power = self.power(np.hypot(along[:, None], along)) * np.outer(transfer, transfer)
        # Frequency i of the sums gathers i, i + 32, i + 64 and so on of the pixels.
        folded = power.reshape(binning, _GRID, binning, _GRID).sum(axis=(0, 2))
        return folded / binning**2


def noise_spectrum(counts: np.ndarray, pixel_size_A: float) -> NoiseSpectrum:
    """Return the noise power spectrum of an image.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (y, x). Integers are taken as counted electrons, whose spectrum is known.
    pixel_size_A : float
        Sampling, angstrom per pixel.

    Returns
    -------
    NoiseSpectrum
        From the medians of the periodogram (under a tapered window) in rings beyond 1 per
        angstrom, continued to lower frequencies; that of counted electrons for images below 32 px
        a side.

    Examples
    --------
    Two counts for each electron that a camera catches have twice the noise power:

    >>> counts = 2.0 * np.random.default_rng(1).poisson(1.0, (256, 256))
    >>> bool(abs(noise_spectrum(counts, 0.1).power(np.array(0.1)) - 2) < 0.2)
    True
    """
    mean = float(counts.mean())
    if counts.dtype.kind != "f" or min(counts.shape) < _LEAST_SIDE or mean <= 0:
        return NoiseSpectrum()
    frequency, power, weight = _ring_medians(counts.astype(np.float64))
    noise = frequency > min(_SIGNAL_PER_A * pixel_size_A, _SIGNAL_AT_MOST)
    terms = np.vander(frequency[noise] ** 2, 3, increasing=True)
    root = np.sqrt(weight[noise])
    logarithm = np.log(np.maximum(power[noise] / mean, _LEAST_POWER))
    fitted = np.linalg.lstsq(terms * root[:, None], logarithm * root, rcond=None)[0]
    return NoiseSpectrum(tuple(fitted.tolist()))


def _ring_medians(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean frequencies, powers and numbers of coefficients of rings up to 0.5 per pixel."""
    height, width = values.shape
    window = np.outer(tukey(height, _FADED), tukey(width, _FADED))
    spectrum = fft.rfft2((values - values.mean()) * window)
    periodogram = (np.abs(spectrum) ** 2 / np.sum(window**2)).ravel()
    length = np.hypot(fft.fftfreq(height)[:, None], fft.rfftfreq(width)).ravel()
    ring = (length * 2 * _RINGS).astype(int)
    members = [np.flatnonzero(ring == number) for number in range(_RINGS)]
    members = [each for each in members if each.size]
    # Power of noise is exponentially distributed: its median is log 2 times its mean.
    return (
        np.array([length[each].mean() for each in members]),
        np.array([np.median(periodogram[each]) for each in members]) / np.log(2),
        np.array([each.size for each in members], float),
    )
