"""Exit waves of specimens against sums over atoms in double precision, and against abTEM."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tembench.recipe import DrawSeed, Frame, Physics
from tembench.simulation import PaddedCell, plan_cell, specimen_wave
from tembench.simulation.atoms.specimen import Specimen
from tembench.simulation.scattering import antialias, scattering_amplitude, wavelength_A
from tembench.simulation.waves.atom_factors import wave_grid
from tembench.simulation.waves.plane_slices import plane_slices
from tembench.simulation.waves.slice_transmission import MeanPotential
from tembench.simulation.waves.specimen_waves import atoms_in_cell

# abTEM alone takes seconds to import.
pytestmark = pytest.mark.slow

ENERGY_KEV, APERTURE_PER_A = 300.0, 1.6


@pytest.fixture
def cell(frame: Frame[float], physics: Physics) -> PaddedCell:
    return plan_cell(frame, physics, 3.0, APERTURE_PER_A)


def relative(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


def stored(wave: np.ndarray, cell: PaddedCell) -> np.ndarray:
    spectrum = np.fft.fft2(wave) / wave.size
    rows, columns = (
        np.fft.ifftshift(np.arange(-(n // 2), n // 2 + 1)) for n in cell.spectrum_shape
    )
    ky, kx = cell.frequencies(cell.spectrum_shape)
    return spectrum[rows[:, None], columns] * (kx**2 + ky**2 <= APERTURE_PER_A**2)


def summed_wave(specimen: Specimen, cell: PaddedCell) -> np.ndarray:
    """Absorbed exit wave by sums over atoms, each slice's product of elements band-limited."""
    ky, kx = cell.frequencies(cell.wave_shape)
    k = np.hypot(ky, kx)
    band = antialias(cell.wave_shape, cell.extent_A).astype(float)
    per_point = k.size / np.prod(cell.extent_A)
    positions = specimen.positions_A + np.array([*cell.origin_A, 0])
    wave, last = np.ones(cell.wave_shape, complex), 0.0

    def propagated(wave: np.ndarray, distance: float) -> np.ndarray:
        fresnel = np.exp(-1j * np.pi * wavelength_A(ENERGY_KEV) * distance * k**2)
        return np.fft.ifft2(np.fft.fft2(wave) * fresnel * band)

    for depth, members in plane_slices(positions[:, 2], 1.0):
        wave, last = propagated(wave, depth - last), depth
        product = np.ones_like(wave)
        for symbol in np.unique(specimen.symbols[members]):
            chosen = members[specimen.symbols[members] == symbol]
            displacement = specimen.displacement_A[chosen[0]]
            factor = scattering_amplitude(symbol, ENERGY_KEV, "lobato", True)(k) * per_point
            factor = factor * np.exp(-2 * (np.pi * displacement * k) ** 2) * band
            phases = [np.exp(-2j * np.pi * (ky * y + kx * x)) for x, y, _ in positions[chosen]]
            product *= 1 + np.fft.ifft2(factor * sum(phases))
        wave = wave * np.fft.ifft2(np.fft.fft2(product) * band)
    return stored(propagated(wave, specimen.depth_A - last), cell)


def test_the_wave_is_that_of_sums_over_atoms(
    mixture: Specimen, cell: PaddedCell, physics: Physics
) -> None:
    wave = specimen_wave(mixture, cell, physics, ENERGY_KEV, APERTURE_PER_A)
    assert wave.spectra.dtype == np.complex64
    assert wave.spectra.shape == (1, *cell.spectrum_shape)
    assert wave.background == 0
    assert relative(wave.spectra[0], summed_wave(mixture, cell)) < 1e-4


def test_one_element_is_exact(mixture: Specimen, cell: PaddedCell, physics: Physics) -> None:
    gold = mixture.symbols == "Au"
    only = replace(
        mixture,
        symbols=mixture.symbols[gold],
        positions_A=mixture.positions_A[gold],
        component=mixture.component[gold],
        displacement_A=mixture.displacement_A[gold],
    )
    wave = specimen_wave(only, cell, physics, ENERGY_KEV, APERTURE_PER_A)
    assert relative(wave.spectra[0], summed_wave(only, cell)) < 1e-5


def test_ignored_is_abtems_multislice_of_our_potential(
    mixture: Specimen, cell: PaddedCell, physics: Physics
) -> None:
    import abtem
    from abtem.core.energy import energy2sigma

    ignored = replace(physics, thermal_scattering="ignored")
    wave = specimen_wave(mixture, cell, ignored, ENERGY_KEV, APERTURE_PER_A)
    atoms = atoms_in_cell(mixture.symbols, mixture.positions_A, mixture.displacement_A, cell)
    grid = wave_grid(cell.wave_shape, cell.extent_A)
    potential = MeanPotential(atoms, grid, ignored, ENERGY_KEV, APERTURE_PER_A)
    slices = plane_slices(atoms.positions_A[:, 2], 1.0)
    volts = [potential.phase(m).T / energy2sigma(ENERGY_KEV * 1e3) for _, m in slices]
    depths = [depth for depth, _ in slices] + [mixture.depth_A]
    stack = abtem.PotentialArray(
        np.stack(volts).astype(np.float32),
        slice_thickness=tuple(float(d) for d in np.diff(depths)),
        extent=cell.extent_A,
    )
    plane = abtem.PlaneWave(energy=ENERGY_KEV * 1e3).multislice(stack)
    theirs = plane.compute(progress_bar=False, scheduler="synchronous").array.T
    assert relative(wave.spectra[0], stored(theirs, cell)) < 1e-5


