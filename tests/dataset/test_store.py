"""Reader of a data set: images, noise, splits and masks."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import zarr

from tembench.core.errors import StoreError
from tembench.dataset import open_store
from tembench.dataset.generation.generate import generate
from tembench.recipe import Recipe


def test_images_hold_the_dose_in_vacuum(tiny_store_path: Path) -> None:
    store = open_store(tiny_store_path)
    for image in range(12):
        vacuum = store.clean(image)[:30]
        assert vacuum.mean() == pytest.approx(0.45, rel=0.01)


def test_noisy_images_and_copies_are_independent_draws_of_the_clean(tiny_store_path: Path) -> None:
    store = open_store(tiny_store_path)
    image = int(store.images()[0])
    clean = store.clean(image)
    copies = [store.noisy(image), *(store.noisy_copy(image, copy) for copy in (1, 2, 3))]
    for number, counts in enumerate(copies):
        assert counts.dtype == np.uint8
        assert counts.mean() == pytest.approx(clean.mean(), abs=0.02)
        for other in copies[:number]:
            residuals = np.corrcoef((counts - clean).ravel(), (other - clean).ravel())
            assert abs(residuals[0, 1]) < 0.03


def test_stored_counts_are_those_drawn_from_the_seed(tiny_store_path: Path) -> None:
    from tembench.simulation.detector import draw_counts

    store = open_store(tiny_store_path)
    image = int(store.images()[1])
    np.testing.assert_array_equal(
        store.noisy(image), draw_counts(store.clean(image), store.recipe.seed, image)
    )


def test_splits(tiny_store_path: Path) -> None:
    store = open_store(tiny_store_path)
    parts = {part: store.images("model", part) for part in ("train", "validation", "test")}
    assert sorted(np.concatenate(list(parts.values()))) == list(range(12))
    models = [set(store.table.loc[images, "model"]) for images in parts.values()]
    assert not models[0] & models[2]
    assert not models[1] & models[2]
    with pytest.raises(StoreError, match="no such part"):
        store.images("defocus")


@pytest.mark.slow
def test_an_empty_part_is_refused(tiny_recipe: Recipe, tmp_path: Path) -> None:
    splits = dataclasses.replace(tiny_recipe.splits, paper_test_share=0.0)
    path = tmp_path / "no-paper-test.zarr"
    generate(dataclasses.replace(tiny_recipe, splits=splits), path, workers=0)
    with pytest.raises(StoreError, match="no image in the test part of split paper"):
        open_store(path).images("paper", "test")


@pytest.mark.slow
def test_particle_mask_surrounds_the_stored_columns(store_copy: Path) -> None:
    store = open_store(store_copy)
    image = 1  # tilted about y
    columns = store.columns("Small-D0_flat_12A")
    x, y = (place[columns.in_particle] for place in columns.projected((0.0, 2.0)))
    mask = store.particle_mask(image)
    rows, places = (np.rint(p / store.pixel_size_A).astype(int) for p in (y, x))
    assert mask[rows, places].all()
    area = mask.sum() * store.pixel_size_A**2
    assert np.pi * 2.0**2 < area < len(x) * np.pi * 2.0**2
    # What is stored decides, not what the recipe would build today.
    group = zarr.open_group(str(store_copy), mode="r+")
    group["columns/y"][:] = group["columns/y"][:] - 5.0
    moved = open_store(store_copy).particle_mask(image)
    shift = round(5.0 / store.pixel_size_A)
    np.testing.assert_array_equal(moved[:-shift], mask[shift:])


def test_places_of_the_training_are_those_of_its_models_at_the_tilt(tiny_store_path: Path) -> None:
    store = open_store(tiny_store_path)
    table = store.table
    for tilt_y_deg in (0.0, 2.0):
        chosen = table["tilt_y_deg"] == tilt_y_deg
        image = int(table.index[chosen & (table["defect"] == "Dh")][0])
        whole = store.sites(int(table.index[chosen & (table["defect"] == "D0")][0]))
        # The training is the whole particle alone.
        expected = whole.xy_A[whole.in_particle]
        found = store.training_columns(image)
        assert found is not None
        assert len(found) == len(expected) == 7
        distance = np.hypot(*(found[:, None] - expected[None]).T)
        assert distance.min(axis=0).max() < 0.08


def test_drawn_specimens_share_no_place(tiny_drawn_path: Path) -> None:
    assert open_store(tiny_drawn_path).training_columns(0) is None
