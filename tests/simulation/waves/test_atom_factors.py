"""Scattering by one atom on a grid, and the share of its thermal scattering in an aperture."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.simulation.scattering import antialias, scattering_amplitude
from tembench.simulation.waves.atom_factors import atom_factor, thermal_share, wave_grid
from tembench.simulation.waves.window_spreading import window_transform

# abTEM alone takes seconds to import.
pytestmark = pytest.mark.slow

SHAPE, EXTENT_A = (90, 120), (10.8, 8.1)


def test_the_grid_keeps_the_aperture_and_no_more() -> None:
    grid = wave_grid(SHAPE, EXTENT_A)
    band = antialias(SHAPE, EXTENT_A)
    assert grid.band.shape == (90, 2 * grid.half - 1)
    assert grid.band.sum() == pytest.approx(band.sum())
    assert grid.band.any(axis=0).all()
    np.testing.assert_allclose(grid.kx[1 : grid.half], -grid.kx[: grid.half - 1 : -1])


def test_the_factor_is_the_damped_amplitude_over_the_window() -> None:
    grid = wave_grid(SHAPE, EXTENT_A)
    real, imaginary = atom_factor(SHAPE, EXTENT_A, "Au", 300.0, "lobato", 0.1)
    k = np.hypot(grid.ky[:, None], grid.kx[: grid.half])
    exact = scattering_amplitude("Au", 300.0, "lobato", True)(k)
    exact = exact * np.exp(-2 * (np.pi * 0.1 * k) ** 2) * (90 * 120 / (10.8 * 8.1))
    window = window_transform(90)[:, None] * window_transform(120)[: grid.half]
    expected = exact * grid.band[:, : grid.half]
    error = (real + 1j * imaginary) * window - expected
    assert np.abs(error).max() < 1e-5 * np.abs(expected).max()


def test_more_thermal_scattering_passes_a_wider_aperture() -> None:
    shares = [thermal_share("Au", 300.0, "lobato", 0.09, q) for q in (0.5, 1.6, 4.0, 29.0)]
    assert np.all(np.diff(shares) > 0)
    assert shares[0] < 0.1
    assert shares[-1] == pytest.approx(1, abs=1e-3)
    # Larger displacements scatter to smaller angles.
    assert thermal_share("Au", 300.0, "lobato", 0.2, 1.6) > shares[1]
    assert thermal_share("Au", 300.0, "lobato", 0.0, 1.6) == 0
