"""Scattering by one atom on a grid's half-plane of frequencies, with its thermal motion."""

from __future__ import annotations

import functools

import numpy as np

from tembench.core import compiled
from tembench.simulation.scattering import antialias, scattering_amplitude
from tembench.simulation.waves.window_spreading import window_transform

# Steps in which an atom's amplitude is tabulated; linear between them to 2e-6 of its largest.
_TABLE_PER_A = 0.0025


class WaveGrid:
    """Grid of a multislice, and its frequencies within the antialiasing aperture.

    Spectra are kept narrow: of the frequencies along x only those within the aperture, the
    negative ones last.

    Parameters
    ----------
    shape : tuple of int
        Points, (y, x).
    extent_A : tuple of float
        Extent of the cell, (x, y).

    Attributes
    ----------
    ky, kx : ndarray
        Frequencies along y, shape (y,), and those kept along x.
    half : int
        Number of frequencies along x that are kept and not negative.
    band : ndarray of float32, shape (y, kept)
        The antialiasing aperture.
    """

    def __init__(self, shape: tuple[int, int], extent_A: tuple[float, float]) -> None:
        self.shape, self.extent_A = shape, extent_A
        band = antialias(shape, extent_A)
        self.half = half = int(np.count_nonzero(band[0, : shape[1] // 2]))
        kept = np.concatenate([np.arange(half), np.arange(shape[1] - half + 1, shape[1])])
        self.ky = np.fft.fftfreq(shape[0], extent_A[1] / shape[0])
        self.kx = np.fft.fftfreq(shape[1], extent_A[0] / shape[1])[kept]
        self.band = np.ascontiguousarray(band[:, kept])


@functools.lru_cache(maxsize=4)
def wave_grid(shape: tuple[int, int], extent_A: tuple[float, float]) -> WaveGrid:
    """Return the grid of a cell; the last few are kept, since specimens often share one."""
    return WaveGrid(shape, extent_A)


@functools.lru_cache(maxsize=16)
def atom_factor(
    shape: tuple[int, int],
    extent_A: tuple[float, float],
    symbol: str,
    energy_keV: float,
    parametrization: str,
    displacement_A: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Scattering by an atom, divided by the transform of the window that it is spread as.

    Parameters
    ----------
    shape, extent_A
        The grid, as in `WaveGrid`.
    symbol : str
        Chemical symbol.
    energy_keV : float
        Electron energy.
    parametrization : str
        abTEM's name of the scattering factors.
    displacement_A : float
        Root mean square displacement along an axis.

    Returns
    -------
    real, imaginary : ndarray of float32, shape (y, half)
        Transforms of the real and the imaginary part of the mean of exp(i sigma v) - 1 over
        displacements, v the atom's projected potential, where frequencies along x are not
        negative; zero beyond the aperture. The last 16 are kept.
    """
    grid = wave_grid(shape, extent_A)
    amplitude = scattering_amplitude(symbol, energy_keV, parametrization, True)
    largest = np.hypot(np.abs(grid.ky).max(), grid.kx.max())
    k = np.arange(0, largest + 3 * _TABLE_PER_A, _TABLE_PER_A)
    # The transform over the cell becomes one over points.
    points = shape[0] * shape[1] / (extent_A[0] * extent_A[1])
    table = amplitude(k) * np.exp(-2 * (np.pi * displacement_A * k) ** 2) * points
    factors = np.empty((2, shape[0], grid.half), np.float32)
    windows = (1 / window_transform(points) for points in shape)
    _on_half_plane(table, grid.ky, grid.kx, *windows, grid.band, factors)
    factors.flags.writeable = False
    return factors[0], factors[1]


@functools.lru_cache(maxsize=64)
def thermal_share(
    symbol: str,
    energy_keV: float,
    parametrization: str,
    displacement_A: float,
    aperture_per_A: float,
) -> float:
    """Share of the thermal scattering by an atom that an aperture lets pass.

    Parameters
    ----------
    symbol, energy_keV, parametrization, displacement_A
        As in `atom_factor`.
    aperture_per_A : float
        Radius of the aperture.

    Returns
    -------
    float
        The integral of |f|^2 (1 - exp(-4 pi^2 u^2 k^2)) over the aperture as a share of that over
        all frequencies, f the transform of exp(i sigma v) - 1: an atom displaced by r scatters
        f exp(-2 pi i k r), and the square of the mean is not the mean of the square.
    """
    k = np.arange(0, 30, _TABLE_PER_A)
    amplitude = scattering_amplitude(symbol, energy_keV, parametrization, True)(k)
    rings = k * np.abs(amplitude) ** 2 * -np.expm1(-((2 * np.pi * displacement_A * k) ** 2))
    total = float(rings.sum())
    return float(rings[k <= aperture_per_A].sum()) / total if total else 0.0


@compiled
def _on_half_plane(
    table: np.ndarray,
    ky: np.ndarray,
    kx: np.ndarray,
    per_window_y: np.ndarray,
    per_window_x: np.ndarray,
    band: np.ndarray,
    factors: np.ndarray,
) -> None:
    for i in range(factors.shape[1]):
        for j in range(factors.shape[2]):
            place = np.sqrt(ky[i] ** 2 + kx[j] ** 2) / _TABLE_PER_A
            below = int(place)
            part = place - below
            value = table[below] * (1 - part) + table[below + 1] * part
            scale = per_window_y[i] * per_window_x[j] * band[i, j]
            factors[0, i, j] = value.real * scale
            factors[1, i, j] = value.imag * scale
