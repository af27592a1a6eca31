"""Lattices in boxes: their density, point groups, families of planes, twins and stacking faults."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree
from simulation.atoms.drawn_parts import CERIA, GOLD, SODALITE, SRTIO3, defects, from_file, named

from tembench.core import RecipeError
from tembench.recipe import Crystal
from tembench.simulation.atoms.crystal import (
    face_centred_cubic,
    fill_box,
    fill_lattice,
    nearest_distance,
    planes_of_families,
    random_turn,
    unit_cell,
)
from tembench.simulation.atoms.crystal.planes import miller_indices, point_group

LOW, HIGH = np.array([-20.0, -20, -20]), np.array([20.0, 20, 20])
ZINC_SULFIDE = named("zincblende", ("Zn", "S"), 5.41)
CADMIUM_SELENIDE = named("wurtzite", ("Cd", "Se"), 4.299, 7.01)


@pytest.mark.slow
def test_a_box_has_every_site_once() -> None:
    cell = np.array([[4.0, 0.3, 0], [1.0, 5.0, 0.2], [0, -1.0, 6.0]])
    basis = np.array([[0.1, 0.2, 0.3], [2.0, 2.0, 2.0]])
    low, high = np.array([-7.0, -3.0, 2.0]), np.array([9.0, 14.0, 13.0])
    found, site = fill_box(cell, basis, np.array([0.5, -0.7, 0.2]), low, high)
    steps = np.stack(np.meshgrid(*[np.arange(-12, 13)] * 3, indexing="ij"), -1).reshape(-1, 3)
    every = (steps @ cell)[:, None] + basis + [0.5, -0.7, 0.2]
    inside = ((every >= low) & (every < high)).all(axis=2)
    expected = every[inside]
    assert len(found) == len(expected)
    distance, nearest = cKDTree(expected).query(found)
    assert distance.max() < 1e-9
    assert len(set(nearest)) == len(expected)
    np.testing.assert_array_equal(np.bincount(site), inside.sum(axis=0))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("crystal", "operations"),
    [
        (GOLD, 48), (CERIA, 48), (ZINC_SULFIDE, 24), (CADMIUM_SELENIDE, 12),
        (from_file(SRTIO3), 48), (from_file(SODALITE), 48), (named("hcp", ("Co",), 2.5, 4.07), 24),
    ],
)  # fmt: skip
def test_point_groups_have_their_order(crystal: Crystal, operations: int) -> None:
    assert len(point_group(unit_cell(crystal))) == operations


@pytest.mark.parametrize(
    ("crystal", "family", "planes"),
    [
        (GOLD, "100", 6), (GOLD, "111", 8), (GOLD, "110", 12), (GOLD, "210", 24),
        (ZINC_SULFIDE, "111", 8), (CADMIUM_SELENIDE, "10-10", 6), (CADMIUM_SELENIDE, "0001", 2),
    ],
)  # fmt: skip
def test_families_have_their_planes(crystal: Crystal, family: str, planes: int) -> None:
    normals, distances, _ = planes_of_families(unit_cell(crystal), {family: 1.5})
    assert len(normals) == planes
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1)
    np.testing.assert_array_equal(distances, 1.5)
    np.testing.assert_allclose(normals.sum(axis=0), 0, atol=1e-9)


def test_opposite_faces_of_a_polar_crystal_can_differ() -> None:
    normals, distances, _ = planes_of_families(
        unit_cell(CADMIUM_SELENIDE), {"0001": 1.0, "000-1": 2.0}
    )
    assert dict(zip(normals[:, 2].round(), distances, strict=True)) == {1.0: 1.0, -1.0: 2.0}


@pytest.mark.parametrize(
    ("text", "indices"), [("1-10", (1, -1, 0)), ("1 0 -1 2", (1, 0, 2)), ("2,1,1", (2, 1, 1))]
)
def test_miller_indices_are_read(text: str, indices: tuple[int, ...]) -> None:
    assert miller_indices(text) == indices


@pytest.mark.parametrize("text", ["", "11", "000", "1a1", "1 0 0 2", "abc"])
def test_no_miller_indices_are_refused(text: str) -> None:
    with pytest.raises(RecipeError, match="Miller"):
        miller_indices(text)


def faulted(crystal: Crystal, twins: int, stacking_faults: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    positions, _ = fill_lattice(
        unit_cell(crystal),
        random_turn(generator),
        defects(twins=twins, stacking_faults=stacking_faults),
        LOW,
        HIGH,
        np.full(3, 8.0),
        generator,
    )
    return positions


def bonds(positions: np.ndarray, reach: float) -> np.ndarray:
    """Numbers of neighbours of the atoms deep inside the box."""
    deep = (np.abs(positions) < 14).all(axis=1)
    near = cKDTree(positions).query_ball_point(positions[deep], reach, return_length=True)
    return np.asarray(near) - 1


@pytest.mark.parametrize(("twins", "faults"), [(1, 0), (2, 0), (0, 1), (1, 1), (0, 0)])
def test_faults_of_gold_keep_twelve_neighbours(twins: int, faults: int) -> None:
    for seed in range(5):
        positions = faulted(GOLD, twins, faults, seed)
        np.testing.assert_array_equal(bonds(positions, 3.2), 12)


@pytest.mark.slow
@pytest.mark.parametrize(("twins", "faults"), [(1, 0), (0, 1), (0, 0)])
def test_a_fault_changes_the_third_neighbours(twins: int, faults: int) -> None:
    # Two layers on, a face-centred atom has none straight above it, and a faulted one has: the
    # distance sqrt(8 / 3) of the nearest is of hexagonal packing alone.
    positions = faulted(GOLD, twins, faults)
    nearest = 4.078 / np.sqrt(2)
    pairs = cKDTree(positions).sparse_distance_matrix(cKDTree(positions), 1.68 * nearest)
    hexagonal = np.abs(pairs.tocoo().data / nearest - np.sqrt(8 / 3)) < 0.01
    assert hexagonal.any() == bool(twins or faults)


@pytest.mark.slow
def test_twins_of_zincblende_and_fluorite_keep_their_bonds() -> None:
    for seed in range(5):
        np.testing.assert_array_equal(bonds(faulted(ZINC_SULFIDE, 1, 0, seed), 2.5), 4)
        shortest, _ = cKDTree(faulted(CERIA, 1, 0, seed)).query(faulted(CERIA, 1, 0, seed), k=2)
        assert shortest[:, 1].min() == pytest.approx(5.41 * np.sqrt(3) / 4)


def test_faults_that_cannot_be_are_refused() -> None:
    with pytest.raises(RecipeError, match="not cubic and face-centred"):
        faulted(from_file(SRTIO3), 1, 0)
    with pytest.raises(RecipeError, match="twins only"):
        faulted(CERIA, 0, 1)


def test_which_cells_are_face_centred() -> None:
    assert face_centred_cubic(unit_cell(GOLD))
    assert face_centred_cubic(unit_cell(CERIA))
    assert not face_centred_cubic(unit_cell(from_file(SODALITE)))
    assert not face_centred_cubic(unit_cell(CADMIUM_SELENIDE))


def test_nearest_distances() -> None:
    assert nearest_distance(unit_cell(GOLD)) == pytest.approx(4.078 / np.sqrt(2))
    assert nearest_distance(unit_cell(from_file(SRTIO3))) == pytest.approx(3.905 / 2)
