"""From atoms to the exit waves of all tilts; abTEM's physics, its loop written for many tilts.

abTEM gives the scattering factors, the interaction constant, the propagator and the antialiasing
aperture. What is done here instead of by `abtem.PlaneWave.multislice`: atoms are placed exactly
by their structure factor (abTEM spreads each over four pixels), and each slice's transmission
function is made once and shared by all tilts, since a small tilt acts in the propagator only.

Signs: the wave is exp(+2 pi i k r), a slice multiplies it by exp(+i sigma V), a distance dz by
exp(-i pi lambda k^2 dz). Slices are crossed in ascending z, z pointing along the beam.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft

from tembench.recipe import Simulation
from tembench.simulate.structures import Structure


@dataclass(frozen=True, kw_only=True)
class ExitWaves:
    """Exit waves of one structure.

    Attributes
    ----------
    spectra : ndarray of complex64, shape (tilts, y, x)
        Fourier coefficients on the detector grid, the frequency 0 first, frequencies beyond the
        objective aperture zero; the undisturbed wave is 1 at frequency 0. The phase (the focus)
        refers to the exit face of the specimen, the lateral position to its middle: columns at
        half depth appear at their own place whatever the tilt.
    extent_A : tuple of float
        Extent of the cell along x and y.
    energy_keV : float
        Electron energy.
    """

    spectra: np.ndarray
    extent_A: tuple[float, float]
    energy_keV: float


def exit_waves(
    structure: Structure,
    tilts_deg: tuple[tuple[float, float], ...],
    simulation: Simulation,
    energy_keV: float,
) -> ExitWaves:
    """Send a plane wave through a structure, once for each tilt.

    Parameters
    ----------
    structure : Structure
        The specimen.
    tilts_deg : tuple of (float, float)
        Tilts about x and about y in degrees; small, up to a few degrees. A positive tilt about
        x moves what lies nearer to the exit face up (to lower y), relative to what lies nearer
        to the entrance; a positive tilt about y moves it to lower x. Released images (tilted
        about x) fit this sign: PtNp2 +3, demo-3 +2, demo-4 +3 degrees.
    simulation : Simulation
        Grid, slices, thermal displacements, aperture.
    energy_keV : float
        Electron energy.

    Returns
    -------
    ExitWaves
    """
    nx, ny = simulation.wave_grid
    extent = structure.cell_A[:2]
    depth = structure.cell_A[2]
    n_slices = max(1, int(np.ceil(depth / simulation.slice_thickness_A - 1e-9)))
    slices = np.minimum((structure.positions_A[:, 2] / depth * n_slices).astype(int), n_slices - 1)
    potentials = SlicePotential(structure, simulation)
    bandlimit = _antialias(ny, nx, extent)
    propagators = _propagators(ny, nx, extent, depth / n_slices, energy_keV, tilts_deg)
    waves = np.ones((len(tilts_deg), ny, nx), dtype=np.complex64)
    for number in range(n_slices):
        transmission = potentials.transmission(slices == number, energy_keV)
        transmission = scipy.fft.ifft2(
            scipy.fft.fft2(transmission, overwrite_x=True) * bandlimit, overwrite_x=True
        )
        waves *= transmission
        waves = scipy.fft.fft2(waves, overwrite_x=True)
        waves *= propagators
        if number < n_slices - 1:
            waves = scipy.fft.ifft2(waves, overwrite_x=True)
    spectra = _crop(waves / (nx * ny), simulation.detector_grid)
    ky, kx = frequencies(spectra.shape[-2:], extent)
    spectra *= kx**2 + ky**2 <= simulation.aperture_per_A**2
    spectra *= _reference(ky, kx, depth, depth / n_slices, energy_keV, tilts_deg)
    return ExitWaves(spectra=spectra, extent_A=extent, energy_keV=energy_keV)


class SlicePotential:
    """Projected potential and transmission function of any set of a structure's atoms.

    Parameters
    ----------
    structure : Structure
        The atoms.
    simulation : Simulation
        Grid, parametrisation and thermal displacements.
    """

    def __init__(self, structure: Structure, simulation: Simulation) -> None:
        from abtem.parametrizations import validate_parametrization

        nx, ny = self._grid = simulation.wave_grid
        self._structure = structure
        extent = structure.cell_A[:2]
        parametrization: Any = validate_parametrization(simulation.parametrization)
        self._ky = np.fft.fftfreq(ny, extent[1] / ny)
        self._kx = np.fft.rfftfreq(nx, extent[0] / nx)
        k2 = self._ky[:, None] ** 2 + self._kx**2
        # The factor turns a transform over the cell into one over pixels.
        pixels = nx * ny / (extent[0] * extent[1])
        self._factors = {
            symbol: (
                parametrization.projected_scattering_factor(symbol)(k2)
                * np.exp(-2 * np.pi**2 * simulation.displacement_A[symbol] ** 2 * k2)
                * pixels
            ).astype(np.float32)
            for symbol in np.unique(structure.symbols)
        }

    def potential(self, chosen: np.ndarray) -> np.ndarray:
        """Projected potential of some of the atoms.

        Parameters
        ----------
        chosen : ndarray of bool, shape (atoms,)
            Which atoms.

        Returns
        -------
        ndarray of float32, shape (y, x)
            In volt angstrom, as in `abtem.PotentialArray`.
        """
        nx, ny = self._grid
        spectrum = np.zeros((ny, nx // 2 + 1), dtype=np.complex64)
        for symbol, factor in self._factors.items():
            x, y = self._structure.positions_A[chosen & (self._structure.symbols == symbol), :2].T
            if len(x):
                phase_y = np.exp(-2j * np.pi * np.outer(self._ky, y)).astype(np.complex64)
                phase_x = np.exp(-2j * np.pi * np.outer(x, self._kx)).astype(np.complex64)
                spectrum += (phase_y @ phase_x) * factor
        return scipy.fft.irfft2(spectrum, s=(ny, nx), overwrite_x=True)

    def transmission(self, chosen: np.ndarray, energy_keV: float) -> np.ndarray:
        """Transmission function exp(i sigma V) of some of the atoms, complex64, (y, x)."""
        from abtem.core.energy import energy2sigma

        phase = np.float32(energy2sigma(energy_keV * 1e3)) * self.potential(chosen)
        transmission = np.empty(phase.shape, dtype=np.complex64)
        np.cos(phase, out=transmission.real)
        np.sin(phase, out=transmission.imag)
        return transmission


def wavelength_A(energy_keV: float) -> float:
    """Relativistic wavelength of the electrons in angstrom."""
    from abtem.core.energy import energy2wavelength

    return float(energy2wavelength(energy_keV * 1e3))


def frequencies(
    shape: tuple[int, int], extent_A: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Spatial frequencies of a (y, x) grid: ky of shape (y, 1) and kx of shape (x,), in 1/A."""
    ky = np.fft.fftfreq(shape[0], extent_A[1] / shape[0])
    kx = np.fft.fftfreq(shape[1], extent_A[0] / shape[1])
    return ky[:, None], kx


