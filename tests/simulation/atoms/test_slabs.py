"""Slabs: density, thickness, strain, layers that stay whole, surfaces with steps, vacancies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree
from simulation.atoms.drawn_parts import (
    CERIA,
    GOLD,
    SRTIO3,
    built,
    defects,
    from_file,
    named,
    oriented,
    slab,
)

from tembench.recipe import Strain
from tembench.simulation.atoms.parts.slabs import strained

STRONTIUM_TITANATE = from_file(SRTIO3)
# 2H-MoS2, two layers 6.147 A apart.
MOLYBDENITE = from_file(
    """MoS2
1.0
3.161 0 0
-1.5805 2.737506 0
0 0 12.295
Mo S
2 4
Direct
0.333333 0.666667 0.25
0.666667 0.333333 0.75
0.333333 0.666667 0.621
0.333333 0.666667 0.879
0.666667 0.333333 0.121
0.666667 0.333333 0.379
""",
    "mos2.vasp",
)


@pytest.mark.parametrize("zone", [(0, 0, 1), (1, 1, 0), "random"])
@pytest.mark.parametrize("mistilt", [0.0, 3.0])
def test_a_slab_fills_the_frame_and_its_margin(zone: object, mistilt: float) -> None:
    lean = oriented(zone, rotation_deg=17.0, mistilt_deg=mistilt, mistilt_azimuth_deg=100.0)
    counts = []
    for seed in range(4):
        specimen = built({"slab": slab(STRONTIUM_TITANATE, lean)}, seed=seed)
        assert specimen.positions_A[:, :2].min() >= -7.5
        assert specimen.positions_A[:, :2].max() < 47.5
        assert specimen.positions_A[:, 2].min() > 0
        assert specimen.positions_A[:, 2].max() < specimen.depth_A < 21.1
        counts.append(len(specimen.symbols))
    # 55 x 55 x 20 A of five atoms in 3.905^3 A^3; planes at the cuts are worth a few per cent.
    assert np.mean(counts) == pytest.approx(55 * 55 * 20 * 5 / 3.905**3, rel=0.08)


def test_the_lattice_is_the_one_of_the_crystal() -> None:
    lean = oriented((1, 1, 0), (0, 0, 1), rotation_deg=30.0, mistilt_deg=2.0)
    specimen = built({"slab": slab(STRONTIUM_TITANATE, lean)})
    titanium = specimen.positions_A[specimen.symbols == "Ti"]
    oxygen = specimen.positions_A[specimen.symbols == "O"]
    middle = (np.abs(titanium - [20, 20, 10]) < 8).all(axis=1)
    bonds = cKDTree(oxygen).query_ball_point(titanium[middle], 2.0, return_length=True)
    assert middle.sum() > 50
    np.testing.assert_array_equal(bonds, 6)


def test_up_and_zone_lie_as_they_are_said_to() -> None:
    specimen = built({"slab": slab(STRONTIUM_TITANATE, oriented((1, 1, 0), (0, 0, 1)))})
    strontium = specimen.positions_A[specimen.symbols == "Sr"]
    x, y, z = ((strontium[:, axis] - strontium[0, axis]) for axis in range(3))
    for offsets, period in ((x, 3.905 / np.sqrt(2)), (y, 3.905), (z, 3.905 / np.sqrt(2))):
        steps = offsets / period
        np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)


def test_another_draw_has_another_origin() -> None:
    lean = oriented((0, 0, 1))
    first, second = (
        built({"slab": slab(STRONTIUM_TITANATE, lean)}, seed=seed).positions_A.min(axis=0)
        for seed in (1, 2)
    )
    assert np.abs(first - second)[:2].min() > 0.01


def test_strain_changes_distances_as_it_says() -> None:
    positions = np.stack(np.meshgrid(np.arange(-20.0, 21), np.arange(-20.0, 21), [0.0]), -1)
    flat = strained(
        positions.reshape(-1, 3),
        Strain(xx=0.01, yy=-0.02, xy=0.005, gradient_per_nm=0.002),
        np.zeros(2),
    ).reshape(positions.shape)
    along_x, along_y = np.diff(flat, axis=1), np.diff(flat, axis=0)
    y = positions[:, 1:, 0, 1]
    np.testing.assert_allclose(along_x[..., 0, 0], 1 + 0.01 + 0.0002 * y)
    np.testing.assert_allclose(along_y[..., 0, 1], 1 - 0.02)
    # Shear stays what it is: the slopes of both axes add up to twice xy.
    both = along_x[:-1, :, 0, 1] + along_y[:, :-1, 0, 0]
    np.testing.assert_allclose(both, 2 * 0.005, atol=2e-4)


def test_strained_slabs_fill_the_frame_too() -> None:
    bent = Strain(xx=-0.02, yy=-0.02, xy=0.01, gradient_per_nm=0.002)
    lean = oriented((0, 0, 1), rotation_deg=20.0)
    counts = [
        len(built({"slab": slab(GOLD, lean, strain=bent)}, seed=seed).symbols) for seed in range(4)
    ]
    assert np.mean(counts) == pytest.approx(55 * 55 * 20 * 4 / (4.078**3 * 0.98**2), rel=0.06)


@pytest.mark.parametrize(
    ("thickness", "layers"), [(1.0, 1), (4.0, 1), (9.0, 1), (9.4, 2), (16.0, 3)]
)
@pytest.mark.parametrize("mistilt", [0.0, 4.0])
def test_layers_stay_whole(thickness: float, layers: int, mistilt: float) -> None:
    lean = oriented((0, 0, 1), mistilt_deg=mistilt)
    specimen = built({"slab": slab(MOLYBDENITE, lean, thickness_A=thickness)})
    axis = specimen.zone_axes[0]
    assert axis is not None
    heights = specimen.positions_A @ axis
    molybdenum, sulfur = specimen.symbols == "Mo", specimen.symbols == "S"
    assert len(np.unique(np.round(heights[molybdenum], 3))) == layers
    assert len(np.unique(np.round(heights[sulfur], 3))) == 2 * layers
    # Every layer fills the frame: rows at its edges are worth five per cent.
    per_layer = 55**2 / (3.161**2 * np.sqrt(0.75))
    assert molybdenum.sum() == pytest.approx(layers * per_layer, rel=0.06)


def heights_of_surface(specimen_positions: np.ndarray) -> np.ndarray:
    """Least y in each of ten strips of the frame, wider than a column's distance."""
    strip = np.floor(specimen_positions[:, 0] / 4)
    return np.array([specimen_positions[strip == n, 1].min() for n in range(10)])


