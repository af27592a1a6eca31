"""Canonical form and identity of drawn recipes, and reading back without opening a file."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tembench.core import RecipeError, list_recipes
from tembench.recipe import (
    DrawnRecipe,
    canonical_form,
    from_canonical_form,
    load_recipe,
    recipe_files,
    recipe_id,
)

Parse = Callable[[dict[str, Any]], DrawnRecipe]


def texts(recipe: DrawnRecipe) -> dict[str, tuple[str, str]]:
    return {file.sha256: (file.name, file.text) for file in recipe_files(recipe)}


def test_reads_back(drawn_table: dict[str, Any], parse: Parse) -> None:
    drawn_table["specimens"]["pt"] = {"pt": {"kind": "ptceo2"}}
    drawn_table["specimens"]["pt"]["film"] = {"kind": "film", "thickness_A": {"normal": [40, 2]}}
    drawn_table["frame"]["pixel_size_A"] = {"grid": [0.1, 0.2]}
    drawn_table["physics"] = {"padding_A": 20, "displacement_A": {"Au": 0.09}}
    packaged = [load_recipe(name) for name in list_recipes()]
    for recipe in (parse(drawn_table), *(r for r in packaged if isinstance(r, DrawnRecipe))):
        again = from_canonical_form(canonical_form(recipe), files=texts(recipe))
        assert again == recipe
        assert recipe_id(again) == recipe_id(recipe)


def test_parts_of_their_own_read_back(drawn_table: dict[str, Any], parse: Parse) -> None:
    drawn_table["draws"] |= {"movie": 3, "images_each": {"train": 5, "test": 2}}
    drawn_table["movie"] = {"dose_e_per_A2": 9, "frames": 4, "detector": "ideal"}
    drawn_table["grouping"] = {"microscope": "ptceo2-18k"}
    drawn_table["specimens"]["above"]["material"] = "gold on carbon"
    recipe = parse(drawn_table)
    assert recipe.images_each == {"train": 5, "validation": 1, "dev": 1, "test": 2, "movie": 1}
    assert (recipe.images_per_specimen("train"), recipe.images_per_specimen("movie")) == (5, 4)
    assert recipe.n_images == 4 * 5 + 1 + 1 + 2 * 2 + 3 * 4
    again = from_canonical_form(canonical_form(recipe), files=texts(recipe))
    assert again == recipe
    assert again.kinds["above"].material == "gold on carbon"


def test_a_part_without_specimens_is_not_part_of_the_identity(
    drawn_table: dict[str, Any], parse: Parse
) -> None:
    before = recipe_id(parse(drawn_table))
    drawn_table["draws"]["images_each"] = dict.fromkeys(("train", "validation", "dev", "test"), 2)
    assert recipe_id(parse(drawn_table)) == before
    assert '"movie"' not in canonical_form(parse(drawn_table))
    drawn_table["draws"]["movie"] = 1
    assert recipe_id(parse(drawn_table)) != before


def test_identity_is_that_of_the_values(
    drawn_table: dict[str, Any], parse: Parse, recipe_folder: Path
) -> None:
    before = recipe_id(parse(drawn_table))
    drawn_table["physics"] = {"slice_thickness_A": 1}
    drawn_table["specimens"]["above"]["particle"]["rotation_deg"] = 0
    drawn_table["draws"]["train"] = 4
    (recipe_folder / "same.cif").write_bytes((recipe_folder / "Au.cif").read_bytes())
    drawn_table["specimens"]["above"]["particle"]["file"] = "same.cif"
    assert recipe_id(parse(drawn_table)) == before
    (recipe_folder / "other.cif").write_text("data_Au \n")
    drawn_table["specimens"]["above"]["particle"]["file"] = "other.cif"
    assert recipe_id(parse(drawn_table)) != before
    drawn_table["specimens"]["above"]["particle"]["file"] = "Au.cif"
    drawn_table["exposure"]["dose_e_per_A2"] = {"log_uniform": [50, 501]}
    assert recipe_id(parse(drawn_table)) != before


def test_no_file_is_opened_for_a_store(
    drawn_table: dict[str, Any], parse: Parse, recipe_folder: Path
) -> None:
    recipe = parse(drawn_table)
    form = canonical_form(recipe)
    assert str(recipe_folder) not in form
    with pytest.raises(RecipeError, match=r"particle.file: no text with this SHA-256"):
        from_canonical_form(form)
    path = str(recipe_folder / "Au.cif")
    table = json.loads(form)
    table["specimens"]["above"]["particle"]["file"] = path
    with pytest.raises(RecipeError, match="no text with this SHA-256"):
        from_canonical_form(json.dumps(table), files={path: ("Au.cif", "data_Au\n")})


def test_another_text_is_refused(drawn_table: dict[str, Any], parse: Parse) -> None:
    recipe = parse(drawn_table)
    (file,) = recipe_files(recipe)
    with pytest.raises(RecipeError, match="no text with this SHA-256"):
        from_canonical_form(
            canonical_form(recipe), files={file.sha256: (file.name, file.text + " ")}
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t["exposure"].update(dose_e_per_A2=-1), "exposure.dose_e_per_A2.*at least"),
        (lambda t: t["exposure"].pop("frames"), "exposure.frames"),
        (lambda t: t["draws"].update(train=4.0), "draws.train"),
        (lambda t: t["draws"].clear(), "at least one specimen"),
        (lambda t: t.update(box={}), "box: unknown key"),
    ],
)
def test_what_is_no_canonical_form_is_refused(
    drawn_table: dict[str, Any], parse: Parse, change: Callable[[Any], Any], message: str
) -> None:
    recipe = parse(drawn_table)
    table = json.loads(canonical_form(recipe))
    change(table)
    text = json.dumps(table, sort_keys=True, separators=(",", ":"))
    with pytest.raises(RecipeError, match=message):
        from_canonical_form(text, files=texts(recipe))


@pytest.mark.slow
def test_junk_from_a_store_is_a_recipe_error(drawn_table: dict[str, Any], parse: Parse) -> None:
    recipe = parse(drawn_table)
    files = texts(recipe)
    whole = json.loads(canonical_form(recipe))
    for path in paths(whole):
        for junk in (None, [[1]], {"choice": [{"choice": [1]}]}):
            table = copy.deepcopy(whole)
            place = table
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = junk
            text = json.dumps(table, sort_keys=True, separators=(",", ":"))
            with contextlib.suppress(RecipeError):
                assert canonical_form(from_canonical_form(text, files=files)) == text


def paths(value: Any) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in items:
        found += [(key,)]
        if isinstance(inner, dict | list):
            found += [(key, *rest) for rest in paths(inner)]
    return found
