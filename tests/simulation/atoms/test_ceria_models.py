"""Models of platinum on ceria embedded in a frame: the same atoms, without the box's seam."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree
from simulation.atoms.drawn_parts import built, of_kind

from tembench.core import RecipeError
from tembench.recipe import PtCeO2, load_closed_recipe
from tembench.simulation import build_structure
from tembench.simulation.structures import CERIUM_SPACING_A, PARTICLE_X_A, TOP_CERIUM_Y_A

NAMES = ["PtNp2-D0_sloped_50A", "PtNp1-Ds_vacant_50A"]


def embedded(model: str, **values: float) -> PtCeO2[float]:
    given = {
        "x": 0.5, "y": 0.5, "rotation_deg": 0.0, "mistilt_deg": 0.0, "mistilt_azimuth_deg": 0.0,
    } | values  # fmt: skip
    return PtCeO2(recipe="ptceo2-18k", model=model, **given)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_model_is_there_atom_by_atom(name: str) -> None:
    recipe = load_closed_recipe("ptceo2-18k")
    model = next(model for model in recipe.models if model.name == name)
    expected = build_structure(recipe, model)
    specimen = built({"model": embedded(name)}, size_A=50.0)
    assert specimen.names == ("support", "particle")
    gap = recipe.particles[model.particle].gap_A
    shift = np.array([25 - PARTICLE_X_A, 25 - (TOP_CERIUM_Y_A - gap), 0.0])
    found = specimen.positions_A - shift
    found[:, 2] += expected.positions_A[:, 2].min() - found[:, 2].min()
    # Columns of the box's edge continue on its other side, 15 spacings minus a seam away.
    x, y, _ = expected.positions_A.T
    inner = ((x > 4) & (x < 46) & (y < 45)) | expected.in_particle
    distance, nearest = cKDTree(found).query(expected.positions_A[inner])
    assert distance.max() < 1e-9
    np.testing.assert_array_equal(specimen.symbols[nearest], expected.symbols[inner])
    np.testing.assert_array_equal(specimen.component[nearest] == 1, expected.in_particle[inner])
    # Nothing else is there.
    box = (found[:, 0] > 4) & (found[:, 0] < 46) & (found[:, 1] < 45)
    assert box.sum() == (inner & (x > 4) & (x < 46) & (y < 45)).sum()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_support_has_no_seam(name: str) -> None:
    specimen = built({"model": embedded(name, x=0.2, y=0.3)}, size_A=80.0)
    support = of_kind(specimen, "support")
    cerium = specimen.positions_A[specimen.symbols == "Ce"]
    deep = cerium[cerium[:, 1] > 45]
    # Rows of columns with one distance all the way through the frame, and beyond it.
    row = np.unique(np.round(deep[np.abs(deep[:, 1] - deep[0, 1]) < 0.01, 0], 6))
    np.testing.assert_allclose(np.diff(row), CERIUM_SPACING_A, atol=1e-5)
    assert row.min() < -7.5 + CERIUM_SPACING_A
    assert row.max() > 87.5 - CERIUM_SPACING_A
    assert support[:, 1].max() > 87.5 - 3.2
    # Eight oxygen about every cerium that is not near a face.
    oxygen = cKDTree(specimen.positions_A[specimen.symbols == "O"])
    z = cerium[:, 2]
    bulk = (cerium[:, 1] > 45) & (np.abs(cerium[:, :2] - 40) < 44).all(axis=1)
    bulk &= (z > 5) & (z < specimen.depth_A - 5)
    assert bulk.sum() > 300
    counts = oxygen.query_ball_point(cerium[bulk], 2.5, return_length=True)
    np.testing.assert_array_equal(counts, 8)


@pytest.mark.slow
def test_it_is_turned_about_the_middle_of_the_lowest_row() -> None:
    upright, turned = (
        built({"model": embedded(NAMES[0], x=0.4, y=0.6, rotation_deg=angle)}, size_A=60.0)
        for angle in (0.0, 90.0)
    )
    centre = np.array([24.0, 36.0])
    first = of_kind(upright, "particle")[:, :2] - centre
    second = of_kind(turned, "particle")[:, :2] - centre
    # Clockwise in the image: up becomes right.
    distance, _ = cKDTree(second).query(np.stack([-first[:, 1], first[:, 0]], axis=1))
    assert distance.max() < 1e-9


def test_a_mistilt_turns_the_columns() -> None:
    specimen = built({"model": embedded(NAMES[0], mistilt_deg=3.0, mistilt_azimuth_deg=90.0)})
    assert specimen.zone_axes[0] is not None
    expected = [0, np.sin(np.pi / 60), np.cos(np.pi / 60)]
    np.testing.assert_allclose(specimen.zone_axes[0], expected, atol=1e-12)


def test_no_such_model_is_refused() -> None:
    with pytest.raises(RecipeError, match="no such model"):
        built({"model": embedded("PtNp99")})


def test_a_name_that_is_taken_gets_a_prefix() -> None:
    specimen = built({"a": embedded(NAMES[0], x=-0.5), "b": embedded(NAMES[0], x=1.5)})
    assert "b-support" in specimen.names
