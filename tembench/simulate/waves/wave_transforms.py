"""Fourier transforms between a wave on its grid and its spectrum within the antialiasing aperture.

Frequencies beyond the aperture are neither computed nor stored: a sixth of a transform is saved.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from tembench.core import compiled


def to_spectrum(wave: np.ndarray, half: int) -> np.ndarray:
    """Transform a wave, which is overwritten.

    Parameters
    ----------
    wave : ndarray of complex64, shape (y, x)
        Values on the grid.
    half : int
        Number of frequencies along x that are kept and not negative.

    Returns
    -------
    ndarray of complex64, shape (y, 2 half - 1)
    """
    lines = scipy.fft.fft(wave, axis=1, overwrite_x=True)
    kept = np.empty((len(wave), 2 * half - 1), np.complex64)
    kept[:, :half] = lines[:, :half]
    kept[:, half:] = lines[:, lines.shape[1] - half + 1 :]
    return scipy.fft.fft(kept, axis=0, overwrite_x=True)


def to_wave(spectrum: np.ndarray, width: int, norm: str = "backward") -> np.ndarray:
    """Transform a spectrum, which is overwritten, to the wave on a grid of some width."""
    lines = scipy.fft.ifft(spectrum, axis=0, overwrite_x=True, norm=norm)
    half = lines.shape[1] // 2 + 1
    padded = np.zeros((len(lines), width), np.complex64)
    padded[:, :half] = lines[:, :half]
    padded[:, width - half + 1 :] = lines[:, half:]
    return scipy.fft.ifft(padded, axis=1, overwrite_x=True, norm=norm)


def real_to_half(values: np.ndarray, half: int) -> np.ndarray:
    """Transform real values to the frequencies that are not negative along x, (y, half)."""
    lines = scipy.fft.rfft(values, axis=1)
    return scipy.fft.fft(np.ascontiguousarray(lines[:, :half]), axis=0, overwrite_x=True)


@compiled
def times_even(real_half: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Multiply the spectrum of a real function by an even factor, and complete it.

    Parameters
    ----------
    real_half : ndarray of complex64, shape (y, half)
        Where frequencies along x are not negative.
    factor : ndarray of complex64, shape (y, half)
        Equal at opposite frequencies.

    Returns
    -------
    ndarray of complex64, shape (y, 2 half - 1)
    """
    height, half = real_half.shape
    product = np.empty((height, 2 * half - 1), np.complex64)
    for i in range(height):
        opposite = (height - i) % height
        for j in range(half):
            product[i, j] = real_half[i, j] * factor[i, j]
        for j in range(1, half):
            product[i, 2 * half - 1 - j] = np.conj(real_half[opposite, j]) * factor[i, j]
    return product


@compiled
def cross_atoms(wave: np.ndarray, scattered: np.ndarray) -> float:
    """Multiply a wave in place by 1 + scattered, and return the intensity lost, summed."""
    lost = np.float64(0)
    for i in range(wave.shape[0]):
        row = np.float32(0)
        for j in range(wave.shape[1]):
            old = wave[i, j]
            new = old + old * scattered[i, j]
            wave[i, j] = new
            row += old.real * old.real + old.imag * old.imag
            row -= new.real * new.real + new.imag * new.imag
        lost += row
    return float(lost)


@compiled
def cross_distance(
    spectrum: np.ndarray, along_y: np.ndarray, along_x: np.ndarray, band: np.ndarray
) -> None:
    """Multiply a spectrum in place by a propagator, given as its factors, and by the aperture."""
    for i in range(spectrum.shape[0]):
        for j in range(spectrum.shape[1]):
            spectrum[i, j] *= along_y[i] * along_x[j] * band[i, j]
