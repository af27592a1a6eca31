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
    padded = np.empty((len(lines), width), np.complex64)
    _pad(lines, padded)
    return scipy.fft.ifft(padded, axis=1, overwrite_x=True, norm=norm)


def real_to_half(values: np.ndarray, half: int) -> np.ndarray:
    """Transform real values to the frequencies that are not negative along x, (y, half)."""
    lines = scipy.fft.rfft(values, axis=1)
    return scipy.fft.fft(np.ascontiguousarray(lines[:, :half]), axis=0, overwrite_x=True)


def half_to_real(spectrum: np.ndarray, width: int) -> np.ndarray:
    """Transform such a spectrum, which is overwritten, to real values on a grid of some width."""
    lines = scipy.fft.ifft(spectrum, axis=0, overwrite_x=True)
    return scipy.fft.irfft(lines, n=width, axis=1)


@compiled
def cross_atoms(wave: np.ndarray, real: np.ndarray, imaginary: np.ndarray) -> None:
    """Multiply a wave in place by 1 + real + i imaginary."""
    for i in range(wave.shape[0]):
        for j in range(wave.shape[1]):
            value = wave[i, j]
            re, im = np.float32(1) + real[i, j], imaginary[i, j]
            wave[i, j] = complex(
                value.real * re - value.imag * im, value.real * im + value.imag * re
            )


@compiled
def cross_distance(
    spectrum: np.ndarray, along_y: np.ndarray, along_x: np.ndarray, band: np.ndarray
) -> None:
    """Multiply a spectrum in place by a propagator, given as its factors, and by the aperture."""
    for i in range(spectrum.shape[0]):
        for j in range(spectrum.shape[1]):
            spectrum[i, j] *= along_y[i] * along_x[j] * band[i, j]


@compiled
def intensity_of(wave: np.ndarray) -> float:
    """Sum of a wave's squared modulus, line by line."""
    total = 0.0
    for i in range(wave.shape[0]):
        for j in range(wave.shape[1]):
            value = wave[i, j]
            total += value.real * value.real + value.imag * value.imag
    return total


@compiled
def _pad(lines: np.ndarray, padded: np.ndarray) -> None:
    """Copy frequencies along x to a wider grid, zero between positive and negative ones."""
    kept, width = lines.shape[1], padded.shape[1]
    half = kept // 2 + 1
    for i in range(lines.shape[0]):
        padded[i, :half] = lines[i, :half]
        padded[i, half : width - kept + half] = 0
        padded[i, width - kept + half :] = lines[i, half:]
