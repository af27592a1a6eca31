"""Multislice propagation from atoms to the exit waves of all tilts.

Unlike `abtem.PlaneWave.multislice`, this loop builds the transmission function of each slice once
for all tilts, since a small tilt acts in the propagator only. Slices without atoms cost nothing:
the wave crosses them in one step.

Signs: the wave is exp(+2 pi i k r), a slice multiplies it by exp(+i sigma V), a distance dz by
exp(-i pi lambda k^2 dz). Slices are crossed in ascending z, z pointing along the beam.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.core import stage
from tembench.recipe import Simulation
from tembench.simulation.array_backend import Device, open_device
from tembench.simulation.scattering import Transmission, antialias, wavelength_A
from tembench.simulation.structures import PLANE_OFFSET, Structure


@dataclass(frozen=True, kw_only=True)
class ExitWaves:
    """Exit waves of one structure.

    Attributes
    ----------
    spectra : ndarray of complex64, shape (tilts, y, x)
        Fourier coefficients on the detector grid, the frequency 0 first, frequencies beyond the
        objective aperture zero; the undisturbed wave is 1 at frequency 0. The phase (the focus)
        refers to the exit face of the specimen, the lateral position to its middle: columns at
        half depth appear at the same position at every tilt.
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
    device: str = "cpu",
) -> ExitWaves:
    """Propagate a plane wave through a structure, once for each tilt.

    Parameters
    ----------
    structure : Structure
        The specimen.
    tilts_deg : tuple of (float, float)
        Tilts about x and about y in degrees; small, up to a few degrees. A positive tilt about
        x moves atoms nearer to the exit face up (to lower y), relative to atoms nearer to the
        entrance; a positive tilt about y moves them to lower x. Released images (tilted
        about x) fit this sign: PtNp2 +3, demo-3 +2, demo-4 +3 degrees.
    simulation : Simulation
        Grid, slices, thermal displacements, aperture.
    energy_keV : float
        Electron energy.
    device : str
        ``"cpu"`` or ``"cuda"``.

    Returns
    -------
    ExitWaves
    """
    backend = open_device(device)
    nx, ny = simulation.wave_grid
    extent = structure.cell_A[:2]
    depth = structure.cell_A[2]
    with stage("potential"):
        transmission = Transmission(structure, simulation, energy_keV, backend)
    propagators = _Propagators(structure, simulation, energy_keV, tilts_deg, backend)
    slices = slice_numbers(structure, simulation)
    waves = [backend.xp.ones((ny, nx), dtype=np.complex64) for _ in tilts_deg]
    numbers = np.unique(slices)
    for order, number in enumerate(numbers):
        with stage("potential"):
            crossing = transmission.of(slices == number)
        with stage("multislice"):
            for tilt, wave in enumerate(waves):
                wave *= crossing
                spectrum = backend.fft.fft2(wave, overwrite_x=True)
                if order < len(numbers) - 1:
                    spectrum *= propagators.over(numbers[order + 1] - number, tilt)
                    spectrum = backend.fft.ifft2(spectrum, overwrite_x=True)
                waves[tilt] = spectrum
    if len(numbers) == 0:
        waves = [backend.fft.fft2(wave) for wave in waves]
    spectra = _crop(np.stack([backend.to_host(wave) for wave in waves]), simulation.detector_grid)
    spectra /= nx * ny
    ky, kx = frequencies(spectra.shape[-2:], extent)
    spectra *= kx**2 + ky**2 <= simulation.aperture_per_A**2
    last = _depth_of(numbers[-1], structure, simulation) if len(numbers) else depth
    spectra *= _to_reference(ky, kx, depth, last, energy_keV, tilts_deg)
    return ExitWaves(spectra=spectra, extent_A=extent, energy_keV=energy_keV)


def slice_numbers(structure: Structure, simulation: Simulation) -> np.ndarray:
    """Number of the slice that each atom belongs to, int, shape (atoms,); it may be negative.

    The atomic planes of the support coincide with slices, whole numbers of slices apart; atoms of
    the particle belong to the nearest one.
    """
    step = _step(structure, simulation)
    above = structure.positions_A[:, 2] - PLANE_OFFSET * structure.plane_A
    return np.rint(above / step).astype(int)


