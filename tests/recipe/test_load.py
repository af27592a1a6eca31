"""Loading of recipes: valid and refused files, and the identity."""

from __future__ import annotations

from typing import Any

import pytest

from tembench.core import list_recipes
from tembench.core.errors import RecipeError
from tembench.recipe import (
    Recipe,
    canonical_form,
    from_canonical_form,
    load_recipe,
    parse_recipe,
    recipe_id,
)

RECIPES = [load_recipe(name) for name in list_recipes()]
CLOSED = [recipe for recipe in RECIPES if isinstance(recipe, Recipe)]


def test_packaged_recipes_have_the_name_of_their_file() -> None:
    assert [recipe.name for recipe in RECIPES] == list_recipes()


@pytest.mark.parametrize("recipe", CLOSED, ids=lambda recipe: recipe.name)
def test_packaged_closed_recipes_are_whole(recipe: Recipe) -> None:
    assert recipe.n_images == sum(model.n_images for model in recipe.models)
    assert all(model.n_images % recipe.images_per_shard == 0 for model in recipe.models)
    parts = [recipe.part_of(model) for model in recipe.models]
    assert {"train", "validation", "test"} == set(parts)


@pytest.mark.parametrize("recipe", CLOSED, ids=lambda recipe: recipe.name)
def test_canonical_form_reads_back(recipe: Recipe) -> None:
    again = from_canonical_form(canonical_form(recipe))
    assert again == recipe
    assert recipe_id(again) == recipe_id(recipe)


def test_identities_of_released_recipes() -> None:
    identities = {recipe.name: recipe_id(recipe)[:16] for recipe in CLOSED}
    assert identities["ptceo2-18k"] == "e1756058f110e2e7"
    assert identities["quickstart"] == "7429ffffb0e1ff90"


def test_id_ignores_spelling_but_no_value(tiny_table: dict[str, Any]) -> None:
    before = recipe_id(parse_recipe(tiny_table, "t"))
    tiny_table["microscope"]["energy_keV"] = 300
    tiny_table["factors"]["defocus_nm"] = [4.0, 10.0]
    assert recipe_id(parse_recipe(tiny_table, "t")) == before
    tiny_table["factors"]["defocus_nm"] = [4.0, 10.5]
    assert recipe_id(parse_recipe(tiny_table, "t")) != before


def test_models_are_the_product_of_their_lists(tiny_recipe: Recipe) -> None:
    assert [model.name for model in tiny_recipe.models] == [
        "Small-D0_flat_12A",
        "Small-D1_flat_12A",
        "Small-Dh_flat_12A",
    ]
    assert tiny_recipe.n_images == 12
    assert tiny_recipe.images_per_shard == 4


def spoil(table: dict[str, Any], dotted: str, value: Any) -> None:
    *groups, key = dotted.split(".")
    for group in groups:
        table = table[group]
    if value is None:
        del table[key]
    else:
        table[key] = value


@pytest.mark.parametrize(
    ("dotted", "value", "message"),
    [
        ("microscope.dose_e_per_px", -0.45, ["microscope.dose_e_per_px", "at least 0.01", "-0.45"]),
        ("microscope.dose_e_per_px", "0.45", ["a number", "'0.45'"]),
        ("microscope.dose_e_per_px", float("nan"), ["finite"]),
        ("microscope.dose_e_per_px", True, ["a number", "True"]),
        ("microscope.voltage", 300, ["microscope.voltage", "unknown key"]),
        ("microscope.energy_keV", None, ["microscope.energy_keV", "missing"]),
        ("factors.tilts_deg", [[40, 0]], ["factors.tilts_deg[0][0]", "at most 10", "40"]),
        ("factors.tilts_deg", [[1]], ["factors.tilts_deg[0]", "a pair"]),
        ("factors.defocus_nm", None, ["factors.defocus_nm", "missing"]),
        ("factors.defocus", [4], ["factors.defocus", "no unit", "defocus_nm"]),
        ("factors.defocus_A", [40], ["factors.defocus_A", "another unit", "defocus_nm"]),
        ("factors.defocus_nm", [], ["at least one value"]),
        ("factors.defocus_nm", [4, 4], ["distinct"]),
        ("factors.defocus_nm", 4, ["a list of numbers"]),
        ("seed", 1.5, ["a whole number"]),
        ("seed", -1, ["at least 0"]),
        ("version", "1", ["version"]),
        ("particles.Small.rows", [], ["particles.Small.rows", "at least one row"]),
        ("particles.Small.sites.S1", [9, 0], ["particles.Small.sites.S1", "row from 0 to 1"]),
        (
            "particles.Small.lattice_A",
            4.078,
            ["3.846 to 4.002", "platinum", "got 4.078", "no other"],
        ),
        (
            "particles.Small.lattice_A",
            3.803,
            ["particles.Small.lattice_A", "strained by at most 2%"],
        ),
        ("particles.Small.lattice_A", "gold", ["lattice_A: expected a number, got 'gold'"]),
        ("particles.Small.gap_A", 0.5, ["particles.Small.gap_A", "at least 2"]),
        ("particles.Small.element", "Au", ["particles.Small.element", "unknown key"]),
        ("simulation.displacement_A.Au", 0.07, ["displacement_A.Au", "only Pt, Ce, O", "no other"]),
        ("simulation.displacement_A.O", 0.4, ["displacement_A.O", "at most 0.25"]),
        ("defects.D1.S1", "whole", ["defects.D1.S1", "half"]),
        ("defects.D1.S9", 0, ["no site S9 (D1)"]),
        ("supports.flat.layers", [10], ["supports.flat.layers", "15 values"]),
        (
            "supports.flat.vacancies",
            [{"place": 15, "of": "Ce", "share": "all"}],
            ["supports.flat.vacancies[0].place", "at most 14", "vacancies[0].of", "O, CeO2"],
        ),
        (
            "supports.flat.vacancies",
            [{"place": 1, "of": "O", "share": "all"}] * 2,
            ["supports.flat.vacancies", "every place once"],
        ),
        ("splits.test_models", [], ["splits.test_models", "at least one model"]),
        ("splits.test_models", ["Nobody"], ["splits.test_models", "no such model: Nobody"]),
        ("splits.test_images", 0, ["splits.test_images", "at least 1"]),
        ("tracks", {"structure": ["Big"]}, ["tracks.structure", "no image with Big"]),
        ("tracks", {"tilts_deg": [[0, 1]]}, ["tracks.tilts_deg", "no image with [0.0, 1.0]"]),
        ("tracks", {"thickness": [12]}, ["tracks.thickness", "no unit", "thickness_A"]),
        ("tracks", {"contrast": ["grey"]}, ["tracks.contrast[0]", "black, intermediate, white"]),
        ("tracks", {"defect": []}, ["tracks.defect", "at least one value"]),
        ("simulation.aperture_per_A", 2.5, ["simulation.aperture_per_A", "detector_grid"]),
        ("seed", 10**400, ["seed", "at most 64 bits", "a huge number"]),
        ("microscope.dose_e_per_px", 10**400, ["at most 64 bits"]),
        ("name", "x" * 200, ["name"]),
        ("description", "a\x1b[31mb", ["description", "control characters"]),
        ("splits.test_models", ["Small-D0_flat_12A"] * 2, ["splits.test_models", "twice"]),
        ("box.image_width_px", 161, ["box.cell_height_A", "whole number of pixels", "201.25"]),
        ("box.image_height_A", 1e-7, ["box.image_height_A", "whole number of pixels"]),
        ("box.image_width_px", 16, ["box.image_width_px", "at least 126"]),
        ("box", 3, ["box", "a table"]),
        ("models", "all", ["models", "an array of tables"]),
    ],
)
def test_mistakes_name_the_key_and_the_values_expected_and_found(
    tiny_table: dict[str, Any], dotted: str, value: Any, message: list[str]
) -> None:
    spoil(tiny_table, dotted, value)
    with pytest.raises(RecipeError) as caught:
        parse_recipe(tiny_table, "my.toml")
    line = str(caught.value)
    assert line.startswith("my.toml: ")
    assert "\n" not in line
    for part in message:
        assert part in line


