"""Transmission functions: the effect of a slice's atoms on the electron wave.

abTEM provides the potentials of the atoms, the interaction constant and the antialiasing aperture.
Atoms are placed at their exact positions by the structure factor (abTEM spreads each over four
pixels).

Atoms vibrate independently (Einstein's model). The elastic image is formed by the transmission
function averaged over the displacements. The intensity that this average loses is the thermal
diffuse scattering, which falls outside the image or forms a faint even background: it is absorbed.
With
``thermal_scattering = "ignored"`` the potential is averaged instead, as abTEM does, and no
electron is lost. Released images show the loss: with it, one microscope gives the mean brightness
of their supports within 0.5 % of vacuum, without it they come out 2 to 4 % too bright.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from tembench.recipe import Simulation
from tembench.simulation.array_backend import Device
from tembench.simulation.structures import Structure

# Radii of the integral over an atom: beyond 12 A the potential of a neutral atom vanishes, and the
# area within 1e-5 A of the nucleus is negligible.
_RADII_A = np.geomspace(1e-5, 12.0, 4001)
# Steps in which that integral is tabulated over spatial frequency.
_TABLE_PER_A = 0.01


def wavelength_A(energy_keV: float) -> float:
    """Relativistic wavelength of the electrons in angstrom."""
    from abtem.core.energy import energy2wavelength

    return float(energy2wavelength(energy_keV * 1e3))


def antialias(shape: tuple[int, int], extent_A: tuple[float, float]) -> np.ndarray:
    """abTEM's aperture that keeps two thirds of a (y, x) grid's band: float32, 0 to 1."""
    from abtem.antialias import antialias_aperture

    sampling = (extent_A[1] / shape[0], extent_A[0] / shape[1])
    return np.asarray(antialias_aperture(shape, sampling, np), dtype=np.float32)


class Transmission:
    """Transmission functions of any set of a structure's atoms.

    Parameters
    ----------
    structure : Structure
        The atoms.
    simulation : Simulation
        Grid, parametrisation, thermal displacements and scattering.
    energy_keV : float
        Electron energy.
    device : Device
        Device to compute on.
    """

    def __init__(
        self, structure: Structure, simulation: Simulation, energy_keV: float, device: Device
    ) -> None:
        nx, ny = self._grid = simulation.wave_grid
        extent = structure.cell_A[:2]
        self._structure = structure
        self._device = device
        self._absorbing = simulation.thermal_scattering == "absorbed"
        kx, ky = np.fft.fftfreq(nx, extent[0] / nx), np.fft.fftfreq(ny, extent[1] / ny)
        self._kx, self._ky = device.xp.asarray(kx), device.xp.asarray(ky)
        band = antialias((ny, nx), extent)
        self._band = device.xp.asarray(band)
        k = np.hypot(ky[:, None], kx)
        # The factor turns a transform over the cell into one over pixels.
        pixels = nx * ny / (extent[0] * extent[1])
        self._factors = {}
        for symbol in np.unique(structure.symbols):
            amplitude = scattering_amplitude(
                symbol, energy_keV, simulation.parametrization, self._absorbing
            )(k)
            damping = np.exp(-2 * np.pi**2 * simulation.displacement_A[symbol] ** 2 * k**2)
            if self._absorbing:
                # Elements are multiplied: a product of band-limited factors does not alias.
                damping *= band
            self._factors[symbol] = device.xp.asarray(
                (amplitude * damping * pixels).astype(np.complex64)
            )
        # A crystal repeats its slices: each set of positions is transformed once.
        self._cached: dict[tuple[str, bytes], Any] = {}

    def of(self, chosen: np.ndarray) -> Any:
        """Band-limited transmission function of some of the atoms.

        Parameters
        ----------
        chosen : ndarray of bool, shape (atoms,)
            Atoms to include.

        Returns
        -------
        array of complex64, shape (y, x)
            On the device.
        """
        elements = [
            self._element(symbol, chosen & (self._structure.symbols == symbol))
            for symbol in self._factors
        ]
        present = [element for element in elements if element is not None]
        if self._absorbing and len(present) == 1:
            return 1 + present[0]
        if self._absorbing:
            transmission = functools.reduce(lambda a, b: a * (1 + b), present[1:], 1 + present[0])
        else:
            transmission = self._device.xp.exp(functools.reduce(lambda a, b: a + b, present))
        fft = self._device.fft
        spectrum = fft.fft2(transmission, overwrite_x=True)
        spectrum *= self._band
        return fft.ifft2(spectrum, overwrite_x=True)

    def _element(self, symbol: str, chosen: np.ndarray) -> Any | None:
        """Contribution of the chosen atoms of one element, to be added to 1 or to the exponent."""
        positions = self._structure.positions_A[chosen, :2]
        if len(positions) == 0:
            return None
        key = (symbol, positions.tobytes())
        if key not in self._cached:
            xp = self._device.xp
            x, y = (xp.asarray(values) for values in positions.T)
            phase_y = xp.exp(-2j * np.pi * self._ky[:, None] * y).astype(np.complex64)
            phase_x = xp.exp(-2j * np.pi * x[:, None] * self._kx).astype(np.complex64)
            spectrum = phase_y @ phase_x
            spectrum *= self._factors[symbol]
            self._cached[key] = self._device.fft.ifft2(spectrum, overwrite_x=True)
        return self._cached[key]


@functools.lru_cache(maxsize=32)
def scattering_amplitude(symbol: str, energy_keV: float, parametrization: str, exact: bool) -> Any:
    """Scattering by one atom at rest as a function of spatial frequency.

    Parameters
    ----------
    symbol : str
        Chemical symbol.
    energy_keV : float
        Electron energy.
    parametrization : str
        abTEM's name of the scattering factors.
    exact : bool
        Whether to transform exp(i sigma v) - 1 of the atom's projected potential v, or else
        i sigma v.

    Returns
    -------
    callable
        Maps frequencies in 1/A to complex amplitudes in A^2.
    """
    from abtem.core.energy import energy2sigma
    from abtem.parametrizations import validate_parametrization
    from scipy.special import j0

    atom: Any = validate_parametrization(parametrization)
    sigma = float(energy2sigma(energy_keV * 1e3))
    if not exact:
        factor = atom.projected_scattering_factor(symbol)
        return lambda k: 1j * sigma * factor(np.asarray(k) ** 2)
    radii = _RADII_A
    phase = sigma * np.asarray(atom.projected_potential(symbol)(radii))
    # Integral of 2 pi r dr = 2 pi r^2 d(log r) by the trapezoidal rule.
    ring = 2 * np.pi * (np.exp(1j * phase) - 1) * radii**2 * np.log(radii[1] / radii[0])
    table = np.arange(0, 30, _TABLE_PER_A)
    values = np.concatenate(
        [j0(2 * np.pi * part[:, None] * radii) @ ring for part in np.array_split(table, 20)]
    )
    return lambda k: np.interp(k, table, values.real) + 1j * np.interp(k, table, values.imag)
