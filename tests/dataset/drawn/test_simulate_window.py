"""Generation of a drawn data set: the same values with any workers, order and number of others."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_recipes import drawn_recipe

from tembench.core.errors import StoreError
from tembench.dataset import open_store
from tembench.dataset.drawn.drawn_store import DrawnStore
from tembench.dataset.generation import generate as build
from tembench.dataset.generation.create_store import create_store
from tembench.dataset.generation.generate import generate
from tembench.recipe import DrawnRecipe

pytestmark = pytest.mark.slow


def test_workers_change_no_value(drawn: DrawnRecipe, drawn_store: DrawnStore, tmp_path: Path):
    assert generate(drawn, tmp_path / "2.zarr", workers=2).tasks == 6
    assert open_store(tmp_path / "2.zarr").data_digest() == drawn_store.data_digest()


def test_order_changes_no_value_and_the_end_writes_coordinates(
    drawn: DrawnRecipe, drawn_store: DrawnStore, tmp_path: Path
) -> None:
    path = tmp_path / "backwards.zarr"
    create_store(path, drawn)
    for number in reversed(range(drawn_store.contents.n_tasks)):
        build.build_task(str(path), number)
    with pytest.raises(StoreError, match="its coordinates do not belong to its images"):
        open_store(path)
    assert not (path / "C10_nm").exists()
    assert generate(drawn, path, workers=0).tasks == 0
    assert open_store(path).data_digest() == drawn_store.data_digest()
    assert (path / "C10_nm").exists()


def test_a_stopped_generation_resumes(
    drawn: DrawnRecipe, drawn_store: DrawnStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, simulate = tmp_path / "stopped.zarr", build.simulate_task

    def stop_at_fourth(recipe: DrawnRecipe, number: int, *rest: Any) -> Any:
        if number == 3:
            raise KeyboardInterrupt
        return simulate(recipe, number, *rest)

    monkeypatch.setattr(build, "simulate_task", stop_at_fourth)
    with pytest.raises(KeyboardInterrupt):
        generate(drawn, path, workers=0)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="3 of 6 windows missing"):
        open_store(path)
    assert generate(drawn, path, workers=0).tasks == 3
    assert open_store(path).data_digest() == drawn_store.data_digest()


def test_more_specimens_to_train_on_move_no_value(drawn_store: DrawnStore, tmp_path: Path) -> None:
    generate(drawn_recipe(tmp_path, {"draws.train": 7}), tmp_path / "more.zarr", workers=0)
    more = open_store(tmp_path / "more.zarr")
    for part in ("train", "validation", "dev", "test"):
        numbers = drawn_store.images("model", part)
        others = more.images("model", part)[: len(numbers)]
        for one, other in zip(numbers, others, strict=True):
            np.testing.assert_array_equal(drawn_store.packed(one), more.packed(other))
            np.testing.assert_array_equal(drawn_store.noisy(one), more.noisy(other))
            np.testing.assert_array_equal(drawn_store.noisy_copy(one, 2), more.noisy_copy(other, 2))
            np.testing.assert_array_equal(drawn_store.particle_mask(one), more.particle_mask(other))
    assert drawn_store.recipe_id != more.recipe_id


def test_the_last_shard_has_fewer_images(drawn_store: DrawnStore) -> None:
    contents = drawn_store.contents
    assert contents.images_per_shard == 4
    assert (contents.images_of(5).start, contents.images_of(5).stop) == (20, 22)
    assert drawn_store.clean(21).shape == (48, 64)
    assert len({drawn_store.clean(image).tobytes() for image in range(22)}) == 22


def test_columns_follow_atoms_that_jump(tmp_path: Path) -> None:
    recipe = drawn_recipe(
        tmp_path,
        {
            **{f"draws.{part}": 0 for part in ("train", "validation", "dev")},
            "draws.test": 3,
            "exposure.jump_share": 1.0,
            "exposure.frames": 4,
            "specimens.tilted": None,
            "specimens.amorphous": None,
            "truth.components": ["particle"],
            "specimens.upright.particle.x": 0.5,
            "specimens.upright.particle.y": 0.5,
            "specimens.upright.particle.count": 1,
        },
    )
    generate(recipe, tmp_path / "jumps.zarr", workers=0)
    store = open_store(tmp_path / "jumps.zarr")
    assert isinstance(store, DrawnStore)
    assert store.contents.n_waves == 0
    moved = 0
    for first in range(0, 12, 4):
        rest = [store._columns_at_rest(image) for image in range(first, first + 4)]
        assert len({columns.atoms.sum() for columns in rest}) == 1
        moved += sum(sorted(a.atoms) != sorted(b.atoms) for a, b in itertools.pairwise(rest))
        of_model = store.columns(store.table["model"].iloc[first])
        np.testing.assert_array_equal(of_model.atoms, rest[0].atoms)
    assert moved
    assert store.files.read("columns/x", ...).shape == (
        sum(len(store._columns_at_rest(image).atoms) for image in (0, 4, 8)),
    )


def test_a_drawn_recipe_is_not_simulated_on_a_device_without_saying_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="simulated on the processor"):
        generate(drawn_recipe(tmp_path), tmp_path / "device.zarr", device="cuda")
