"""Verification: damage is found, named and repaired."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import zarr
from drawn_recipes import SECRET, seed_file

from tembench.core.errors import RecipeError, StoreError
from tembench.dataset import open_store
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.verify import damaged, verify
from tembench.dataset.reports.describe import verification_text
from tembench.dataset.storage.store_files import open_files
from tembench.recipe import Recipe


@pytest.mark.slow
def test_verify_finds_a_regenerated_model_exact(tiny_store_path: Path) -> None:
    verified = verify(open_store(tiny_store_path), sample=1)
    assert verified.good
    assert [comparison.verdict for comparison in verified.sample] == ["exact"]


def shard_file(path: Path) -> Path:
    return next(p for p in sorted((path / "clean" / "c").rglob("*")) if p.is_file())


@pytest.mark.slow
def test_a_truncated_shard_is_reported_found_and_repaired(
    tiny_recipe: Recipe, tiny_store_path: Path, store_copy: Path
) -> None:
    shard = shard_file(store_copy)
    shard.write_bytes(shard.read_bytes()[:100])
    store = open_store(store_copy)
    with pytest.raises(StoreError, match=r"'clean' is damaged.*--repair"):
        store.clean(0)
    verified = verify(store)
    assert verified.damaged_shards == (0,)
    assert not verified.good
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).tasks == 1
    assert open_store(store_copy).data_digest() == open_store(tiny_store_path).data_digest()
    assert verify(open_store(store_copy)).good


@pytest.mark.slow
def test_the_sample_is_taken_from_undamaged_models(store_copy: Path) -> None:
    shard = shard_file(store_copy)
    shard.write_bytes(b"")
    verified = verify(open_store(store_copy), sample=3)
    assert verified.damaged_shards == (0,)
    assert [comparison.verdict for comparison in verified.sample] == ["exact", "exact"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["test_image", "defocus_nm", "model", "columns/x", "kx", "test_defocus_nm"]
)
def test_a_damaged_coordinate_is_found_and_repaired(
    tiny_recipe: Recipe, store_copy: Path, name: str
) -> None:
    for file in (store_copy / name / "c").iterdir():
        file.write_bytes(b"")
    verified = verify(open_store(store_copy))
    assert verified.damaged_coordinates == (name,)
    assert not verified.good
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).tasks == 0
    assert verify(open_store(store_copy)).good


@pytest.mark.slow
def test_a_damaged_digest_is_repaired(
    tiny_recipe: Recipe, tiny_store_path: Path, store_copy: Path
) -> None:
    next((store_copy / "digests/images/c").rglob("0")).joinpath("0").write_bytes(b"")
    with pytest.raises(StoreError, match=r"digests/images.*--repair"):
        open_store(store_copy)
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).tasks == 1
    assert open_store(store_copy).data_digest() == open_store(tiny_store_path).data_digest()


@pytest.mark.slow
def test_a_changed_pixel_is_found(store_copy: Path) -> None:
    group = zarr.open_group(str(store_copy), mode="r+")
    group["clean"][9, 20, 20] += np.uint16(100)
    shards, waves = damaged(open_files(store_copy))
    assert (shards, waves) == ([2], [])
    assert verify(open_store(store_copy), sample=3).sample[1].verdict in ("exact", "different")


@pytest.mark.slow
def test_a_missing_noisy_image_is_found(store_copy: Path) -> None:
    for file in (store_copy / "noisy" / "c").rglob("0"):
        if file.is_file():
            file.unlink()
            break
    assert damaged(open_files(store_copy))[0] != []


def test_a_sealed_store_is_simulated_again_with_its_seed_alone(
    sealed_store_path: Path, tmp_path: Path
) -> None:
    closed = verify(open_store(sealed_store_path), sample=1)
    assert closed.good
    assert not closed.sample
    assert not closed.unsealed
    opened = verify(open_store(sealed_store_path, seal=seed_file(tmp_path)), sample=1)
    assert opened.good
    assert opened.unsealed
    assert [one.verdict for one in opened.sample] == ["exact"]
    assert opened.commitment == closed.commitment
    assert len(closed.commitment) == 64
    assert f"commitment {closed.commitment}, opened by this seed" in verification_text(opened)
    assert "give --seal to open it" in verification_text(closed)
    with pytest.raises(RecipeError, match="sealed with another seed"):
        open_store(sealed_store_path, seal=seed_file(tmp_path, SECRET[::-1]))


def test_numbers_of_another_seed_are_found(sealed_store_path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(sealed_store_path, tmp_path / "copy.zarr"))
    zarr.open_group(copy, mode="r+").attrs["sealed_ids"] = "00" * 32
    found = verify(open_store(copy, seal=seed_file(tmp_path)))
    assert found.damaged_coordinates == ("sealed_ids",)
    assert not found.good
