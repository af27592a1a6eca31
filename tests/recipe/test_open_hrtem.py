"""The recipe of the open track: its parts, its shares and the ranges that it is drawn from."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tembench.recipe import (
    DrawnRecipe,
    Film,
    Particle,
    PtCeO2,
    Slab,
    draw_specimen,
    limits_of,
    load_recipe,
    specimen_seed,
)

pytestmark = pytest.mark.slow
# Networks are trained on these: a change of the recipe must not move them.
KINDS = [
    "pt_ceo2_profile",
    "pt_ceo2_plan",
    "pt_ceo2_carbon",
    "mos2",
    "pd_carbon",
    "pt_ceo2_plan",
    "rh_carbon",
    "pt_ceo2_plan",
]
SIZES = [0.1883, 0.0682, 0.0666, 0.1746, 0.0617, 0.0522, 0.087, 0.1316]


@pytest.fixture(scope="module")
def recipe() -> DrawnRecipe:
    found = load_recipe("open-hrtem")
    assert isinstance(found, DrawnRecipe)
    return found


def test_parts(recipe: DrawnRecipe) -> None:
    assert recipe.specimens == {
        "train": 4000, "validation": 200, "dev": 300, "test": 400, "movie": 60
    }  # fmt: skip
    each = {part: recipe.images_per_specimen(part) for part in recipe.specimens}
    assert each == {"train": 5, "validation": 2, "dev": 2, "test": 2, "movie": 16}
    assert (recipe.shape, limits_of(recipe.frame.pixel_size_A)) == ((384, 384), (0.05, 0.2))
    assert recipe.doses_e_per_A2 == (12.8, 1280)


def test_half_of_the_specimens_are_platinum_on_ceria(recipe: DrawnRecipe) -> None:
    shares: dict[str, float] = defaultdict(float)
    for kind in recipe.kinds.values():
        assert kind.material
        shares[kind.material] += kind.share
    total = sum(shares.values())
    assert shares["Pt on CeO2"] / total == pytest.approx(0.5, abs=0.02)
    assert shares["film or vacuum"] / total == pytest.approx(0.04, abs=0.005)
    assert {name for name, kind in recipe.kinds.items() if not kind.components} == {"vacuum"}


def test_every_crystal_is_turned_by_any_angle_and_little_tilted(recipe: DrawnRecipe) -> None:
    for name, kind in recipe.kinds.items():
        for component in kind.components.values():
            if isinstance(component, Film):
                continue
            turned = component if isinstance(component, PtCeO2) else component.orientation
            low, high = limits_of(turned.rotation_deg)
            on_top = isinstance(component, Particle) and component.side == "top"
            assert high - low == 360 or on_top, name
            assert limits_of(turned.mistilt_deg)[1] <= 4
            if isinstance(component, Particle):
                assert limits_of(component.diameter_A)[0] >= 10
                assert limits_of(component.diameter_A)[1] <= 45
            if isinstance(component, Slab):
                assert limits_of(component.thickness_A)[1] <= 80


def test_the_benchmarks_optics_are_among_those_drawn(recipe: DrawnRecipe) -> None:
    share, near = recipe.microscopes["benchmark"]
    assert share / sum(share for share, _ in recipe.microscopes.values()) == pytest.approx(0.2)
    assert limits_of(near.C10_nm) == (0, 20)
    assert (near.energy_keV, near.C30_um, near.C50_mm, near.aperture_per_A) == (300, -13, 5, 1.6)
    assert {one.energy_keV for _, one in recipe.microscopes.values()} == {80, 200, 300}


def test_the_first_draws_to_train_on_stay_as_they_are(recipe: DrawnRecipe) -> None:
    found = [draw_specimen(recipe, *specimen_seed(recipe, "train", n)) for n in range(8)]
    assert [one.kind for one in found] == KINDS
    assert [round(one.frame.pixel_size_A, 4) for one in found] == SIZES
