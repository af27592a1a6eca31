"""Exit wave of a specimen: multislice on atomic planes, with potentials by compiled spreading.

The physics is that of `tembench.simulate.scattering` and `tembench.simulate.multislice`; the way
suits specimens that share nothing with each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tembench.core import stage
from tembench.recipe.draws.draw_seed import DrawSeed
from tembench.recipe.draws.drawn_recipe import Physics
from tembench.simulate.atoms.specimen import Specimen
from tembench.simulate.scattering import wavelength_A
from tembench.simulate.waves.atom_factors import WaveGrid, atom_factor, wave_grid
from tembench.simulate.waves.padded_cell import PaddedCell
from tembench.simulate.waves.plane_slices import plane_slices
from tembench.simulate.waves.wave_transforms import (
    cross_atoms,
    cross_distance,
    real_to_half,
    times_even,
    to_spectrum,
    to_wave,
)
from tembench.simulate.waves.window_spreading import spread_atoms


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
        Intensity, as a share of vacuum's, that an image has beside the wave's, evenly: with
        ``thermal_scattering = "background"`` that which the thermal displacements take from the
        wave, the sum over slices of the mean of |psi|^2 before less after; else 0.
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
        atoms = _in_cell(specimen.symbols, positions, displacement, cell)
        spectrum, depth, lost = _multislice(atoms, grid, physics, energy_keV)
        orders = [np.fft.ifftshift(np.arange(-(n // 2), n // 2 + 1)) for n in cell.spectrum_shape]
        ky, kx = cell.frequencies(cell.spectrum_shape)
        k2 = kx**2 + ky**2
        to_face = np.exp(-1j * np.pi * wavelength_A(energy_keV) * (specimen.depth_A - depth) * k2)
        to_face *= k2 <= aperture_per_A**2
        stored = spectrum[orders[0][:, None], orders[1]] * to_face
        results.append((stored.astype(np.complex64), lost))
    returned = physics.thermal_scattering == "background"
    return SpecimenWave(
        spectra=np.stack([spectrum for spectrum, _ in results]),
        background=float(np.mean([lost for _, lost in results])) if returned else 0.0,
    )


@dataclass(frozen=True, kw_only=True)
class _Atoms:
    """Atoms in a cell: places, and the kind of each as an index of (symbol, displacement)."""

    positions_A: np.ndarray
    kind: np.ndarray
    kinds: tuple[tuple[str, float], ...]


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


def _in_cell(
    symbols: np.ndarray, positions_A: np.ndarray, displacement_A: np.ndarray, cell: PaddedCell
) -> _Atoms:
    positions = positions_A + np.array([*cell.origin_A, 0.0])
    inside = ((positions[:, :2] >= 0) & (positions[:, :2] < cell.extent_A)).all(axis=1)
    pairs = list(zip(symbols[inside].tolist(), displacement_A[inside].tolist(), strict=True))
    kinds = tuple(sorted(set(pairs)))
    index = {pair: number for number, pair in enumerate(kinds)}
    kind = np.array([index[pair] for pair in pairs], dtype=int)
    return _Atoms(positions_A=positions[inside], kind=kind, kinds=kinds)


def _multislice(
    atoms: _Atoms, grid: WaveGrid, physics: Physics, energy_keV: float
) -> tuple[np.ndarray, float, float]:
    """Spectrum after the last slice, that slice's depth, and the share of intensity lost."""
    height, width = grid.shape
    factors = [
        atom_factor(
            grid.shape, grid.extent_A, symbol, energy_keV, physics.parametrization, displacement
        )
        for symbol, displacement in atoms.kinds
    ]
    per_A = width / grid.extent_A[0], height / grid.extent_A[1]
    x, y = atoms.positions_A[:, 0] * per_A[0], atoms.positions_A[:, 1] * per_A[1]
    wave = np.ones(grid.shape, np.complex64)
    lost, depth = 0.0, 0.0
    wavelength = wavelength_A(energy_keV)
    spectrum = None
    for next_depth, members in plane_slices(atoms.positions_A[:, 2], physics.slice_thickness_A):
        if spectrum is not None:
            with stage("multislice"):
                phase = -1j * np.pi * wavelength * (next_depth - depth)
                along_y, along_x = (
                    np.exp(phase * k**2).astype(np.complex64) for k in (grid.ky, grid.kx)
                )
                cross_distance(spectrum, along_y, along_x, grid.band)
                wave = to_wave(spectrum, width)
        with stage("potential"):
            scattered = []
            for kind in np.unique(atoms.kind[members]):
                chosen = members[atoms.kind[members] == kind]
                weights = np.zeros(grid.shape, np.float32)
                spread_atoms(x[chosen], y[chosen], weights)
                half = real_to_half(weights, grid.half)
                scattered.append(to_wave(times_even(half, factors[kind]), width))
            transmission = _product(scattered, grid)
        with stage("multislice"):
            lost += cross_atoms(wave, transmission)
            spectrum = to_spectrum(wave, grid.half)
        depth = next_depth
    if spectrum is None:
        spectrum = to_spectrum(wave, grid.half)
    return spectrum / np.float32(height * width), depth, lost / (height * width)


def _product(scattered: list[np.ndarray], grid: WaveGrid) -> np.ndarray:
    """Band-limited product of all 1 + scattered, less 1."""
    product = scattered[0]
    for factor in scattered[1:]:
        product += factor + product * factor
    if len(scattered) > 1:
        spectrum = to_spectrum(product, grid.half)
        spectrum *= grid.band
        product = to_wave(spectrum, grid.shape[1])
    return product