def _antialias(ny: int, nx: int, extent: tuple[float, float]) -> np.ndarray:
    from abtem.antialias import antialias_aperture

    sampling = (extent[1] / ny, extent[0] / nx)
    return np.asarray(antialias_aperture((ny, nx), sampling, np), dtype=np.float32)


def _propagators(
    ny: int,
    nx: int,
    extent: tuple[float, float],
    thickness: float,
    energy_keV: float,
    tilts_deg: tuple[tuple[float, float], ...],
) -> np.ndarray:
    """Fresnel propagators over one slice, one for each tilt, band-limited."""
    ky, kx = frequencies((ny, nx), extent)
    fresnel = np.exp(-1j * np.pi * wavelength_A(energy_keV) * thickness * (kx**2 + ky**2))
    fresnel = fresnel * _antialias(ny, nx, extent)
    return np.stack([fresnel * _shift(ky, kx, tilt, thickness) for tilt in tilts_deg]).astype(
        np.complex64
    )


def _shift(
    ky: np.ndarray, kx: np.ndarray, tilt_deg: tuple[float, float], depth: float
) -> np.ndarray:
    """Phase that displaces a wave as the tilted specimen is displaced over `depth`."""
    about_x, about_y = np.tan(np.deg2rad(tilt_deg))
    return np.exp(-2j * np.pi * depth * (kx * about_y + ky * about_x))


def _reference(
    ky: np.ndarray,
    kx: np.ndarray,
    depth: float,
    thickness: float,
    energy_keV: float,
    tilts_deg: tuple[tuple[float, float], ...],
) -> np.ndarray:
    """From the loop's exit wave to the one wanted, a factor for each tilt.

    The loop crosses a whole slice after the slice's atoms, which lie half a slice deeper on
    average: half a slice is taken back. The lateral position is moved to the middle of the
    specimen.
    """
    fresnel = np.exp(1j * np.pi * wavelength_A(energy_keV) * thickness / 2 * (kx**2 + ky**2))
    back = (depth + thickness) / 2
    return np.stack([fresnel * np.conj(_shift(ky, kx, tilt, back)) for tilt in tilts_deg])


def _crop(spectra: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """The lowest frequencies, as many as a grid of (x, y) points holds."""
    nx, ny = grid
    rows = np.fft.ifftshift(np.arange(-(ny // 2), ny - ny // 2))
    places = np.fft.ifftshift(np.arange(-(nx // 2), nx - nx // 2))
    return spectra[:, rows[:, None], places]
