"""Transmission of slices by both ways of thermal scattering."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tembench.recipe import Physics
from tembench.simulation.waves.atom_factors import WaveGrid, wave_grid
from tembench.simulation.waves.slice_transmission import (
    CellAtoms,
    MeanPotential,
    SpreadTransmission,
)

# abTEM alone takes seconds to import.
pytestmark = pytest.mark.slow

ALL = np.arange(6)


@pytest.fixture
def atoms() -> CellAtoms:
    rng = np.random.default_rng(5)
    return CellAtoms(
        positions_A=rng.uniform(0, [12.0, 9.0, 1.0], (6, 3)),
        kind=np.array([0, 1, 0, 2, 1, 0]),
        kinds=(("O", 0.08), ("Pt", 0.05), ("Pt", 0.09)),
    )


@pytest.fixture
def grid() -> WaveGrid:
    return wave_grid((100, 135), (12.0, 9.0))


def ones(grid: WaveGrid) -> np.ndarray:
    return np.ones(grid.shape, np.complex64)


def test_kinds_are_grouped_in_order(atoms: CellAtoms) -> None:
    groups = atoms.by_kind(np.array([5, 4, 3, 2]))
    assert [(kind, list(members)) for kind, members in groups] == [(0, [5, 2]), (1, [4]), (2, [3])]


def test_both_ways_agree_for_phases_where_nothing_moves(
    atoms: CellAtoms, grid: WaveGrid, physics: Physics
) -> None:
    light = replace(atoms, kinds=(("H", 0.0), ("H", 0.0), ("H", 0.0)))
    waves = []
    for way in (SpreadTransmission, MeanPotential):
        wave = ones(grid)
        assert way(light, grid, physics, 300.0, 1.6).cross(wave, ALL) == 0
        waves.append(wave)
    # The phases are small, so what the band takes from them is smaller.
    scattered = np.abs(waves[1] - 1)
    assert scattered.max() > 0.01
    assert np.abs(waves[0] - waves[1]).max() < 0.05 * scattered.max()


def test_what_returns_is_a_share_of_what_is_absorbed(
    atoms: CellAtoms, grid: WaveGrid, physics: Physics
) -> None:
    returning = replace(physics, thermal_scattering="background")
    absorbed, returned = [], []
    for aperture in (1.6, 29.9):
        wave = ones(grid)
        transmission = SpreadTransmission(atoms, grid, returning, 300.0, aperture)
        returned.append(transmission.cross(wave, ALL))
        absorbed.append(wave.size - float(np.sum(np.abs(wave) ** 2)))
    assert absorbed[0] == pytest.approx(absorbed[1])
    assert 0.05 * absorbed[0] < returned[0] < 0.6 * absorbed[0]
    assert returned[1] == pytest.approx(absorbed[1], rel=1e-3)


def test_the_mean_potential_takes_nothing(
    atoms: CellAtoms, grid: WaveGrid, physics: Physics
) -> None:
    phase = MeanPotential(atoms, grid, physics, 300.0, 1.6).phase(ALL)
    assert phase.shape == grid.shape
    # Potentials attract electrons: phases are positive, but for ripples of the grid's band.
    assert phase.max() > 0.5
    assert phase.min() > -0.05 * phase.max()
