"""Exit wave of a specimen: multislice on atomic planes, with potentials by compiled spreading.

The physics is that of `tembench.simulation.scattering` and `tembench.simulation.multislice`; the
way suits specimens that share nothing with each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tembench.core import stage
from tembench.recipe import DrawSeed, Physics
from tembench.simulation.atoms.specimen import Specimen
from tembench.simulation.multislice import frequency_orders
from tembench.simulation.scattering import wavelength_A
from tembench.simulation.waves.atom_factors import WaveGrid, wave_grid
from tembench.simulation.waves.padded_cell import PaddedCell
from tembench.simulation.waves.plane_slices import plane_slices
from tembench.simulation.waves.slice_transmission import (
    CellAtoms,
    MeanPotential,
    SpreadTransmission,
)
from tembench.simulation.waves.wave_transforms import (
    cross_distance,
    to_spectrum,
    to_wave,
)


@dataclass(frozen=True, kw_only=True)
class SpecimenWave:
    """Exit wave of a specimen, or of several configurations of its atoms.

    Attributes
    ----------
    spectra : ndarray of complex64, shape (configurations, y, x)
        Fourier coefficients on the cell's `spectrum_shape`, frequency 0 first, zero beyond the
        aperture; the undisturbed wave is 1 at frequency 0. The phase (the focus) refers to the
        specimen's exit face. One configuration, but for frozen phonons.
    background : float
        Even intensity, as a share of vacuum's, that an image has beside the wave's. With
        ``thermal_scattering = "background"``: the sum over slices and elements of the mean of
        |psi|^2 that the thermal displacements take from the wave, times the share of it that the
        aperture lets pass (`thermal_share`); else 0.
    """

    spectra: np.ndarray
    background: float


def specimen_wave(
    specimen: Specimen,
    cell: PaddedCell,
    physics: Physics,
    energy_keV: float,
    aperture_per_A: float,
    seed: DrawSeed | None = None,
) -> SpecimenWave:
    """Compute the exit wave of a specimen.

    Parameters
    ----------
    specimen : Specimen
        The atoms. Those outside the cell are left out: it does not wrap them to its other side.
    cell : PaddedCell
        The periodic cell, by `plan_cell`.
    physics : Physics
        Slices, scattering, and number of frozen phonons.
    energy_keV : float
        Electron energy.
    aperture_per_A : float
        Objective aperture, at most the one that the cell was planned for.
    seed : DrawSeed or None
        Seed of the displacements of frozen phonons.

    Returns
    -------
    SpecimenWave
        The same bits for any number of workers.

    Examples
    --------
    >>> cell = plan_cell(recipe.frame, recipe.physics, 7.5, 1.6)  # doctest: +SKIP
    >>> wave = specimen_wave(specimen, cell, recipe.physics, 300.0, 1.6)  # doctest: +SKIP
    """
    grid = wave_grid(cell.wave_shape, cell.extent_A)
    results = []
    for positions, displacement in _configurations(specimen, physics.frozen_phonons, seed):
        atoms = atoms_in_cell(specimen.symbols, positions, displacement, cell)
        spectrum, depth, returned = _multislice(atoms, grid, physics, energy_keV, aperture_per_A)
        orders = [frequency_orders(count) for count in cell.spectrum_shape]
        ky, kx = cell.frequencies(cell.spectrum_shape)
        k2 = kx**2 + ky**2
        to_face = np.exp(-1j * np.pi * wavelength_A(energy_keV) * (specimen.depth_A - depth) * k2)
        to_face *= k2 <= aperture_per_A**2
        stored = spectrum[orders[0][:, None], orders[1]] * to_face
        results.append((stored.astype(np.complex64), returned))
    return SpecimenWave(
        spectra=np.stack([spectrum for spectrum, _ in results]),
        background=float(np.mean([returned for _, returned in results])),
    )


def _configurations(
    specimen: Specimen, number: int, seed: DrawSeed | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positions and remaining thermal displacements of each configuration."""
    if not number:
        yield specimen.positions_A, specimen.displacement_A
        return
    if seed is None:
        raise ValueError("frozen phonons need a seed")
    for configuration in range(number):
        generator = seed.generator(f"phonons {configuration}")
        moved = generator.standard_normal(specimen.positions_A.shape)
        moved *= specimen.displacement_A[:, None]
        yield specimen.positions_A + moved, np.zeros_like(specimen.displacement_A)


def atoms_in_cell(
    symbols: np.ndarray, positions_A: np.ndarray, displacement_A: np.ndarray, cell: PaddedCell
) -> CellAtoms:
    """Atoms within a cell, in its coordinates; those outside are left out."""
    positions = positions_A + np.array([*cell.origin_A, 0.0])
    inside = ((positions[:, :2] >= 0) & (positions[:, :2] < cell.extent_A)).all(axis=1)
    pairs = list(zip(symbols[inside].tolist(), displacement_A[inside].tolist(), strict=True))
    kinds = tuple(sorted(set(pairs)))
    index = {pair: number for number, pair in enumerate(kinds)}
    kind = np.array([index[pair] for pair in pairs], dtype=int)
    return CellAtoms(positions_A=positions[inside], kind=kind, kinds=kinds)


def _multislice(
    atoms: CellAtoms, grid: WaveGrid, physics: Physics, energy_keV: float, aperture_per_A: float
) -> tuple[np.ndarray, float, float]:
    """Spectrum after the last slice, that slice's depth, and the mean intensity of background."""
    ignored = physics.thermal_scattering == "ignored"
    transmission = (MeanPotential if ignored else SpreadTransmission)(
        atoms, grid, physics, energy_keV, aperture_per_A
    )
    wave = np.ones(grid.shape, np.complex64)
    returned, depth, spectrum = 0.0, None, to_spectrum(wave.copy(), grid.half)
    for next_depth, members in plane_slices(atoms.positions_A[:, 2], physics.slice_thickness_A):
        if depth is not None:
            with stage("multislice"):
                _propagate(spectrum, next_depth - depth, grid, energy_keV)
                wave = to_wave(spectrum, grid.shape[1])
        returned += transmission.cross(wave, members)
        with stage("multislice"):
            spectrum = to_spectrum(wave, grid.half)
        depth = next_depth
    return spectrum / np.float32(wave.size), depth or 0.0, returned / wave.size


def _propagate(spectrum: np.ndarray, distance_A: float, grid: WaveGrid, energy_keV: float) -> None:
    phase = -1j * np.pi * wavelength_A(energy_keV) * distance_A
    along_y, along_x = (np.exp(phase * k**2).astype(np.complex64) for k in (grid.ky, grid.kx))
    cross_distance(spectrum, along_y, along_x, grid.band)
