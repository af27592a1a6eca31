"""Descriptions of drawn recipes and stores."""

from __future__ import annotations

import json
from pathlib import Path

from drawn_recipes import drawn_recipe

from tembench.dataset import open_store
from tembench.dataset.reports.describe import (
    describe_recipe,
    describe_store,
    recipe_text,
    store_text,
)


def test_a_recipe_is_described(tmp_path: Path) -> None:
    content = describe_recipe(drawn_recipe(tmp_path))
    assert json.loads(json.dumps(content)) == content
    assert content["images"] == 22
    assert content["specimens"] == {"train": 5, "validation": 1, "dev": 1, "test": 4, "movie": 0}
    assert content["kinds"]["upright"]["components"] == {"support": "slab", "particle": "particle"}
    assert sum(kind["share"] for kind in content["kinds"].values()) == 1
    assert content["windows"] == 6
    text = recipe_text(content)
    assert "22, 2 of each of 11 specimens, 48 x 64 px of 0.15 to 0.2 A" in text
    assert "dose        50 to 500 e/A^2" in text


def test_a_store_tells_what_was_drawn(drawn_store_path: Path) -> None:
    store = open_store(drawn_store_path)
    content = describe_store(store)
    assert json.loads(json.dumps(content)) == content
    drawn = content["drawn"]
    assert drawn["specimens_with_columns"] == 6
    assert drawn["values"]["kind"] == {"upright": 12, "tilted": 8, "amorphous": 2}
    defocus = drawn["values"]["C10_nm"]
    assert defocus["least"] == store.table["C10_nm"].min()
    assert defocus["median"] == store.table["C10_nm"].median()
    assert "particle-2_x" in drawn["values"]
    text = store_text(content)
    assert "2 specimens drawn again, 2 times in all; 6 specimens have atomic columns" in text
