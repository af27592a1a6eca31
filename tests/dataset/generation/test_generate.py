"""Generation: the same values however it is done, and nothing lost when it stops."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

from tembench.core.errors import StoreError
from tembench.core.files import locked
from tembench.dataset.fast_read import read_chunk
from tembench.dataset.generation import generate as build
from tembench.dataset.generation.create_store import create_store
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.verify import damaged, verify
from tembench.dataset.image_table import factors_under_test
from tembench.dataset.layout import consolidate
from tembench.dataset.packing import Packing
from tembench.dataset.store import open_store
from tembench.dataset.store_files import StoreFiles, open_files
from tembench.recipe import Recipe


@pytest.fixture
def store_copy(tiny_store_path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_store_path, tmp_path / "copy.zarr"))


def test_workers_change_no_value(
    tiny_recipe: Recipe, tiny_store_path: Path, tmp_path: Path
) -> None:
    for workers in (1, 2):
        path = tmp_path / f"{workers}.zarr"
        assert generate(tiny_recipe, path, workers=workers).models == 3
        assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()


def test_order_changes_no_value(tiny_recipe: Recipe, tiny_store_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "backwards.zarr"
    create_store(path, tiny_recipe)
    for number in (2, 0, 1):
        build.build_model(str(path), number)
    assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()


def test_complete_store_is_reused(tiny_recipe: Recipe, store_copy: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in store_copy.rglob("*")}
    assert generate(tiny_recipe, store_copy, workers=0).models == 0
    assert {p: p.stat().st_mtime_ns for p in store_copy.rglob("*")} == before


def test_stopped_between_models_goes_on(
    tiny_recipe: Recipe, tiny_store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stopped.zarr"
    simulate = build.simulate_model

    def stop_at_second(recipe: Recipe, number: int, *rest: Any) -> build.ModelImages:
        if number == 1:
            raise KeyboardInterrupt
        return simulate(recipe, number, *rest)

    monkeypatch.setattr(build, "simulate_model", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        generate(tiny_recipe, path, workers=0)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="not complete"):
        open_store(path)
    assert 1 <= generate(tiny_recipe, path, workers=0).models <= 2
    assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()


@pytest.mark.slow
def test_killed_generation_goes_on_to_identical_digests(
    tiny_recipe_file: Path, tiny_store_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "killed.zarr"
    command = [sys.executable, "-m", "tembench", "generate", str(tiny_recipe_file)]
    command += ["--out", str(path), "--workers", "2"]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if len(list(path.glob("digests/images/c/*"))) >= 1:
            break
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert open_store(path).data_digest() == open_store(tiny_store_path).data_digest()


def test_another_recipe_is_refused(tiny_recipe: Recipe, store_copy: Path) -> None:
    other = dataclasses.replace(tiny_recipe, seed=8)
    with pytest.raises(StoreError, match="another recipe"):
        generate(other, store_copy, workers=0)


def test_a_folder_of_something_else_is_left_alone(tiny_recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="not a data set"):
        generate(tiny_recipe, tmp_path, workers=0)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


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


def test_a_store_made_before_noisy_images_had_factors_is_as_good(
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
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).models == 0


def test_images_are_read_by_the_shortest_way_as_zarr_reads_them(
    tiny_store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tiny_store_path)
    zarrs = zarr.open_group(str(tiny_store_path), mode="r")["clean"][:]
    monkeypatch.setattr(StoreFiles, "read", None)
    for image, expected in enumerate(zarrs):
        np.testing.assert_array_equal(store.packed(image), expected)


@pytest.mark.parametrize("length", [0, 3, 100, -1])
def test_a_shard_cut_short_is_left_to_zarr(store_copy: Path, length: int) -> None:
    shard = shard_file(store_copy)
    shard.write_bytes(shard.read_bytes()[:length])
    out = np.empty(open_store(store_copy).shape, np.uint16)
    assert not read_chunk(shard, 0, 4, out)


def test_plain_zarr_reads_it(tiny_store_path: Path) -> None:
    group = zarr.open_group(str(tiny_store_path), mode="r")
    assert group["clean"].dtype == np.uint16
    assert group["clean"].attrs["scale_factor"] == 2**-11


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
    from tembench.simulate.detector import draw_counts

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


def test_verify_finds_a_regenerated_model_exact(tiny_store_path: Path) -> None:
    found = verify(open_store(tiny_store_path), sample=1)
    assert found.good
    assert [comparison.verdict for comparison in found.sample] == ["exact"]


def shard_file(path: Path) -> Path:
    return next(p for p in sorted((path / "clean" / "c").rglob("*")) if p.is_file())


def test_truncated_shard_is_told_found_and_repaired(
    tiny_recipe: Recipe, tiny_store_path: Path, store_copy: Path
) -> None:
    shard = shard_file(store_copy)
    shard.write_bytes(shard.read_bytes()[:100])
    store = open_store(store_copy)
    with pytest.raises(StoreError, match=r"'clean' is damaged.*--repair"):
        store.clean(0)
    found = verify(store)
    assert found.damaged_shards == (0,)
    assert not found.good
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).models == 1
    assert open_store(store_copy).data_digest() == open_store(tiny_store_path).data_digest()
    assert verify(open_store(store_copy)).good


def test_a_damaged_model_is_told_and_the_sample_taken_from_the_rest(store_copy: Path) -> None:
    shard = shard_file(store_copy)
    shard.write_bytes(b"")
    found = verify(open_store(store_copy), sample=3)
    assert found.damaged_shards == (0,)
    assert [comparison.verdict for comparison in found.sample] == ["exact", "exact"]


@pytest.mark.parametrize("name", ["clean", "noisy", "exit_wave", "contrast", "digests/waves"])
def test_a_missing_array_is_told(store_copy: Path, name: str) -> None:
    shutil.rmtree(store_copy / name)
    with pytest.raises(StoreError, match=f"array '{name}' is missing"):
        open_files(store_copy)


def test_an_array_of_another_shape_is_told(store_copy: Path) -> None:
    group = zarr.open_group(str(store_copy), mode="r+", use_consolidated=False)
    del group["noisy"]
    group.create_array("noisy", shape=(2, 3, 3), dtype="uint8")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata")
        zarr.consolidate_metadata(str(store_copy))
    with pytest.raises(StoreError, match=r"'noisy' does not match its recipe.*got \[2, 3, 3\]"):
        open_store(store_copy)


def test_a_damaged_list_of_images_under_test_changes_nothing(
    tiny_store_path: Path, store_copy: Path
) -> None:
    shutil.rmtree(store_copy / "test_image" / "c")
    assert open_files(store_copy).test_positions == open_files(tiny_store_path).test_positions


def test_two_processes_do_not_generate_one_store(tiny_recipe: Recipe, tmp_path: Path) -> None:
    path = tmp_path / "busy.zarr"
    create_store(path, tiny_recipe)
    with locked(path, StoreError), pytest.raises(StoreError, match="another process is at work"):
        generate(tiny_recipe, path, workers=0)


def test_a_complete_store_is_read_while_another_process_holds_it(
    tiny_recipe: Recipe, store_copy: Path
) -> None:
    with locked(store_copy, StoreError):
        assert generate(tiny_recipe, store_copy, workers=0).models == 0


def test_what_a_killed_process_left_is_removed(tiny_recipe: Recipe, tmp_path: Path) -> None:
    left, held = tmp_path / ".new.zarr.a.part", tmp_path / ".new.zarr.b.part"
    (left / "clean").mkdir(parents=True)
    held.mkdir()
    with locked(held, StoreError):
        create_store(tmp_path / "new.zarr", tiny_recipe)
    assert sorted(p.name for p in tmp_path.iterdir()) == [held.name, "new.zarr"]


def test_a_worker_that_dies_is_told(
    tiny_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "build_model", _die)
    with pytest.raises(StoreError, match=r"a worker process died.*fewer --workers"):
        generate(tiny_recipe, tmp_path / "dead.zarr", workers=1)


def _die(*arguments: Any) -> None:
    os._exit(9)


@pytest.mark.parametrize(
    "name", ["test_image", "defocus_nm", "model", "columns/x", "kx", "test_defocus_nm"]
)
def test_a_damaged_coordinate_is_found_and_repaired(
    tiny_recipe: Recipe, store_copy: Path, name: str
) -> None:
    for file in (store_copy / name / "c").iterdir():
        file.write_bytes(b"")
    found = verify(open_store(store_copy))
    assert found.damaged_coordinates == (name,)
    assert not found.good
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).models == 0
    assert verify(open_store(store_copy)).good


def test_a_damaged_digest_is_repaired(
    tiny_recipe: Recipe, tiny_store_path: Path, store_copy: Path
) -> None:
    next((store_copy / "digests/images/c").rglob("0")).joinpath("0").write_bytes(b"")
    with pytest.raises(StoreError, match=r"digests/images.*--repair"):
        open_store(store_copy)
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).models == 1
    assert open_store(store_copy).data_digest() == open_store(tiny_store_path).data_digest()


def test_a_changed_pixel_is_found(store_copy: Path) -> None:
    group = zarr.open_group(str(store_copy), mode="r+")
    group["clean"][9, 20, 20] += np.uint16(100)
    shards, waves = damaged(open_files(store_copy))
    assert (shards, waves) == ([2], [])
    assert verify(open_store(store_copy), sample=3).sample[1].verdict in ("exact", "different")


def test_a_missing_noisy_image_is_found(store_copy: Path) -> None:
    for file in (store_copy / "noisy" / "c").rglob("0"):
        if file.is_file():
            file.unlink()
            break
    assert damaged(open_files(store_copy))[0] != []


@pytest.mark.parametrize("version", [None, 0, 99])
def test_another_layout_version_is_refused(store_copy: Path, version: int | None) -> None:
    group = zarr.open_group(str(store_copy), mode="r+", use_consolidated=False)
    if version is None:
        del group.attrs["layout_version"]
    else:
        group.attrs["layout_version"] = version
    with pytest.raises(StoreError, match="layout_version 1, got"):
        open_store(store_copy)


def test_a_changed_recipe_in_a_store_is_refused(store_copy: Path) -> None:
    group = zarr.open_group(str(store_copy), mode="r+", use_consolidated=False)
    group.attrs["recipe"] = group.attrs["recipe"].replace('"seed":7', '"seed":8')
    with pytest.raises(StoreError, match="recipe_id do not match"):
        open_store(store_copy)


def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such data set"):
        open_store(tmp_path / "nowhere.zarr")
    (tmp_path / "zarr.json").write_text("{")
    with pytest.raises(StoreError, match=r"zarr\.json cannot be read"):
        open_store(tmp_path)


@pytest.mark.parametrize("dose", [0.01, 0.05, 0.45, 0.5, 0.9, 1.0, 5.0, 50.0])
def test_packing_holds_fifteen_times_the_dose_to_half_a_step(dose: float) -> None:
    packing = Packing.for_doses([dose])
    values = np.linspace(0, 15 * dose, 999).astype(np.float32)
    unpacked = packing.unpack(packing.pack(values))
    np.testing.assert_allclose(unpacked, values, rtol=1e-6, atol=packing.step / 2)
    assert dose / 1024 < packing.step <= dose / 512
    with pytest.raises(ValueError, match="do not fit"):
        packing.pack(np.array([66000 * packing.step]))


@pytest.mark.parametrize(
    ("doses", "step"), [((0.05, 20), 2**-10), ((0.05, 5), 2**-12), ((0.45, 1), 2**-11)]
)
def test_packing_is_as_fine_as_the_least_dose_wants_and_the_largest_allows(
    doses: tuple[float, float], step: float
) -> None:
    packing = Packing.for_doses(doses)
    assert packing.step == step
    assert 65535 * packing.step >= 2.99 * max(doses)


def test_a_full_disk_names_the_store(
    tiny_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> build.ModelImages:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(build, "simulate_model", full)
    with pytest.raises(OSError, match="No space left") as caught:
        generate(tiny_recipe, tmp_path / "full.zarr", workers=0)
    assert caught.value.filename == str(tmp_path / "full.zarr")


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


def test_an_empty_part_is_told(tiny_recipe: Recipe, tmp_path: Path) -> None:
    splits = dataclasses.replace(tiny_recipe.splits, paper_test_share=0.0)
    path = tmp_path / "no-paper-test.zarr"
    generate(dataclasses.replace(tiny_recipe, splits=splits), path, workers=0)
    with pytest.raises(StoreError, match="no image in the test part of split paper"):
        open_store(path).images("paper", "test")
