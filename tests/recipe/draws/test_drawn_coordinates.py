"""Coordinates of drawn data sets: names, units, and values that are all named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tembench.recipe import (
    DrawnRecipe,
    draw_images,
    draw_specimen,
    drawn_values,
    load_recipe,
    specimen_seed,
    value_names,
)

Parse = Callable[[dict[str, Any]], DrawnRecipe]


def test_names_units_and_order(drawn_table: dict[str, Any], parse: Parse) -> None:
    names = value_names(parse(drawn_table))
    assert [name.name for name in names if not name.of_image][:8] == [
        "kind",
        "film_thickness_A",
        "particle_zone",
        "particle_diameter_A",
        "particle_facets_100",
        "particle_x",
        "crystal_thickness_A",
        "crystal_steps",
    ]
    units = {name.name: name.unit for name in names}
    assert units["film_thickness_A"] == "angstrom"
    assert units["dose_e_per_A2"] == "electron / angstrom^2"
    assert units["convergence_mrad"] == "mrad"
    assert units["detector_dqe"] == ""
    assert {name.name for name in names if name.is_text} == {
        "kind",
        "microscope",
        "detector",
        "particle_zone",
        "particle-2_zone",
        "particle-3_zone",
    }
    assert len(units) == len(names)


def test_only_what_varies_is_named(drawn_table: dict[str, Any], parse: Parse) -> None:
    names = {name.name for name in value_names(parse(drawn_table))}
    assert {"detector_mtf_3", "C10_nm", "C30_um", "energy_keV", "crystal_steps"} <= names
    assert not {"detector_mtf_0", "C12_nm", "frame", "jitter_A", "crystal_strain_xx"} & names


def test_values_are_all_named(drawn_table: dict[str, Any], parse: Parse) -> None:
    recipes = [load_recipe(name) for name in ("srtio3", "mos2", "au-on-carbon")]
    drawn = [recipe for recipe in recipes if isinstance(recipe, DrawnRecipe)]
    for recipe, number in ((parse(drawn_table), 20), *((one, 2) for one in drawn)):
        types = {name.name: str if name.is_text else float for name in value_names(recipe)}
        seen = set()
        for index in range(number):
            seed, variant = specimen_seed(recipe, "train", index)
            specimen = draw_specimen(recipe, seed, variant)
            for image in draw_images(recipe, specimen):
                values = drawn_values(recipe, specimen, image)
                assert all(type(value) is types[name] for name, value in values.items())
                seen |= set(values)
        assert seen == set(types)