def frequencies(
    shape: tuple[int, int], extent_A: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Spatial frequencies of a (y, x) grid: ky of shape (y, 1) and kx of shape (x,), in 1/A."""
    ky = np.fft.fftfreq(shape[0], extent_A[1] / shape[0])
    kx = np.fft.fftfreq(shape[1], extent_A[0] / shape[1])
    return ky[:, None], kx


def frequency_orders(count: int) -> np.ndarray:
    """Orders of a grid's frequencies, 0 first, negative ones last; also indices of a larger."""
    return np.fft.ifftshift(np.arange(count) - count // 2)


def _step(structure: Structure, simulation: Simulation) -> float:
    """Distance of neighbouring slices: a whole fraction of the support's atomic planes."""
    per_plane = max(1, int(np.ceil(structure.plane_A / simulation.slice_thickness_A - 1e-9)))
    return structure.plane_A / per_plane


def _depth_of(number: int, structure: Structure, simulation: Simulation) -> float:
    return PLANE_OFFSET * structure.plane_A + number * _step(structure, simulation)


class _Propagators:
    """Fresnel propagators over whole numbers of slices, band-limited, one for each tilt."""

    def __init__(
        self,
        structure: Structure,
        simulation: Simulation,
        energy_keV: float,
        tilts_deg: tuple[tuple[float, float], ...],
        device: Device,
    ) -> None:
        nx, ny = simulation.wave_grid
        extent = structure.cell_A[:2]
        self._ky, self._kx = frequencies((ny, nx), extent)
        self._band = antialias((ny, nx), extent)
        self._step = _step(structure, simulation)
        self._wavelength = wavelength_A(energy_keV)
        self._tilts = tilts_deg
        self._device = device
        self._cached: dict[tuple[int, int], Any] = {}

    def over(self, slices: int, tilt: int) -> Any:
        """The propagator of a tilt over a number of slices; cached, since few distances occur."""
        key = (int(slices), tilt)
        if key not in self._cached:
            distance = slices * self._step
            # A product of two vectors: both Fresnel's phase and the tilt's are separable.
            along_y, along_x = (
                np.exp(-1j * np.pi * distance * (self._wavelength * k**2 + 2 * slope * k))
                for k, slope in zip(
                    (self._ky, self._kx), np.tan(np.deg2rad(self._tilts[tilt])), strict=True
                )
            )
            product = along_y.astype(np.complex64) * along_x.astype(np.complex64)
            self._cached[key] = self._device.xp.asarray(product * self._band)
        return self._cached[key]


def _shift(
    ky: np.ndarray, kx: np.ndarray, tilt_deg: tuple[float, float], depth: float
) -> np.ndarray:
    """Phase ramp that displaces a wave as much as the tilted specimen is over `depth`."""
    about_x, about_y = np.tan(np.deg2rad(tilt_deg))
    along_x = np.exp(-2j * np.pi * depth * about_y * kx)
    return along_x * np.exp(-2j * np.pi * depth * about_x * ky)


def _to_reference(
    ky: np.ndarray,
    kx: np.ndarray,
    depth: float,
    last: float,
    energy_keV: float,
    tilts_deg: tuple[tuple[float, float], ...],
) -> np.ndarray:
    """Factors that take the waves from the last slice to the exit face, laterally to the middle."""
    to_face = depth - last
    fresnel = np.exp(-1j * np.pi * wavelength_A(energy_keV) * to_face * (kx**2 + ky**2))
    return np.stack([fresnel * _shift(ky, kx, tilt, to_face - depth / 2) for tilt in tilts_deg])


def _crop(spectra: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """The lowest frequencies, cropped to the grid of (x, y) points."""
    nx, ny = grid
    return spectra[:, frequency_orders(ny)[:, None], frequency_orders(nx)]
