"""Small specimens, a microscope and a multislice that tests of waves and images share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tembench.recipe import Frame, Optics, Physics
from tembench.simulation.atoms.specimen import Specimen

DISPLACEMENTS_A = {"Au": 0.09, "O": 0.08, "Sr": 0.07}
IDEAL = dict.fromkeys(Optics.__dataclass_fields__, 0.0) | {
    "energy_keV": 300.0,
    "aperture_per_A": 1.6,
}


@pytest.fixture
def physics() -> Physics:
    return Physics(
        wave_sampling_A=0.09,
        slice_thickness_A=1.0,
        parametrization="lobato",
        thermal_scattering="absorbed",
        displacement_A={},
        frozen_phonons=0,
        padding_A=None,
    )


@pytest.fixture
def microscope() -> Callable[..., Optics[float]]:
    """Make optics without aberrations and with coherent illumination, apart from what is given."""
    return lambda **values: Optics(**(IDEAL | values))


@pytest.fixture
def frame() -> Frame[float]:
    return Frame(width_px=64, height_px=48, pixel_size_A=0.2)


def specimen_of(symbols: Any, positions_A: Any, depth_A: float = 12.0) -> Specimen:
    symbols = np.asarray(symbols)
    return Specimen(
        symbols=symbols,
        positions_A=np.asarray(positions_A, dtype=float),
        component=np.zeros(len(symbols), dtype=int),
        names=("atoms",),
        kinds=("film",),
        zone_axes=(None,),
        displacement_A=np.array([DISPLACEMENTS_A[symbol] for symbol in symbols]),
        frame_A=(12.8, 9.6),
        depth_A=depth_A,
    )


@pytest.fixture
def mixture() -> Specimen:
    """120 atoms of three elements, in the frame and 3 A round it."""
    rng = np.random.default_rng(4)
    positions = rng.uniform([-3, -3, 0.5], [15.8, 12.6, 11.0], (120, 3))
    return specimen_of(rng.choice(sorted(DISPLACEMENTS_A), 120), positions)


@pytest.fixture
def vacuum() -> Specimen:
    return specimen_of(np.array([], dtype=str), np.empty((0, 3)))
