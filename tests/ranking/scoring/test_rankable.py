"""Which splits may rank: those that a look-up among the training images does not win.

The stores here are small draws of the shipped recipes, with their specimens and optics as released.
They show that images under test do not come back from a few others; that a look-up among all
training images fails too is measured by ``benchmarks/lookup_against_bm3d.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tembench.core import list_recipes
from tembench.core.paths import recipes_folder
from tembench.dataset import open_store
from tembench.dataset.generation.generate import generate
from tembench.ranking.scoring.rankable import LookUpMargin, look_up_margin
from tembench.recipe import DrawnRecipe, Recipe, load_recipe

SHIPPED = {name: load_recipe(recipes_folder() / f"{name}.toml") for name in list_recipes()}
DRAWN = [name for name, recipe in SHIPPED.items() if isinstance(recipe, DrawnRecipe)]
SMALL = {"train": 3, "validation": 1, "test": 1}


def small(recipe: DrawnRecipe) -> DrawnRecipe:
    """The first specimens of each part."""
    fewer = {part: min(count, SMALL.get(part, 0)) for part, count in recipe.specimens.items()}
    return dataclasses.replace(recipe, specimens=fewer, movie=None)


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
def test_a_look_up_knows_nothing_of_a_drawn_test(name: str, made_once: Callable[..., Path]) -> None:
    recipe = SHIPPED[name]
    assert isinstance(recipe, DrawnRecipe)
    path = made_once(f"small-{name}.zarr", lambda path: generate(small(recipe), path, workers=0))
    assert look_up_margin(open_store(path)).is_rankable


@pytest.mark.slow
def test_a_look_up_wins_a_closed_test(tiny_store_path: Path) -> None:
    found = look_up_margin(open_store(tiny_store_path), binning=2)
    assert not found.is_rankable
    assert found.margin_db > 3


def test_closed_recipes_are_the_only_ones_whose_models_have_siblings() -> None:
    closed = {name for name, recipe in SHIPPED.items() if isinstance(recipe, Recipe)}
    assert closed == {"ptceo2-18k", "quickstart", "stress"}


def test_models_weigh_equally() -> None:
    found = LookUpMargin(
        models=np.array(["a", "a", "a", "b"]),
        look_up_db=np.array([31.0, 31.0, 31.0, 33.0]),
        bm3d_db=np.array([32.0, 32.0, 32.0, 30.0]),
    )
    assert found.margin_db == pytest.approx(1.0)
    assert not found.is_rankable
