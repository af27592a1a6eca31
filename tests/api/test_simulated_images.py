"""`tembench.simulate`: the images that a store of the recipe has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gold_recipes import tiny_drawn

import tembench as tb
from tembench.recipe import Recipe


def test_a_model_is_simulated_as_in_a_store(
    tiny_recipe: Recipe, tiny_table: dict[str, Any], tiny_store_path: Path
) -> None:
    store = tb.open_store(tiny_store_path)
    number, name = 1, tiny_recipe.models[1].name
    made = tb.simulate(tiny_table, name)
    first = tiny_recipe.first_image(number)
    for index in (0, len(made.clean) - 1):
        np.testing.assert_array_equal(made.clean[index], store.clean(first + index))
        np.testing.assert_array_equal(made.noisy[index], store.noisy(first + index))
    np.testing.assert_array_equal(made.exit_waves, store.waves(number))
    known = [c for c in made.table if c in store.table]
    expected = store.table.loc[made.table.index, known]
    pd.testing.assert_frame_equal(made.table[known], expected, check_dtype=False)
    sites = store.sites(first)
    assert made.columns[0]["x_A"].to_numpy() == pytest.approx(sites.x_A[sites.atoms > 0])
    assert "columns" in repr(made)
    assert len(tb.simulate(tiny_recipe, 0, images=2).noisy) == 2


def test_a_drawn_specimen_is_simulated_as_in_a_store(tiny_drawn_path: Path) -> None:
    store, recipe = tb.open_store(tiny_drawn_path), tiny_drawn()
    number = int(store.images("model", "test")[0])
    made = tb.simulate(recipe, 0, part="test", images=1)
    np.testing.assert_array_equal(made.clean[0], store.clean(number))
    np.testing.assert_array_equal(made.noisy[0], store.noisy(number))
    row = made.table.iloc[0]
    assert row["model"] == store.table["model"].loc[number]
    assert row["C10_nm"] == store.table["C10_nm"].loc[number]
    sites = store.sites(number)
    assert made.columns[0]["x_A"].to_numpy() == pytest.approx(sites.x_A, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"specimen": 99}, "no such specimen.*expected 0 to"),
        ({"specimen": "PtNp9"}, "no such specimen"),
        ({"images": 0}, "no image"),
    ],
)
def test_what_is_not_there_is_told(
    tiny_recipe: Recipe, arguments: dict[str, Any], message: str
) -> None:
    for recipe in (tiny_recipe, tiny_drawn()):
        with pytest.raises(tb.TembenchError, match=message):
            tb.simulate(recipe, **arguments)
    with pytest.raises(tb.TembenchError, match=r"one of .*'train'"):
        tb.simulate(tiny_drawn(), part="exam")
