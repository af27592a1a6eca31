"""Atoms and columns against crystallography and the measured geometry."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tembench.recipe import Model, Recipe, Vacancy, load_recipe
from tembench.simulation.atomic_columns import find_columns
from tembench.simulation.structures import Structure, build_structure


@pytest.fixture(scope="module")
def quickstart() -> Recipe:
    return load_recipe("quickstart")


def model_named(recipe: Recipe, name: str) -> Model:
    return next(model for model in recipe.models if model.name == name)


@pytest.fixture(scope="module")
def whole(quickstart: Recipe) -> Structure:
    return build_structure(quickstart, model_named(quickstart, "PtNp2-D0_flat_40A"))


def distances(structure: Structure, first: str, second: str, reach: float) -> np.ndarray:
    """Distances of pairs of atoms away from the support's seam and faces."""
    x, y, _ = structure.positions_A.T
    inner = (x > 10) & (x < 40) & (y < 45)
    a = structure.positions_A[inner & (structure.symbols == first)]
    b = structure.positions_A[structure.symbols == second]
    pairs = cKDTree(a).sparse_distance_matrix(cKDTree(b), reach).tocoo().data
    return pairs[pairs > 1e-9]


def test_fluorite_distances(whole: Structure) -> None:
    # Ce-O is a sqrt(3) / 4 = 2.343 A; the strain of 0.6 % along x moves it by less than 0.02 A.
    found = distances(whole, "Ce", "O", 3.0)
    np.testing.assert_allclose(found, 2.343, atol=0.02)
    assert distances(whole, "Ce", "Ce", 4.2).min() == pytest.approx(3.826, abs=0.03)


def test_cerium_in_the_bulk_has_eight_oxygen(whole: Structure) -> None:
    x, y, z = whole.positions_A.T
    inner = (x > 10) & (x < 40) & (y > 28) & (y < 45) & (z > 5) & (z < 33)
    cerium = whole.positions_A[inner & (whole.symbols == "Ce")]
    oxygen = cKDTree(whole.positions_A[whole.symbols == "O"])
    assert len(cerium) > 50
    assert {len(near) for near in oxygen.query_ball_point(cerium, 2.5)} == {8}


@pytest.mark.slow
def test_support_is_the_crystal_that_ase_builds(whole: Structure) -> None:
    # ASE's fluorite cell, turned, strained and matched by its distances up to the third shell.
    from ase.build import bulk

    crystal = bulk("CeO2", "fluorite", a=5.411, cubic=True)
    pairs = crystal.repeat(3).get_all_distances(mic=True)
    symbols = np.array(crystal.repeat(3).get_chemical_symbols())
    theirs = pairs[np.ix_(symbols == "O", symbols == "O")]
    shells = np.unique(np.round(theirs[(theirs > 0.1) & (theirs < 4.8)], 2))
    ours = distances(whole, "O", "O", 4.7)
    assert np.abs(ours[:, None] - shells).min(axis=1).max() < 0.04


def test_platinum_is_face_centred(whole: Structure) -> None:
    found = distances(whole, "Pt", "Pt", 4.2)
    nearest = 3.98 / np.sqrt(2)
    near = np.isclose(found, nearest, atol=1e-6)
    second = np.isclose(found, 3.98, atol=1e-6)
    assert np.all(near | second)
    assert near.any()


def test_measured_spacings(whole: Structure) -> None:
    columns = find_columns(whole)
    rows = np.unique(columns.y_A[columns.in_particle].round(3))
    assert len(rows) == 5
    np.testing.assert_allclose(np.diff(rows), 2.30, atol=0.01)
    top_cerium = columns.y_A[columns.element == "Ce"].min()
    assert top_cerium - rows.max() == pytest.approx(2.38, abs=1e-9)
    bottom = np.sort(columns.x_A[columns.in_particle & (columns.y_A > rows.max() - 0.1)])
    np.testing.assert_allclose(np.diff(bottom), 2.437, atol=1e-3)
    cerium = np.sort(columns.x_A[(columns.element == "Ce") & (columns.y_A < top_cerium + 0.1)])
    np.testing.assert_allclose(np.diff(cerium), 3.3068, atol=1e-4)


def test_rows_of_the_support_move_left_and_of_the_particle_right(whole: Structure) -> None:
    # As in every released image; a mirrored support correlates with them at 0.4, not 0.999.
    columns = find_columns(whole)
    for chosen, spacing, step in (
        ((columns.element == "Ce") & (columns.y_A < 40), 3.3068, -1 / 3),
        (columns.in_particle, 2.4372, 1 / 3),
    ):
        heights = np.unique(columns.y_A[chosen].round(3))
        first = [columns.x_A[chosen & np.isclose(columns.y_A, y, atol=0.1)].min() for y in heights]
        moved = (np.diff(first) / spacing - step) % 1
        np.testing.assert_allclose(np.minimum(moved, 1 - moved), 0, atol=1e-3)


