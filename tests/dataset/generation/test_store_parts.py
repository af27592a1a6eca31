from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_recipes import drawn_recipe

from tembench.core import StoreError
from tembench.dataset import describe_store, generate, open_store, verify
from tembench.recipe import load_recipe


@pytest.mark.slow
def test_parts_are_those_of_the_whole_store(drawn_store_path: Path, tmp_path: Path) -> None:
    whole = open_store(drawn_store_path)
    generate(whole.recipe, tmp_path / "some.zarr", workers=0, parts=["test"])
    some = open_store(tmp_path / "some.zarr")
    assert some.recipe_id == whole.recipe_id
    images = some.images("model", "test")
    assert images.tolist() == whole.images("model", "test").tolist()
    for image in images:
        assert np.array_equal(some.clean(image), whole.clean(image))
        assert np.array_equal(some.noisy(image), whole.noisy(image))
    model = some.table.loc[images[0], "model"]
    assert some.columns(model).x_A.tolist() == whole.columns(model).x_A.tolist()
    pd.testing.assert_frame_equal(
        some.table.loc[images], whole.table.loc[images], check_dtype=False
    )
    with pytest.raises(StoreError, match="train part was not generated"):
        some.images("model", "train")
    assert describe_store(some)["parts"] == ["test"]
    assert not verify(some, sample=1).damaged_shards
    # The rest can follow later.
    generate(whole.recipe, tmp_path / "some.zarr", workers=0)
    assert open_store(tmp_path / "some.zarr").data_digest() == whole.data_digest()


def test_unknown_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such part"):
        generate(drawn_recipe(tmp_path), tmp_path / "a.zarr", workers=0, parts=["exam"])
    with pytest.raises(StoreError, match="no such part"):
        generate(load_recipe("quickstart"), tmp_path / "b.zarr", workers=0, parts=["test"])
    assert not list(tmp_path.glob("*.zarr"))