def test_vacuum_leaves_the_wave(vacuum: Specimen, cell: PaddedCell, physics: Physics) -> None:
    for scattering in ("absorbed", "ignored", "background"):
        changed = replace(physics, thermal_scattering=scattering)
        wave = specimen_wave(vacuum, cell, changed, ENERGY_KEV, APERTURE_PER_A)
        expected = np.zeros(cell.spectrum_shape)
        expected[0, 0] = 1
        np.testing.assert_allclose(wave.spectra[0], expected, atol=1e-6)
        assert wave.background == 0


def test_atoms_outside_the_cell_are_left_out(
    mixture: Specimen, cell: PaddedCell, physics: Physics
) -> None:
    moved = mixture.positions_A.copy()
    moved[:20, 0] += 60.0
    kept = slice(20, None)
    without = replace(
        mixture,
        symbols=mixture.symbols[kept],
        positions_A=mixture.positions_A[kept],
        component=mixture.component[kept],
        displacement_A=mixture.displacement_A[kept],
    )
    one, other = (
        specimen_wave(s, cell, physics, ENERGY_KEV, APERTURE_PER_A).spectra
        for s in (replace(mixture, positions_A=moved), without)
    )
    np.testing.assert_array_equal(one, other)


def test_no_electron_is_lost_with_a_background_and_a_wide_aperture(
    mixture: Specimen, frame: Frame[float], physics: Physics
) -> None:
    # Little is scattered beyond this aperture: thermally 3 % of what is absorbed.
    fine = replace(physics, thermal_scattering="background", wave_sampling_A=0.04)
    aperture = 8.0
    cell = plan_cell(frame, fine, 3.0, aperture)
    wave = specimen_wave(mixture, cell, fine, ENERGY_KEV, aperture)
    elastic = float(np.sum(np.abs(wave.spectra[0]) ** 2))
    assert wave.background > 0.005
    assert elastic + wave.background == pytest.approx(1, abs=0.1 * wave.background)


def test_a_small_aperture_passes_a_share_of_the_background(
    mixture: Specimen, cell: PaddedCell, physics: Physics
) -> None:
    returned = replace(physics, thermal_scattering="background")
    shares = [
        specimen_wave(mixture, cell, returned, ENERGY_KEV, aperture).background
        for aperture in (0.4, 0.8, 1.6)
    ]
    assert 0 < 3 * shares[0] < shares[1] < shares[2]


def test_the_focus_refers_to_the_exit_face(
    mixture: Specimen, cell: PaddedCell, physics: Physics
) -> None:
    near, far = (
        specimen_wave(s, cell, physics, ENERGY_KEV, APERTURE_PER_A).spectra[0]
        for s in (mixture, replace(mixture, depth_A=mixture.depth_A + 5))
    )
    ky, kx = cell.frequencies(cell.spectrum_shape)
    fresnel = np.exp(-5j * np.pi * wavelength_A(ENERGY_KEV) * (kx**2 + ky**2))
    assert relative(near * fresnel, far) < 1e-5


def test_frozen_phonons_depend_on_their_seed_alone_and_average_to_the_fast_way(
    mixture: Specimen, cell: PaddedCell, physics: Physics
) -> None:
    seed = DrawSeed(seed=1, part="train", specimen=3)
    frozen = replace(physics, frozen_phonons=24)
    arguments = mixture, cell, frozen, ENERGY_KEV, APERTURE_PER_A
    many = specimen_wave(*arguments, seed).spectra
    few = specimen_wave(*arguments[:2], replace(frozen, frozen_phonons=2), *arguments[3:], seed)
    np.testing.assert_array_equal(many[:2], few.spectra)
    assert np.any(many != specimen_wave(*arguments, replace(seed, specimen=4)).spectra)
    fast = specimen_wave(mixture, cell, physics, ENERGY_KEV, APERTURE_PER_A).spectra[0]
    # The mean wave is the elastic one; single configurations are further away.
    assert relative(many.mean(axis=0), fast) < 0.5 * relative(many[0], fast)


def test_the_same_bits_after_other_specimens(
    mixture: Specimen, cell: PaddedCell, physics: Physics
) -> None:
    first = specimen_wave(mixture, cell, physics, ENERGY_KEV, APERTURE_PER_A).spectra
    specimen_wave(replace(mixture, depth_A=20.0), cell, physics, 80.0, 1.0)
    again = specimen_wave(mixture, cell, physics, ENERGY_KEV, APERTURE_PER_A).spectra
    np.testing.assert_array_equal(first, again)