def test_columns_of_the_measured_particle(whole: Structure) -> None:
    columns = find_columns(whole)
    rows = columns.y_A[columns.in_particle].round(2)
    assert [int((rows == row).sum()) for row in np.unique(rows)] == [7, 8, 9, 9, 10]
    # Top row and the ends of the four others; the inside and the buried row are not free.
    assert columns.at_surface.sum() == 7 + 2 * 4
    assert not columns.at_surface[~columns.in_particle].any()


@pytest.mark.parametrize(
    ("defect", "site_atoms", "columns_lost"),
    [("D0", 5, 0), ("D1", 0, 1), ("D2", 0, 2), ("Dh", 3, 0), ("Ds", 1, 0)],
)
def test_defects(quickstart: Recipe, defect: str, site_atoms: int, columns_lost: int) -> None:
    model = dataclasses.replace(model_named(quickstart, "PtNp2-D0_flat_40A"), defect=defect)
    structure = build_structure(quickstart, model)
    site = (structure.site == quickstart.particles["PtNp2"].sites["S3"]).all(axis=1)
    depths = structure.positions_A[site & structure.in_particle, 2]
    assert len(depths) == site_atoms
    # What is left keeps its place at the entrance end of the whole column.
    period = 3.98 / np.sqrt(2)
    expected = structure.cell_A[2] / 2 + period * np.arange(-2, 3)
    np.testing.assert_allclose(depths, expected[:site_atoms])
    assert find_columns(structure).in_particle.sum() == 43 - columns_lost


def test_stepped_support_lacks_columns_of_the_top_layer(quickstart: Recipe) -> None:
    flat = find_columns(build_structure(quickstart, quickstart.models[0]))
    stepped_model = dataclasses.replace(quickstart.models[0], support="stepped")
    stepped = find_columns(build_structure(quickstart, stepped_model))
    top = flat.y_A[flat.element == "Ce"].min()

    def count(columns: object) -> int:
        element, y = columns.element, columns.y_A  # type: ignore[attr-defined]
        return int(((element == "Ce") & (np.abs(y - top) < 0.1)).sum())

    assert count(flat) == 15
    assert count(stepped) == 11


def test_no_atom_on_a_slice_boundary(whole: Structure) -> None:
    for slices in (1, 2, 3):
        planes = whole.positions_A[~whole.in_particle, 2] / (whole.plane_A / slices)
        assert np.abs(planes - np.round(planes)).min() > 0.2


def test_column_under_tilt_moves_by_its_depth(whole: Structure) -> None:
    columns = find_columns(whole)
    x, y = columns.projected((3.0, -2.0))
    moved_x, moved_y = np.tan(np.deg2rad(2)), -np.tan(np.deg2rad(3))
    np.testing.assert_allclose(x - columns.x_A, moved_x * columns.depth_A, atol=1e-12)
    np.testing.assert_allclose(y - columns.y_A, moved_y * columns.depth_A, atol=1e-12)
    assert np.abs(columns.depth_A[columns.in_particle]).max() < 1.5


@pytest.mark.parametrize(
    ("of", "share", "lost"),
    [
        ("O", "all", {"O": 1.0}),
        ("O", "half", {"O": 0.5}),
        ("CeO2", "all", {"Ce": 1.0, "O": 2.0}),
        ("CeO2", "half", {"Ce": 0.5, "O": 1.0}),
    ],
)
def test_vacancies_take_whole_columns_of_the_surface(
    quickstart: Recipe, of: str, share: str, lost: dict[str, float]
) -> None:
    vacancy = Vacancy(place=14, of=of, share=share)
    support = dataclasses.replace(quickstart.supports["stepped"], vacancies=(vacancy,))
    recipe = dataclasses.replace(quickstart, supports={"stepped": support})
    model = model_named(quickstart, "PtNp2-D0_stepped_40A")
    before, after = build_structure(quickstart, model), build_structure(recipe, model)
    assert before.to_ase().get_chemical_formula() != after.to_ase().get_chemical_formula()
    planes = round(before.cell_A[2] / before.plane_A / 2)
    for symbol in ("Pt", "Ce", "O"):
        missing = (before.symbols == symbol).sum() - (after.symbols == symbol).sum()
        assert missing == lost.get(symbol, 0.0) * planes
    # What is gone lay at the surface of its place, a layer below the terrace.
    rows = {tuple(row) for row in np.round(before.positions_A, 6)}
    rows -= {tuple(row) for row in np.round(after.positions_A, 6)}
    assert all(25.0 < y + 0.8 < 25.0 + 3.125 + 1.6 for _, y, _ in rows)
