"""True columns: the same as those that models are built of, and those of other crystals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.spatial import cKDTree
from simulation.atoms.drawn_parts import (
    CERIA,
    GOLD,
    SODALITE,
    SRTIO3,
    built,
    film,
    from_file,
    named,
    oriented,
    particle,
    slab,
)

from tembench.recipe import load_closed_recipe
from tembench.simulation import (
    Specimen,
    SpecimenColumns,
    build_structure,
    find_columns,
    specimen_columns,
)

TITANATE = from_file(SRTIO3)
BEAM = np.array([0.0, 0.0, 1.0])


def model_as_specimen(name: str) -> tuple[Specimen, object]:
    recipe = load_closed_recipe("ptceo2-18k")
    model = next(model for model in recipe.models if model.name == name)
    structure = build_structure(recipe, model)
    specimen = Specimen(
        symbols=structure.symbols,
        positions_A=structure.positions_A,
        component=structure.in_particle.astype(int),
        names=("support", "particle"),
        kinds=("support", "particle"),
        zone_axes=(BEAM, BEAM),
        displacement_A=np.zeros(len(structure.symbols)),
        frame_A=structure.cell_A[:2],
        depth_A=structure.cell_A[2],
    )
    return specimen, find_columns(structure)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["PtNp2-D0_sloped_50A", "PtNp4-D0_flat_60A", "PtNp1-Ds_vacant_50A"]
)
def test_models_have_the_columns_that_they_are_built_of(name: str) -> None:
    specimen, expected = model_as_specimen(name)
    found = specimen_columns(specimen)
    assert found.defined
    assert len(found.x_A) == len(expected.x_A)
    distance, order = cKDTree(np.stack([found.x_A, found.y_A], axis=1)).query(
        np.stack([expected.x_A, expected.y_A], axis=1)
    )
    assert distance.max() < 1e-6
    np.testing.assert_allclose(found.depth_A[order], expected.depth_A, atol=1e-6)
    for what in ("element", "atoms", "in_particle"):
        np.testing.assert_array_equal(getattr(found, what)[order], getattr(expected, what))
    platinum = expected.in_particle
    np.testing.assert_array_equal(found.at_surface[order][platinum], expected.at_surface[platinum])


@pytest.mark.parametrize(
    ("crystal", "zone", "thickness", "per_A2"),
    [
        # Columns of a projected cell over its area.
        (TITANATE, (0, 0, 1), 30.0, 4 / 3.905**2),
        (TITANATE, (1, 1, 0), 30.0, 3 / (3.905**2 / np.sqrt(2))),
        (GOLD, (1, 1, 0), 30.0, 2 / (4.078**2 / np.sqrt(2))),
        (named("wurtzite", ("Cd", "Se"), 4.299, 7.01), (0, 0, 1), 30.0, 2 / 16.005),
        (from_file(SODALITE), (1, 0, 0), 30.0, 26 / 8.965**2),
    ],
)
def test_crystals_on_zone_have_their_columns(
    crystal: object, zone: tuple[int, ...], thickness: float, per_A2: float
) -> None:
    specimen = built({"slab": slab(crystal, oriented(zone), thickness_A=thickness)})
    found = specimen_columns(specimen)
    assert found.defined
    assert len(found.x_A) == pytest.approx(per_A2 * 40**2, rel=0.06)
    assert not found.at_surface.any()
    assert not found.in_particle.any()
    assert found.lean_A.max() < 1e-9


def test_the_heaviest_element_names_a_column() -> None:
    specimen = built({"slab": slab(TITANATE, oriented((0, 0, 1)))})
    found = specimen_columns(specimen)
    # Titanium columns contain oxygen; strontium and oxygen have their own.
    assert set(found.element) == {"Sr", "Ti", "O"}
    titanium = found.atoms[found.element == "Ti"]
    strontium = found.atoms[found.element == "Sr"]
    assert titanium.mean() == pytest.approx(2 * strontium.mean(), rel=0.15)
    assert set(specimen_columns(specimen, elements=("Ti",)).element) == {"Ti"}


def test_columns_of_a_mistilted_slab_appear_at_their_middles() -> None:
    lean = oriented((0, 0, 1), mistilt_deg=1.0, mistilt_azimuth_deg=30.0)
    specimen = built({"slab": slab(GOLD, lean, thickness_A=20.0)})
    found = specimen_columns(specimen)
    assert found.defined
    # Five planes 4.078 A apart; columns at the edge may lack one.
    assert np.median(found.lean_A) == pytest.approx(4 * 4.078 * np.sin(np.pi / 180), rel=1e-3)
    near = cKDTree(np.stack([found.x_A, found.y_A], axis=1)).query(specimen.positions_A[:, :2])[0]
    inside = ((specimen.positions_A[:, :2] > 2) & (specimen.positions_A[:, :2] < 38)).all(axis=1)
    assert near[inside].max() < 0.25


@pytest.mark.parametrize("mistilt", [3.0, 6.0])
def test_columns_that_lean_too_far_are_not_defined(mistilt: float) -> None:
    lean = oriented((0, 0, 1), mistilt_deg=mistilt)
    specimen = built({"slab": slab(TITANATE, lean, thickness_A=60.0)})
    found = specimen_columns(specimen)
    assert not found.defined
    assert len(found.x_A) == 0


@pytest.mark.parametrize("zone", ["random", (7, 3, 2)])
def test_there_are_no_columns_off_zone(zone: object) -> None:
    found = specimen_columns(built({"slab": slab(TITANATE, oriented(zone), thickness_A=40.0)}))
    assert not found.defined
    assert len(found.x_A) == 0


def test_a_wrong_zone_axis_is_found_out() -> None:
    specimen = built({"slab": slab(TITANATE, oriented("random"), thickness_A=40.0)})
    wrong = dataclasses.replace(specimen, zone_axes=(BEAM,))
    assert not specimen_columns(wrong).defined


def test_single_atoms_are_columns_of_one() -> None:
    graphene = named("hcp", ("C",), 2.46, 6.7)
    specimen = built({"slab": slab(graphene, oriented((0, 0, 1)), thickness_A=1.0)})
    found = specimen_columns(specimen)
    assert found.defined
    assert set(found.atoms) == {1}


@pytest.mark.slow
def test_a_film_has_no_columns_and_its_particle_has() -> None:
    drawn = {"film": film(), "particle": particle(GOLD, oriented((1, 1, 0)), on="film")}
    specimen = built(drawn)
    found = specimen_columns(specimen)
    assert found.defined
    assert found.defined_in == (False, True)
    assert found.in_particle.all()
    assert found.at_surface.sum() == pytest.approx(0.33 * len(found.x_A), rel=0.4)
    assert not specimen_columns(built({"film": film()})).defined
    # Told apart by component, too.
    assert len(specimen_columns(specimen, components=("film",)).x_A) == 0


def test_surface_columns_of_a_profile_are_the_topmost() -> None:
    specimen = built({"slab": slab(CERIA, oriented((1, -1, 0), (1, 1, 1)), surface=0.5)})
    found = specimen_columns(specimen)
    top = found.y_A.min()
    np.testing.assert_array_equal(found.at_surface & (found.y_A > top + 3.2), False)
    assert found.at_surface[found.y_A < top + 0.2].all()


def test_nothing_has_no_columns() -> None:
    found: SpecimenColumns = specimen_columns(built({}))
    assert not found.defined
    assert len(found.x_A) == len(found.at_surface) == 0