def test_all_mistakes_are_reported_together(tiny_table: dict[str, Any]) -> None:
    spoil(tiny_table, "microscope.dose_e_per_px", -1)
    spoil(tiny_table, "factors.tilts_deg", [[40, 0]])
    spoil(tiny_table, "colour", "blue")
    with pytest.raises(RecipeError, match="3 mistakes") as caught:
        parse_recipe(tiny_table, "my.toml")
    for part in ("dose_e_per_px", "tilts_deg", "colour"):
        assert part in str(caught.value)


def test_wrong_block_of_models_is_named(tiny_table: dict[str, Any]) -> None:
    tiny_table["models"][0]["particles"] = ["Large"]
    with pytest.raises(RecipeError, match=r"models\[0\].particles\[0\].*Small.*Large"):
        parse_recipe(tiny_table, "my.toml")


def test_unknown_recipe_names_the_known() -> None:
    with pytest.raises(RecipeError, match="quickstart"):
        load_recipe("quickstrat")


def test_a_file_that_is_not_toml_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("name = ")
    with pytest.raises(RecipeError, match="not valid TOML"):
        load_recipe(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RecipeError, match="not a text file"):
        load_recipe(path)
    with pytest.raises(RecipeError, match="no such"):
        load_recipe(tmp_path / "nowhere.toml")


def test_a_mistake_is_reported_once_and_a_list_of_mistakes_is_cut(
    tiny_table: dict[str, Any],
) -> None:
    del tiny_table["box"]
    tiny_table["factors"]["tilts_deg"] = [0, 0]
    tiny_table["factors"]["defocus_nm"] = ["x"] * 1000
    with pytest.raises(RecipeError, match="1004 mistakes") as caught:
        parse_recipe(tiny_table, "my.toml")
    message = str(caught.value)
    assert "box: missing (a table with width_A, image_height_A, cell_height_A, image_wi" in message
    assert message.count("width_A") == 1
    assert "and 954 more" in str(caught.value)


def test_an_odd_key_is_quoted(tiny_table: dict[str, Any]) -> None:
    tiny_table["box.width\n\x1b[31m"] = 3
    with pytest.raises(RecipeError) as caught:
        parse_recipe(tiny_table, "my.toml")
    assert '"box.width\\n\\u001b[31m": unknown key' in str(caught.value)
    assert str(caught.value).isprintable()


def test_large_seeds_differ(tiny_table: dict[str, Any]) -> None:
    found = []
    for seed in (2**62, 2**62 + 1):
        tiny_table["seed"] = seed
        found.append(parse_recipe(tiny_table, "my.toml"))
    assert found[0].seed != found[1].seed
    assert recipe_id(found[0]) != recipe_id(found[1])


def test_byte_order_mark_and_nesting(tmp_path: Any, tiny_recipe_file: Any) -> None:
    path = tmp_path / "r.toml"
    path.write_bytes(b"\xef\xbb\xbf" + tiny_recipe_file.read_bytes())
    assert recipe_id(load_recipe(path)) == recipe_id(load_recipe(tiny_recipe_file))
    path.write_text("seed = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(RecipeError, match="nested too deeply"):
        load_recipe(path)
