"""The loop over slices against abTEM's own."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tembench.recipe import Simulation
from tembench.simulation.atomic_columns import find_columns
from tembench.simulation.multislice import exit_waves, frequencies, slice_numbers
from tembench.simulation.scattering import wavelength_A
from tembench.simulation.structures import Structure

# abTEM alone takes seconds to import.
pytestmark = pytest.mark.slow

ENERGY_KEV = 300.0
SIMULATION = Simulation(
    wave_grid=(128, 160),
    detector_grid=(96, 120),
    slice_thickness_A=2.0,
    aperture_per_A=2.03,  # off the grid, so that rounding decides nothing
    parametrization="lobato",
    thermal_scattering="ignored",
    displacement_A={"Pt": 0.07, "Ce": 0.07, "O": 0.07},
)


@pytest.fixture
def crystal() -> Structure:
    rng = np.random.default_rng(3)
    count = 40
    cell = (10.0, 12.5, 8.0)
    return Structure(
        symbols=rng.choice(["Pt", "Ce", "O"], count),
        positions_A=rng.uniform(0.05, 0.95, (count, 3)) * cell,
        column=np.arange(count),
        in_particle=np.zeros(count, dtype=bool),
        site=np.zeros((count, 2), dtype=int),
        cell_A=cell,
        plane_A=2.0,
    )


def abtem_wave(structure: Structure, tilt_deg: tuple[float, float]) -> np.ndarray:
    """Exit wave (y, x) by abTEM from the same slices, atoms placed by their structure factor."""
    import abtem
    from abtem.parametrizations import LobatoParametrization

    nx, ny = SIMULATION.wave_grid
    extent = structure.cell_A[:2]
    ky, kx = frequencies((ny, nx), extent)
    factors = LobatoParametrization()
    numbers = slice_numbers(structure, SIMULATION)
    array = np.zeros((numbers.max() + 1, ny, nx))
    for symbol, place, number in zip(
        structure.symbols, structure.positions_A, numbers, strict=True
    ):
        spectrum = factors.projected_scattering_factor(symbol)(kx**2 + ky**2)
        displacement = SIMULATION.displacement_A[symbol]
        spectrum = spectrum * np.exp(-2 * np.pi**2 * displacement**2 * (kx**2 + ky**2))
        spectrum = spectrum * np.exp(-2j * np.pi * (kx * place[0] + ky * place[1]))
        array[number] += np.fft.ifft2(spectrum).real * nx * ny / np.prod(extent)
    potential = abtem.PotentialArray(
        array.transpose(0, 2, 1).astype(np.float32), slice_thickness=2.0, extent=extent
    )
    # A tilt about x displaces along y, and abTEM names its tilts by the axis of displacement.
    about_x, about_y = np.deg2rad(tilt_deg) * 1e3
    wave = abtem.PlaneWave(energy=ENERGY_KEV * 1e3, gpts=(nx, ny), tilt=(about_y, about_x))
    return np.asarray(wave.multislice(potential, lazy=False).array).T


def aperture(structure: Structure, wave: np.ndarray) -> np.ndarray:
    ky = np.fft.fftfreq(wave.shape[0], structure.cell_A[1] / wave.shape[0])[:, None]
    kx = np.fft.fftfreq(wave.shape[1], structure.cell_A[0] / wave.shape[1])
    return np.hypot(kx, ky) <= SIMULATION.aperture_per_A


@pytest.mark.parametrize("tilt_deg", [(0.0, 0.0), (2.0, 0.0), (0.0, -3.0), (1.0, 4.0)])
def test_exit_wave_is_abtems(crystal: Structure, tilt_deg: tuple[float, float]) -> None:
    reference = np.fft.fft2(abtem_wave(crystal, tilt_deg))
    reference *= aperture(crystal, reference) / reference.size
    # Slice n is at 0.5 A + 2 n A; abTEM propagates by one more slice of 2 A at the end. Ours ends
    # at the exit face, and refers the lateral position to the middle of the specimen.
    depth = crystal.cell_A[2]
    too_far = 0.5 + 2 * (slice_numbers(crystal, SIMULATION).max() + 1) - depth
    ky, kx = frequencies(reference.shape, crystal.cell_A[:2])
    about_x, about_y = np.tan(np.deg2rad(tilt_deg)) * (too_far + depth / 2)
    reference *= np.exp(2j * np.pi * (kx * about_y + ky * about_x))
    reference *= np.exp(1j * np.pi * wavelength_A(ENERGY_KEV) * too_far * (kx**2 + ky**2))
    ours = exit_waves(crystal, (tilt_deg,), SIMULATION, ENERGY_KEV).spectra[0]
    kept = np.zeros_like(reference)
    rows = np.fft.fftfreq(ours.shape[0], 1 / ours.shape[0]).astype(int)
    places = np.fft.fftfreq(ours.shape[1], 1 / ours.shape[1]).astype(int)
    kept[rows[:, None], places] = ours
    assert np.abs(kept - reference).max() < 2e-6


def test_tilts_share_slices_without_changing_a_value(crystal: Structure) -> None:
    tilts = ((0.0, 0.0), (2.0, 0.0), (0.0, 3.0))
    together = exit_waves(crystal, tilts, SIMULATION, ENERGY_KEV).spectra
    alone = [exit_waves(crystal, (tilt,), SIMULATION, ENERGY_KEV).spectra[0] for tilt in tilts]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("tilt_deg", [(0.0, 0.0), (4.0, 0.0), (0.0, 4.0), (-2.0, 3.0)])
def test_a_deep_atom_appears_where_the_columns_say(
    crystal: Structure, tilt_deg: tuple[float, float]
) -> None:
    depth = crystal.cell_A[2]
    atom = dataclasses.replace(
        crystal,
        symbols=np.array(["Pt"]),
        positions_A=np.array([[4.0, 5.0, 1.0]]),
        column=np.array([0]),
        in_particle=np.array([True]),
        site=np.zeros((1, 2), dtype=int),
    )
    x, y = find_columns(atom).projected(tilt_deg)
    spectrum = exit_waves(atom, (tilt_deg,), SIMULATION, ENERGY_KEV).spectra[0]
    # Back to the atom's plane, where the phase of the wave peaks on the atom.
    ky, kx = frequencies(spectrum.shape, crystal.cell_A[:2])
    wavelength = wavelength_A(ENERGY_KEV)
    back = np.exp(1j * np.pi * wavelength * (depth - 1.0) * (kx**2 + ky**2))
    phase = np.angle(np.fft.ifft2(spectrum * back, s=spectrum.shape, norm="forward"))
    row, place = np.unravel_index(np.argmax(phase), phase.shape)
    assert place * 10.0 / 96 == pytest.approx(x[0], abs=0.11)
    assert row * 12.5 / 120 == pytest.approx(y[0], abs=0.11)


def test_vacuum_is_an_undisturbed_wave(crystal: Structure) -> None:
    empty = dataclasses.replace(
        crystal,
        symbols=crystal.symbols[:0],
        positions_A=crystal.positions_A[:0],
        column=crystal.column[:0],
        in_particle=crystal.in_particle[:0],
        site=crystal.site[:0],
    )
    spectra = exit_waves(empty, ((0.0, 0.0), (4.0, 0.0)), SIMULATION, ENERGY_KEV).spectra
    expected = np.zeros_like(spectra)
    expected[:, 0, 0] = 1
    np.testing.assert_allclose(spectra, expected, atol=1e-6)