def test_a_surface_of_ceria_ends_in_whole_trilayers() -> None:
    for seed in range(4):
        specimen = built(
            {"slab": slab(CERIA, oriented((1, -1, 0), (1, 1, 1)), surface=0.5)}, seed=seed
        )
        top = specimen.positions_A[:, 1].min()
        assert top == pytest.approx(20, abs=3.2)
        at_top = np.abs(specimen.positions_A[:, 1] - top) < 0.1
        assert set(specimen.symbols[at_top]) == {"O"}
        cerium = specimen.positions_A[specimen.symbols == "Ce", 1].min()
        # The first cerium is a quarter of the layers' distance below the oxygen.
        assert cerium - top == pytest.approx(5.41 / np.sqrt(3) / 4, abs=0.01)


def test_steps_are_layers_high() -> None:
    seen = set()
    for seed in range(8):
        components = {"slab": slab(CERIA, oriented((1, -1, 0), (1, 1, 1)), surface=0.5, steps=2)}
        specimen = built(components, seed=seed)
        heights = heights_of_surface(specimen.positions_A[specimen.symbols == "Ce"])
        steps = (heights - heights[0]) / (5.41 / np.sqrt(3))
        np.testing.assert_allclose(steps, np.round(steps), atol=0.01)
        seen.add(len(set(np.round(steps))))
    assert seen - {1}


def test_a_rotated_surface_passes_through_its_place() -> None:
    lean = oriented((0, 0, 1), (1, 0, 0), rotation_deg=30.0)
    specimen = built({"slab": slab(GOLD, lean, surface=0.4)})
    x, y, _ = specimen.positions_A.T
    # Clockwise by 30 degrees: its normal, up, is now (sin 30, -cos 30).
    height = (x - 20) * np.sin(np.pi / 6) - (y - 16) * np.cos(np.pi / 6)
    assert height.max() == pytest.approx(0, abs=4.078 / 2)
    assert len(specimen.symbols) > 500


def test_vacancies_are_the_share_that_is_asked_for() -> None:
    crystal = named("rocksalt", ("Mg", "O"), 4.21)
    lean = oriented((0, 0, 1))
    whole, lacking = (
        len(built({"slab": slab(crystal, lean, defects=defects(vacancies=v))}).symbols)
        for v in (0.0, 0.1)
    )
    assert lacking / whole == pytest.approx(0.9, abs=0.012)
