"""Input store: the same images and outputs as the data set, and no truth."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import zarr

from tembench.core.errors import StoreError, TembenchError
from tembench.dataset.generation.input_store import Inputs, open_inputs, write_inputs
from tembench.dataset.store import Store, open_store
from tembench.methods.method import load_method
from tembench.methods.runs.denoise import denoise


@pytest.fixture
def store(tiny_store_path: Path) -> Store:
    return open_store(tiny_store_path)


@pytest.fixture
def inputs(store: Store, tmp_path: Path) -> Path:
    write_inputs(store, tmp_path / "inputs.zarr")
    return tmp_path / "inputs.zarr"


def arrays_of(outputs: Path) -> bytes:
    found = zarr.open_array(outputs / "denoised.zarr" / "denoised", mode="r")
    return np.asarray(found[...]).tobytes()


@pytest.mark.slow
def test_methods_have_the_same_inputs_and_outputs_as_on_the_store(
    store: Store, inputs: Path, tmp_path: Path
) -> None:
    alone = open_inputs(inputs)
    assert isinstance(alone, Inputs)
    for image in store.images():
        assert alone.noisy(image).dtype == store.noisy(image).dtype
        assert np.array_equal(alone.noisy(image), store.noisy(image))
        assert alone.dose_of(image) == store.dose_of(image)
        assert alone.series(image) == store.series(image)
    method = load_method("gaussian")
    first = denoise(method, store, tmp_path / "first", workers=0)
    second = denoise(method, alone, tmp_path / "second", workers=0)
    assert hashlib.sha256(arrays_of(first)).digest() == hashlib.sha256(arrays_of(second)).digest()
    identities = [
        dict(zarr.open_group(path / "denoised.zarr", mode="r").attrs) for path in (first, second)
    ]
    assert identities[0]["tembench_identity"] == identities[1]["tembench_identity"]


@pytest.mark.slow
def test_inputs_contain_no_truth(store: Store, inputs: Path) -> None:
    group = zarr.open_group(inputs, mode="r")
    assert set(group.array_keys()) == {
        "noisy", "image", "under_test", "series", "place", "whole_counts", "dose", "defocus_nm",
        "pixel_size_A", "digest",
    }  # fmt: skip
    assert not {"seed", "recipe_text"} & set(group.attrs)
    assert str(store.recipe.seed) not in [str(value) for value in group.attrs.values()]
    with pytest.raises(TembenchError, match="no clean image"):
        denoise(load_method("clean"), open_inputs(inputs), inputs.parent / "out", workers=0)
    with pytest.raises(StoreError, match="not a data set"):
        open_store(inputs)


@pytest.mark.slow
def test_inputs_contain_one_part_only(inputs: Path) -> None:
    with pytest.raises(StoreError, match="the test part of split model, which it contains"):
        open_inputs(inputs).images("model", "test-full")


@pytest.mark.slow
def test_a_lost_image_is_not_read_as_zeros(store: Store, inputs: Path) -> None:
    (inputs / "noisy" / "c" / "0" / "0" / "0").unlink()
    alone = open_inputs(inputs)
    first = int(alone.images()[0])
    with pytest.raises(StoreError, match=f"image {first} is damaged"):
        alone.noisy(first)


@pytest.mark.slow
def test_an_existing_folder_is_not_overwritten(store: Store, inputs: Path) -> None:
    with pytest.raises(StoreError, match="exists already"):
        write_inputs(store, inputs)


def test_a_store_is_opened_as_before(tiny_store_path: Path, tmp_path: Path) -> None:
    assert isinstance(open_inputs(tiny_store_path), Store)
    with pytest.raises(StoreError, match="no such data set"):
        open_inputs(tmp_path / "nowhere")
