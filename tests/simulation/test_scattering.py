"""Transmission functions against closed forms and against a numerical thermal average."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.recipe import Simulation
from tembench.simulation.array_backend import open_device
from tembench.simulation.scattering import Transmission, antialias, scattering_amplitude
from tembench.simulation.structures import Structure

# abTEM alone takes seconds to import.
pytestmark = pytest.mark.slow

ENERGY_KEV = 300.0
CELL_A = (8.0, 10.0, 4.0)
GRID = (256, 320)


def atoms(symbols: list[str], places: list[tuple[float, float]]) -> Structure:
    count = len(symbols)
    return Structure(
        symbols=np.array(symbols),
        positions_A=np.array([(x, y, 1.0) for x, y in places]),
        column=np.arange(count),
        in_particle=np.zeros(count, dtype=bool),
        site=np.zeros((count, 2), dtype=int),
        cell_A=CELL_A,
        plane_A=2.0,
    )


def transmission(structure: Structure, scattering: str, displacement_A: float) -> np.ndarray:
    simulation = Simulation(
        wave_grid=GRID,
        detector_grid=GRID,
        slice_thickness_A=2.0,
        aperture_per_A=2.0,
        parametrization="lobato",
        thermal_scattering=scattering,
        displacement_A=dict.fromkeys(("Pt", "Ce", "O"), displacement_A),
    )
    everything = np.ones(len(structure.symbols), dtype=bool)
    found = Transmission(structure, simulation, ENERGY_KEV, open_device("cpu")).of(everything)
    return np.asarray(found)


@pytest.mark.parametrize("symbol", ["O", "Ce", "Pt"])
def test_a_weak_scatterer_scatters_as_its_potential(symbol: str) -> None:
    # Forward scattering: exp(i p) - 1 falls short of i p by p^3, little for a light atom.
    k = np.linspace(0, 2, 9)
    exact = scattering_amplitude(symbol, ENERGY_KEV, "lobato", True)(k)
    first_order = scattering_amplitude(symbol, ENERGY_KEV, "lobato", False)(k)
    assert (
        np.abs(exact.imag / first_order.imag - 1)[0] < {"O": 0.003, "Ce": 0.04, "Pt": 0.08}[symbol]
    )
    assert (exact.real < 0).all()


@pytest.mark.parametrize("displacement_A", [0.06, 0.1])
def test_absorbing_atom_is_the_average_over_displaced_atoms(displacement_A: float) -> None:
    # Potentials of an atom at rest on a grid of 0.008 A, moved over a Gaussian cloud.
    from abtem.core.energy import energy2sigma
    from abtem.parametrizations import LobatoParametrization

    fine = 1000
    axis = (np.arange(fine) - fine // 2) * 8.0 / fine
    radius = np.hypot(axis[:, None], axis)
    radius[fine // 2, fine // 2] = 0.38 * 8.0 / fine  # the mean of log r over a pixel
    phase = energy2sigma(ENERGY_KEV * 1e3) * LobatoParametrization().projected_potential("Pt")(
        radius.ravel()
    ).reshape(radius.shape)
    cloud = np.exp(-(axis**2) / (2 * displacement_A**2))
    cloud /= cloud.sum()
    spectrum = np.fft.fft2(np.fft.ifftshift(np.exp(1j * phase) - 1)) / fine**2
    weights = np.fft.fft(np.fft.ifftshift(cloud)).real
    expected = (spectrum * weights[:, None] * weights)[:20, :20]
    found = transmission(atoms(["Pt"], [(0.0, 0.0)]), "absorbed", displacement_A)
    # Frequencies up to 2.4 1/A along x in steps of 1/8, along y in steps of 1/10 1/A.
    ours = np.fft.fft2(found - 1)[0, :20] / found.size * np.prod(CELL_A[:2]) / 64
    np.testing.assert_allclose(ours, expected[0], atol=2e-3 * np.abs(expected).max())


@pytest.mark.parametrize(("symbol", "displacement_A"), [("Ce", 0.08), ("Pt", 0.065), ("O", 0.1)])
def test_what_is_absorbed_is_what_is_scattered_thermally(
    symbol: str, displacement_A: float
) -> None:
    # Einstein's model: of |f|^2 a part exp(-4 pi^2 u^2 k^2) is elastic, the rest diffuse. What
    # the grid's band cuts off is neither here nor there, and is left out on both sides.
    found = transmission(atoms([symbol], [(4.0, 5.0)]), "absorbed", displacement_A)
    lost = (1 - np.abs(found) ** 2).mean() * CELL_A[0] * CELL_A[1]
    k = np.linspace(0, 29, 20001)
    intensity = np.abs(scattering_amplitude(symbol, ENERGY_KEV, "lobato", True)(k)) ** 2
    damping = np.exp(-4 * np.pi**2 * displacement_A**2 * k**2)
    beyond = k > GRID[0] / (3 * CELL_A[0])
    diffuse = np.trapezoid(2 * np.pi * k * intensity * np.where(beyond, 1, 1 - damping), k)
    assert lost == pytest.approx(diffuse, rel=0.02)


def test_ignored_scattering_loses_nothing() -> None:
    structure = atoms(["Pt", "O", "Ce"], [(1.0, 2.0), (4.0, 7.0), (6.3, 4.4)])
    ignored, absorbed = (transmission(structure, s, 0.08) for s in ("ignored", "absorbed"))
    assert (np.abs(ignored) ** 2).mean() == pytest.approx(1, abs=2e-4)
    assert (np.abs(absorbed) ** 2).mean() < 0.9995


def test_elements_of_a_slice_multiply() -> None:
    together = transmission(atoms(["Ce", "O"], [(4.0, 5.0), (5.35, 5.0)]), "absorbed", 0.08)
    cerium = transmission(atoms(["Ce"], [(4.0, 5.0)]), "absorbed", 0.08)
    oxygen = transmission(atoms(["O"], [(5.35, 5.0)]), "absorbed", 0.08)
    band = antialias(cerium.shape, CELL_A[:2])
    expected = np.fft.ifft2(np.fft.fft2(cerium * oxygen) * band)
    np.testing.assert_allclose(together, expected, atol=2e-6)
