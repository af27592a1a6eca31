"""Amorphous films: density, composition, neighbours, faces, pieces that differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree
from simulation.atoms.drawn_parts import film, generators

from tembench.recipe import Film
from tembench.simulation.atoms.parts import FrameBox, Piece, build_film
from tembench.simulation.atoms.parts.amorphous import DALTON_G_PER_A3

BOX = FrameBox(width_A=40.0, height_A=40.0, margin_A=7.5)


def one(drawn: Film[float], seed: int = 0) -> Piece:
    return build_film("film", drawn, BOX, generators(seed))


# The first film of a density takes a third of a second for its box.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("density", [1.8, 2.0, 2.2])
def test_density_is_within_two_per_cent(density: float) -> None:
    drawn = film(density_g_cm3=density, thickness_A=40.0)
    masses = [12.011 * DALTON_G_PER_A3 * len(one(drawn, seed).symbols) for seed in range(4)]
    assert np.mean(masses) / (55 * 55 * 40) == pytest.approx(density, rel=0.01)
    assert np.array(masses) / (55 * 55 * 40) == pytest.approx(density, rel=0.02)


def radial_distribution(piece: Piece) -> tuple[np.ndarray, np.ndarray]:
    """g(r) of the atoms deep inside, by distance in angstrom."""
    positions = piece.positions_A
    inside = (np.abs(positions - [20, 20, 20]) < [20, 20, 12]).all(axis=1)
    pairs = cKDTree(positions[inside]).sparse_distance_matrix(cKDTree(positions), 5.0)
    distances = pairs.tocoo().data
    edges = np.arange(0.05, 5.01, 0.1)
    counts, _ = np.histogram(distances[distances > 1e-9], edges)
    middles = (edges[1:] + edges[:-1]) / 2
    per_A3 = inside.sum() / (40 * 40 * 24)
    return middles, counts / (4 * np.pi * middles**2 * 0.1 * per_A3 * inside.sum())


def test_carbon_has_bonds_and_a_gap_behind_them() -> None:
    r, g = radial_distribution(one(film(density_g_cm3=1.9, thickness_A=40.0)))
    assert r[g.argmax()] == pytest.approx(1.42, abs=0.06)
    assert g.max() > 5
    assert g[r < 1.1].max() == 0
    assert g[(r > 1.7) & (r < 1.9)].max() < 0.1
    second = (r > 2) & (r < 2.6)
    assert g[second].max() > 1.3
    assert g[r > 4].mean() == pytest.approx(1, abs=0.05)


def test_carbon_has_three_neighbours() -> None:
    piece = one(film(density_g_cm3=1.9, thickness_A=40.0))
    deep = np.abs(piece.positions_A[:, 2] - 20) < 12
    tree = cKDTree(piece.positions_A)
    near = tree.query_ball_point(piece.positions_A[deep], 1.75, return_length=True)
    assert np.mean(np.asarray(near) - 1) == pytest.approx(3.1, abs=0.2)


def test_elements_have_their_shares() -> None:
    drawn = film(composition={"Si": 3, "N": 4}, density_g_cm3=2.9, bond_A=1.73)
    piece = one(drawn)
    assert np.mean(piece.symbols == "Si") == pytest.approx(3 / 7, abs=0.02)
    mass = np.where(piece.symbols == "Si", 28.085, 14.007).sum() * DALTON_G_PER_A3
    assert mass / (55 * 55 * 20) == pytest.approx(2.9, rel=0.03)


def test_both_faces_are_rough_about_their_height() -> None:
    piece = one(film(density_g_cm3=1.9, thickness_A=20.0))
    x, y, z = piece.positions_A.T
    cells = np.floor(x / 5).astype(int) * 100 + np.floor(y / 5).astype(int)
    tops = [z[cells == cell].max() for cell in np.unique(cells)]
    bottoms = [z[cells == cell].min() for cell in np.unique(cells)]
    assert np.mean(tops) - np.mean(bottoms) == pytest.approx(20, abs=2)
    assert np.std(tops) > 0.5
    assert np.std(bottoms) > 0.5


def test_pieces_differ_and_seeds_repeat_them() -> None:
    drawn = film(density_g_cm3=1.9)
    np.testing.assert_array_equal(one(drawn, 1).positions_A, one(drawn, 1).positions_A)
    first, second = one(drawn, 1).positions_A, one(drawn, 2).positions_A
    distance, _ = cKDTree(first).query(second)
    assert np.mean(distance < 0.05) < 0.01
