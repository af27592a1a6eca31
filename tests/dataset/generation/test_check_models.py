"""Recipes without a mistake of syntax whose models are impossible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tembench.core.errors import RecipeError
from tembench.dataset.generation.check_models import check_specimens, load_checked_recipe
from tembench.recipe import load_recipe, parse_recipe

SMALL = {"start": -1, "atoms": [3, 4, 5, 4]}


@pytest.mark.slow
def test_the_recipes_that_come_with_tembench_can_be_built() -> None:
    assert load_checked_recipe("quickstart") == load_recipe("quickstart")


def rows(table: dict[str, Any], *found: dict[str, Any]) -> None:
    table["particles"]["Small"]["rows"] = list(found)


def layers(table: dict[str, Any], found: list[int]) -> None:
    table["supports"]["flat"]["layers"] = found


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: rows(t, *[{"start": 0, "atoms": [3, 3, 3]}] * 12), "inside the image"),
        (lambda t: rows(t, {"start": 12, "atoms": [3, 4, 3]}, SMALL), "in pieces: 4 of 7"),
        (lambda t: rows(t, {"start": 0, "atoms": [3] * 30}), "70 A wide; expected less"),
        (lambda t: rows(t, {"start": 0, "atoms": [3, 4, 99]}, SMALL), "along the beam"),
        (lambda t: t["defects"]["D1"].update(S1=77), "along the beam"),
        (lambda t: rows(t, {"start": 0, "atoms": [1]}), "D1_flat_12A: the particle has no atoms"),
        (lambda t: layers(t, [30] * 15), "support reaches 116.2 A"),
        (lambda t: layers(t, [12] + [10] * 14), "away from the support"),
        (lambda t: t["box"].update(image_height_A=10.0), "inside the image, 0 to 10 A"),
        (lambda t: t["models"][0].update(thickness_A=[12, 12.1]), "12.1A: the same atoms as Small"),
        (lambda t: t["particles"]["Small"]["sites"].update(S1=[0, 3]), "the same atoms as"),
        (
            lambda t: (
                t["box"].update(width_A=60.0, image_height_A=60.0, image_width_px=192),
                t["simulation"].update(detector_grid=[160, 160]),
            ),
            "box.width_A: expected 49.6 A for the 15 columns of the support 'flat', to 0.6 A",
        ),
        (
            lambda t: (
                t["box"].update(width_A=48.0, image_height_A=48.0, cell_height_A=60.0),
                t["simulation"].update(aperture_per_A=0.6),
            ),
            "box.width_A: expected 49.6 A",
        ),
    ],
)
def test_impossible_models_are_refused(
    tiny_table: dict[str, Any], spoil: Any, message: str
) -> None:
    spoil(tiny_table)
    recipe = parse_recipe(tiny_table, "my.toml")
    with pytest.raises(RecipeError) as caught:
        check_specimens(recipe, "my.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("my.toml: ")


def test_a_mistake_of_many_models_is_reported_once(
    tiny_table: dict[str, Any], tmp_path: Path
) -> None:
    layers(tiny_table, [30] * 15)
    with pytest.raises(RecipeError, match="Small-D0_flat_12A and 2 more models: the support") as c:
        check_specimens(parse_recipe(tiny_table, "my.toml"), "my.toml")
    assert "mistakes" not in str(c.value)
