"""Transmission of a slice: the effect of its atoms on the wave, by two ways of thermal scattering.

The physics is that of `tembench.simulation.scattering`. With ``"absorbed"`` (and ``"background"``)
each element multiplies the wave by 1 + the sum over its atoms of the mean of exp(i sigma v) - 1,
which is band-limited before, so that spreading is exact. The product over elements is not limited
once more: exit waves of SrTiO3 differ by 5e-5 from those where it is, of tungsten carbide 80 A
thick by 5e-4, and two transforms a slice are saved. That atoms of one element are added, not
multiplied, counts where the tail of one lies on the core of another: 0.03 to 0.05 % of vacuum in
images of two layers of MoS2 at 80 kV. With ``"ignored"`` the mean potential is an
exponent, so it is needed in the whole band, where spreading is not exact: it is summed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft

from tembench.core import stage
from tembench.recipe import Physics
from tembench.simulation.scattering import scattering_amplitude
from tembench.simulation.waves.atom_factors import WaveGrid, atom_factor, thermal_share
from tembench.simulation.waves.wave_transforms import (
    cross_atoms,
    half_to_real,
    intensity_of,
    real_to_half,
    to_spectrum,
    to_wave,
)
from tembench.simulation.waves.window_spreading import spread_atoms


@dataclass(frozen=True, kw_only=True)
class CellAtoms:
    """Atoms in a cell.

    Attributes
    ----------
    positions_A : ndarray, shape (atoms, 3)
        From the cell's upper left corner.
    kind : ndarray of int, shape (atoms,)
        Index of each atom's element and displacement in `kinds`.
    kinds : tuple of (str, float)
        Chemical symbol and root mean square thermal displacement along an axis, in A.
    """

    positions_A: np.ndarray
    kind: np.ndarray
    kinds: tuple[tuple[str, float], ...]

    def by_kind(self, members: np.ndarray) -> list[tuple[int, np.ndarray]]:
        """Group some of the atoms by kind."""
        kind = self.kind[members]
        return [(number, members[kind == number]) for number in np.unique(kind)]


class SpreadTransmission:
    """Transmission by spreading, thermal scattering taken from the wave.

    Parameters
    ----------
    atoms : CellAtoms
        The atoms.
    grid : WaveGrid
        The multislice's grid.
    physics : Physics
        The parametrisation.
    energy_keV : float
        Electron energy.
    aperture_per_A : float
        Aperture that a background of thermal scattering passes.
    """

    def __init__(
        self,
        atoms: CellAtoms,
        grid: WaveGrid,
        physics: Physics,
        energy_keV: float,
        aperture_per_A: float,
    ) -> None:
        self._atoms, self._grid = atoms, grid
        scattering = energy_keV, physics.parametrization
        self._factors = [
            atom_factor(grid.shape, grid.extent_A, symbol, *scattering, displacement)
            for symbol, displacement in atoms.kinds
        ]
        self._shares = None
        if physics.thermal_scattering == "background":
            self._shares = [
                thermal_share(symbol, *scattering, displacement, aperture_per_A)
                for symbol, displacement in atoms.kinds
            ]
        self._x = atoms.positions_A[:, 0] * (grid.shape[1] / grid.extent_A[0])
        self._y = atoms.positions_A[:, 1] * (grid.shape[0] / grid.extent_A[1])

    def cross(self, wave: np.ndarray, members: np.ndarray) -> float:
        """Multiply a wave in place by the transmission of some of the atoms.

        Returns
        -------
        float
            Intensity that returns through the aperture as a background, summed over points.
        """
        grid, returned = self._grid, 0.0
        before = intensity_of(wave) if self._shares else 0.0
        for kind, chosen in self._atoms.by_kind(members):
            with stage("potential"):
                weights = np.zeros(grid.shape, np.float32)
                spread_atoms(self._x[chosen], self._y[chosen], weights)
                half = real_to_half(weights, grid.half)
                real, imaginary = (
                    half_to_real(half * part, grid.shape[1]) for part in self._factors[kind]
                )
            with stage("multislice"):
                cross_atoms(wave, real, imaginary)
                if self._shares:
                    after = intensity_of(wave)
                    returned += (before - after) * self._shares[kind]
                    before = after
        return returned


class MeanPotential:
    """Transmission exp(i sigma V) of the thermally averaged potential: no electron is lost.

    Parameters
    ----------
    atoms, grid, physics, energy_keV, aperture_per_A
        As in `SpreadTransmission`.
    """

    def __init__(
        self,
        atoms: CellAtoms,
        grid: WaveGrid,
        physics: Physics,
        energy_keV: float,
        aperture_per_A: float,
    ) -> None:
        self._atoms, self._grid = atoms, grid
        (height, width), extent = grid.shape, grid.extent_A
        self._ky = np.fft.fftfreq(height, extent[1] / height)
        self._kx = np.fft.rfftfreq(width, extent[0] / width)
        k = np.hypot(self._ky[:, None], self._kx)
        per_point = height * width / (extent[0] * extent[1])
        self._factors = []
        for symbol, displacement in atoms.kinds:
            amplitude = scattering_amplitude(symbol, energy_keV, physics.parametrization, False)(k)
            damping = per_point * np.exp(-2 * (np.pi * displacement * k) ** 2)
            self._factors.append((amplitude.imag * damping).astype(np.float32))

    def phase(self, members: np.ndarray) -> np.ndarray:
        """Phase sigma V of some of the atoms: float32, (y, x)."""
        total = np.zeros(self._factors[0].shape, np.complex64)
        for kind, chosen in self._atoms.by_kind(members):
            x, y = self._atoms.positions_A[chosen, :2].T
            along_y = np.exp(-2j * np.pi * self._ky[:, None] * y).astype(np.complex64)
            along_x = np.exp(-2j * np.pi * x[:, None] * self._kx).astype(np.complex64)
            total += (along_y @ along_x) * self._factors[kind]
        phase: np.ndarray = scipy.fft.irfft2(total, s=self._grid.shape)
        return phase

    def cross(self, wave: np.ndarray, members: np.ndarray) -> float:
        """Multiply a wave in place by the transmission of some of the atoms; none is lost."""
        with stage("potential"):
            spectrum = to_spectrum(np.exp(1j * self.phase(members)), self._grid.half)
            spectrum *= self._grid.band
            transmission = to_wave(spectrum, self._grid.shape[1])
        with stage("multislice"):
            wave *= transmission
        return 0.0
