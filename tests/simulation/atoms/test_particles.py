"""Particles: size, facets, truncation, roughness, adatoms, decahedra, atoms of a file."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import ConvexHull, cKDTree
from simulation.atoms.drawn_parts import (
    CERIA,
    GOLD,
    SRTIO3,
    built,
    defects,
    from_file,
    generators,
    named,
    oriented,
    particle,
)

from tembench.core import RecipeError
from tembench.recipe import Crystal, Particle
from tembench.simulation import ImpossibleDrawError
from tembench.simulation.atoms.parts import Piece, build_particle

UPRIGHT = oriented((0, 0, 1), (1, 0, 0))
CADMIUM_SELENIDE = named("wurtzite", ("Cd", "Se"), 4.299, 7.01)


def one(drawn: Particle[float], seed: int = 0) -> Piece:
    return build_particle("particle", drawn, np.eye(3), generators(seed))


def neighbours(piece: Piece, reach: float = 3.2) -> np.ndarray:
    tree = cKDTree(piece.positions_A)
    return np.asarray(tree.query_ball_point(piece.positions_A, reach, return_length=True)) - 1


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["wulff", "sphere", "decahedron"])
@pytest.mark.parametrize("diameter", [12.0, 25.0, 40.0])
def test_the_volume_is_that_of_the_sphere(shape: str, diameter: float) -> None:
    wanted = np.pi / 6 * diameter**3 / (4.078**3 / 4)
    found = [
        len(one(particle(GOLD, UPRIGHT, shape=shape, diameter_A=diameter), seed).symbols)
        for seed in range(3)
    ]
    # A plane more or less: a layer of one facet.
    assert min(found) >= round(wanted)
    assert max(found) <= wanted + 0.8 * (diameter / 2.4) ** 2


def test_a_box_has_its_edges() -> None:
    piece = one(particle(GOLD, oriented((0, 0, 1), rotation_deg=0), shape="box", diameter_A=30.0))
    # Planes are 2.04 A apart, so up to two of those distances are lost.
    extent = np.ptp(piece.positions_A, axis=0)
    assert extent.max() < 30
    assert extent.min() > 30 - 4.1


def test_wulff_facets_are_planes_of_their_families() -> None:
    piece = one(particle(GOLD, UPRIGHT, diameter_A=40.0))
    hull = ConvexHull(piece.positions_A)
    # Area of the hull by normal; {100} along the axes, {111} along the diagonals.
    area = {}
    for simplex, equation in zip(hull.simplices, hull.equations, strict=True):
        a, b, c = piece.positions_A[simplex]
        kind = tuple(np.round(np.sort(np.abs(equation[:3])), 2))
        area[kind] = area.get(kind, 0) + np.linalg.norm(np.cross(b - a, c - a)) / 2
    facets = area.get((0, 0, 1), 0) + area.get((0.58, 0.58, 0.58), 0)
    assert facets > 0.7 * sum(area.values())


def test_every_plane_is_drawn_on_its_own() -> None:
    normals = np.array([[a, b, c] for a in (1, -1) for b in (1, -1) for c in (1, -1)]) / np.sqrt(3)
    shapes = set()
    for seed in range(6):
        piece = one(particle(GOLD, UPRIGHT, diameter_A=40.0, facets={"111": 1.0}), seed)
        reach = (piece.positions_A @ normals.T).max(axis=0)
        # Opposite planes are whole layers apart, by numbers that differ.
        layers = (reach + reach[::-1]) / (4.078 / np.sqrt(3))
        np.testing.assert_allclose(layers, np.round(layers), atol=1e-6)
        shapes.add(tuple(np.round(layers)))
    assert len(shapes) > 3


@pytest.mark.parametrize(
    ("crystal", "facets"),
    [
        (CADMIUM_SELENIDE, {"0001": 1.1, "10-10": 1.0}),
        (CERIA, {"111": 1.0, "100": 1.2}),
        (from_file(SRTIO3), {"100": 1.0}),
    ],
)
def test_compounds_have_shapes_too(crystal: Crystal, facets: dict[str, float]) -> None:
    piece = one(particle(crystal, UPRIGHT, facets=facets))
    assert len(piece.symbols) > 200
    assert len(set(piece.symbols)) > 1


@pytest.mark.slow
def test_open_shapes_are_refused() -> None:
    with pytest.raises(RecipeError, match="do not enclose"):
        one(particle(CADMIUM_SELENIDE, UPRIGHT, facets={"0001": 1.0}))
    with pytest.raises(RecipeError, match="without facets"):
        one(particle(GOLD, UPRIGHT, facets={}))


@pytest.mark.parametrize(
    ("side", "axis", "end"), [("exit", 2, 0), ("entrance", 2, 1), ("top", 1, 1)]
)
def test_truncation_cuts_the_side_of_the_support(side: str, axis: int, end: int) -> None:
    whole = one(particle(GOLD, UPRIGHT, diameter_A=30.0, side=side))
    cut = one(particle(GOLD, UPRIGHT, diameter_A=30.0, side=side, truncation=0.4))
    heights = np.ptp(whole.positions_A[:, axis]), np.ptp(cut.positions_A[:, axis])
    assert heights[1] == pytest.approx(0.6 * heights[0], abs=2.1)
    # The cut face is the broadest of the ends: most of its atoms are in one plane.
    ends = [cut.positions_A[:, axis].min(), cut.positions_A[:, axis].max()]
    flat = [int((np.abs(cut.positions_A[:, axis] - value) < 0.1).sum()) for value in ends]
    assert flat[end] > flat[1 - end]


def test_roughness_moves_weakly_bound_atoms() -> None:
    smooth = one(particle(GOLD, UPRIGHT, diameter_A=30.0))
    rough = one(particle(GOLD, UPRIGHT, diameter_A=30.0, roughness=0.3))
    assert len(rough.symbols) == len(smooth.symbols)
    shortest, _ = cKDTree(rough.positions_A).query(rough.positions_A, k=2)
    assert shortest[:, 1].min() == pytest.approx(4.078 / np.sqrt(2))
    # The same lattice, of which other sites are occupied, and all of them bound.
    before = neighbours(smooth)
    after = neighbours(rough)
    assert sorted(before) != sorted(after)
    assert after.min() >= 2
    # The weakest leave: a random choice among the surface's atoms costs several bonds each.
    surface = (before < 12).sum()
    assert (before.sum() - after.sum()) / 2 < 0.3 * surface


def test_adatoms_sit_in_hollows() -> None:
    bare = one(particle(GOLD, UPRIGHT))
    with_adatoms = one(particle(GOLD, UPRIGHT, adatoms=4))
    assert len(with_adatoms.symbols) == len(bare.symbols) + 4
    assert neighbours(with_adatoms).min() >= 3


def test_vacancies_of_a_particle() -> None:
    whole = one(particle(GOLD, UPRIGHT, diameter_A=40.0))
    lacking = one(particle(GOLD, UPRIGHT, diameter_A=40.0, defects=defects(vacancies=0.2)))
    assert len(lacking.symbols) / len(whole.symbols) == pytest.approx(0.8, abs=0.04)


def test_a_decahedron_has_five_fold_symmetry_inside() -> None:
    piece = one(particle(GOLD, oriented((1, 1, 0)), shape="decahedron", diameter_A=36.0))
    # Away from the surface all have twelve neighbours, those on the axis too.
    counts = neighbours(piece, 3.4)
    assert (counts == 12).mean() > 0.5
    assert counts.max() == 12
    shortest, _ = cKDTree(piece.positions_A).query(piece.positions_A, k=2)
    assert shortest[:, 1].min() > 2.8
    # Directions of nearest neighbours across the beam are multiples of 36 degrees.
    offsets = piece.positions_A[list(cKDTree(piece.positions_A).query_pairs(3.4))]
    across = (offsets[:, 1] - offsets[:, 0])[:, :2]
    flat = np.hypot(*across.T) > 2.7
    angles = np.degrees(np.arctan2(across[flat, 1], across[flat, 0]))
    steps = (angles - angles[0]) / 36
    assert np.abs(steps - np.round(steps)).max() < 0.05


def test_a_decahedron_is_of_a_face_centred_element_without_other_faults() -> None:
    with pytest.raises(RecipeError, match="decahedron"):
        one(particle(CERIA, UPRIGHT, shape="decahedron"))
    with pytest.raises(RecipeError, match="planar faults"):
        one(particle(GOLD, UPRIGHT, shape="decahedron", defects=defects(twins=1)))


def test_atoms_of_a_file_are_used_as_they_are() -> None:
    text = "3\n\nPt 0 0 0\nPt 2.8 0 0\nAu 0 0 5\n"
    lean = oriented((1, 0, 0), (0, 0, 1))
    piece = one(particle(from_file(text, "cluster.xyz"), lean, shape="file"))
    # The file's x is along the beam, its z is up.
    np.testing.assert_allclose(piece.positions_A[1] - piece.positions_A[0], [0, 0, 2.8], atol=1e-9)
    np.testing.assert_allclose(piece.positions_A[2] - piece.positions_A[0], [0, -5, 0], atol=1e-9)
    with pytest.raises(RecipeError, match="without a cell"):
        one(particle(from_file(text, "cluster.xyz"), lean))


def test_atoms_of_a_file_are_not_put_back_into_its_cell() -> None:
    lattice = 'Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3'
    text = f"2\n{lattice}\nPt -1.4 0 0\nPt 1.4 0 0\n"
    piece = one(particle(from_file(text, "cluster.extxyz"), UPRIGHT, shape="file"))
    assert np.ptp(piece.positions_A, axis=0).max() == pytest.approx(2.8)


def test_no_atoms_are_no_particle() -> None:
    with pytest.raises(ImpossibleDrawError, match="without atoms"):
        one(particle(GOLD, UPRIGHT, diameter_A=1.0))


def test_particles_stand_where_they_are_drawn() -> None:
    specimen = built({"particle": particle(GOLD, UPRIGHT, x=0.25, y=0.75)})
    np.testing.assert_allclose(specimen.positions_A.mean(axis=0)[:2], [10, 30])
    assert specimen.kinds == ("particle",)
