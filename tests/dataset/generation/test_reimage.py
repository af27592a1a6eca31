"""Reimaging: images from stored exit waves are identical to simulated ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from tembench.core.errors import StoreError
from tembench.dataset import open_store
from tembench.dataset.generation import generate as build
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.reimage import reimage
from tembench.dataset.generation.verify import verify
from tembench.recipe import Recipe, parse_recipe


def changed(table: dict[str, Any], **values: Any) -> Recipe:
    """The tiny recipe with other values, by their path with __ for dots."""
    for path, value in values.items():
        *way, key = path.split("__")
        inner = table
        for part in way:
            inner = inner[part]
        inner[key] = value
    return parse_recipe(table, "other")


@pytest.fixture
def other(tiny_table: dict[str, Any]) -> Recipe:
    """Other optics, dose, defoci, splits and pixels; fewer tilts and models, in another order."""
    tiny_table["models"][0]["defects"] = ["Dh", "D0"]
    return changed(
        tiny_table,
        name="other",
        seed=8,
        microscope__dose_e_per_px=0.2,
        microscope__c3_um=5.0,
        microscope__focal_spread_nm=2.0,
        factors__tilts_deg=[[0, 2]],
        factors__defocus_nm=[-3, 0, 12],
        box__image_width_px=180,
        box__image_height_A=40.0,
        splits__test_models=["Small-D0_flat_12A"],
        splits__validation_models=[],
    )


@pytest.mark.slow
def test_images_are_those_of_a_simulation(
    other: Recipe, tiny_store_path: Path, tmp_path: Path
) -> None:
    source = open_store(tiny_store_path)
    made = reimage(source, other, tmp_path / "reimaged.zarr", workers=0)
    assert made.tasks == 2
    assert made.images == 6
    assert "multislice" not in made.stages
    generate(other, tmp_path / "simulated.zarr", workers=0)
    reimaged, simulated = (open_store(tmp_path / f"{n}.zarr") for n in ("reimaged", "simulated"))
    assert reimaged.data_digest() == simulated.data_digest()
    np.testing.assert_array_equal(reimaged.clean(4), simulated.clean(4))
    assert [c.verdict for c in verify(reimaged, sample=2).sample] == ["exact", "exact"]
    assert reimaged.files.group.attrs["waves_from"] == {
        "recipe_id": source.recipe_id,
        "data_digest": source.data_digest(),
    }


@pytest.mark.slow
def test_a_stopped_reimaging_resumes_with_workers(
    other: Recipe, tiny_store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, path = open_store(tiny_store_path), tmp_path / "stopped.zarr"
    simulate, done = build.simulate_task, []

    def stop_at_second(recipe: Recipe, number: int, *rest: Any) -> build.ModelImages:
        if done:
            raise KeyboardInterrupt
        done.append(number)
        return simulate(recipe, number, *rest)

    monkeypatch.setattr(build, "simulate_task", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        reimage(source, other, path, workers=0)
    monkeypatch.undo()
    assert reimage(source, other, path, workers=1).tasks == 1
    assert reimage(source, other, path, workers=1).tasks == 0
    assert verify(open_store(path), sample=2).good


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"microscope__energy_keV": 200.0},
            r"energy_keV: 300\.0 in the store, 200\.0 in the recipe",
        ),
        ({"simulation__slice_thickness_A": 2.0}, "slice_thickness_A: 4.0 in the store, 2.0"),
        ({"box__cell_height_A": 75.0, "simulation__detector_grid": [128, 192]}, "cell_height_A"),
        ({"factors__tilts_deg": [[0, 2], [0, 3]]}, r"2 more models: no .* the tilts \(0, 3\)"),
        ({"defects__D1__S1": 1}, "Small-D1_flat_12A: other atoms than in the store"),
        ({"models": "thicker"}, "Small-D0_flat_20A and 2 more models: not in the store"),
    ],
)
def test_what_the_waves_depend_on_may_not_differ(
    tiny_table: dict[str, Any],
    tiny_store_path: Path,
    tmp_path: Path,
    values: dict[str, Any],
    message: str,
) -> None:
    if "models" in values:
        thicker = {**tiny_table["models"][0], "thickness_A": [20]}
        values = {"models": [*tiny_table["models"], thicker]}
    recipe = changed(tiny_table, **values)
    with pytest.raises(StoreError, match=message):
        reimage(open_store(tiny_store_path), recipe, tmp_path / "refused.zarr", workers=0)
    assert list(tmp_path.iterdir()) == []


def test_all_differences_are_reported_together(
    tiny_table: dict[str, Any], tiny_store_path: Path, tmp_path: Path
) -> None:
    recipe = changed(tiny_table, microscope__energy_keV=200.0, factors__tilts_deg=[[1, 0]])
    with pytest.raises(StoreError, match=r"2 mistakes: .*energy_keV.*the tilts \(1, 0\)"):
        reimage(open_store(tiny_store_path), recipe, tmp_path / "refused.zarr", workers=0)


def test_a_store_is_not_made_from_itself(tiny_recipe: Recipe, tiny_store_path: Path) -> None:
    with pytest.raises(StoreError, match="would overwrite an input"):
        reimage(open_store(tiny_store_path), tiny_recipe, tiny_store_path / "..//tiny.zarr")


@pytest.mark.slow
def test_a_store_of_other_waves_is_not_resumed(
    tiny_recipe: Recipe, tiny_store_path: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(tiny_store_path, tmp_path / "copy.zarr")
    with pytest.raises(StoreError, match=r"not made from these exit waves.*waves of its own"):
        reimage(open_store(tiny_store_path), tiny_recipe, copy, workers=0)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["values", "file"])
def test_damaged_waves_are_reported(
    other: Recipe, tiny_store_path: Path, tmp_path: Path, damage: str
) -> None:
    copy = shutil.copytree(tiny_store_path, tmp_path / "copy.zarr")
    spoil: dict[str, Callable[[], Any]] = {
        "values": lambda: zarr.open_group(str(copy), mode="r+")["exit_wave"].__setitem__((1, 2), 3),
        "file": lambda: (copy / "exit_wave/c/1/0/0").write_bytes(b"x"),
    }
    spoil[damage]()
    with pytest.raises(StoreError, match=r"damaged.*--repair") as caught:
        reimage(open_store(copy), other, tmp_path / "new.zarr", workers=0)
    assert caught.value.where == str(copy)
