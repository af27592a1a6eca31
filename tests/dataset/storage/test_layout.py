"""Layout of a store as xarray and plain Zarr show it."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr

from tembench.dataset import open_store
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.verify import verify
from tembench.dataset.image_table import factors_under_test
from tembench.dataset.storage.layout import consolidate
from tembench.recipe import Recipe


@pytest.mark.slow
def test_xarray_shows_dimensions_coordinates_and_units(tiny_store_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = xr.open_zarr(tiny_store_path)
    assert data["clean"].dims == ("image", "y", "x")
    assert data["noisy"].dims == ("test_image", "y", "x")
    assert data["noisy_copies"].dims == ("copy", "test_image", "y", "x")
    assert data["clean"].units == "electron / pixel"
    assert data["x"].units == "angstrom"
    assert data["defocus_nm"].units == "nm"
    assert data["tilt_x_deg"].units == "degree"
    for factor in ("model", "particle", "defect", "support", "contrast", "split_model"):
        assert data[factor].dims == ("image",)
        assert factor in data.coords
    store = open_store(tiny_store_path)
    np.testing.assert_allclose(data["clean"][5].values, store.clean(5), atol=1e-7)
    chosen = data["clean"].isel(image=data["test_image"].values)
    assert set(chosen["split_model"].values[-4:]) == {"test"}


@pytest.mark.slow
def test_noisy_images_carry_the_factors_of_their_own(tiny_store_path: Path) -> None:
    data = xr.open_zarr(tiny_store_path)
    table = open_store(tiny_store_path).table
    for name in ("noisy", "noisy_copies"):
        for factor in table.columns.drop("contrast"):
            found = data[name].coords[f"test_{factor}"]
            assert found.dims == ("test_image",)
            assert found.values.tolist() == table.loc[data["test_image"].values, factor].tolist()
    assert data["test_defocus_nm"].units == "nm"
    # There are more of them than the test of any split has.
    of_test = data["noisy"].test_split_model == "test"
    test = data["noisy"].isel(test_image=of_test.values)
    assert test["test_image"].values.tolist() == open_store(tiny_store_path).images().tolist()
    assert len(test) < len(data["noisy"])
    # What only the images show comes by their number.
    together = data["clean"].sel(image=test["test_image"])
    assert together["contrast"].dims == ("test_image",)


@pytest.mark.slow
def test_a_store_without_factors_of_its_noisy_images_is_valid(
    tiny_recipe: Recipe, tiny_store_path: Path, store_copy: Path
) -> None:
    for name in factors_under_test(tiny_recipe):
        shutil.rmtree(store_copy / name)
    group = zarr.open_group(str(store_copy), mode="r+", use_consolidated=False)
    for name in ("noisy", "noisy_copies"):
        del group[name].attrs["coordinates"]
    consolidate(store_copy)
    store = open_store(store_copy)
    assert store.data_digest() == open_store(tiny_store_path).data_digest()
    assert verify(store).good
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).tasks == 0


def test_plain_zarr_reads_it(tiny_store_path: Path) -> None:
    group = zarr.open_group(str(tiny_store_path), mode="r")
    assert group["clean"].dtype == np.uint16
    assert group["clean"].attrs["scale_factor"] == 2**-11
