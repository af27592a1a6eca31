"""Files of a store: a chunk that is recorded as written and missing is an error, not zeros."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import google_crc32c
import numpy as np
import pytest

from tembench.core.errors import StoreError
from tembench.dataset import Store, open_store
from tembench.dataset.generation.generate import generate
from tembench.dataset.generation.verify import verify
from tembench.dataset.reports.describe import describe_store, store_text
from tembench.dataset.storage.store_files import open_files
from tembench.recipe import Recipe

TESTED = 8  # the first image under test in the split by model


def position(store: Path) -> int:
    return open_store(store).files.test_positions[TESTED]


READS: dict[str, tuple[Callable[[Path], str], Callable[[Store], object]]] = {
    "clean": (lambda s: "clean/c/2/0/0", lambda store: store.clean(TESTED)),
    "noisy": (lambda s: f"noisy/c/{position(s)}/0/0", lambda store: store.noisy(TESTED)),
    "noisy_copies": (
        lambda s: f"noisy_copies/c/1/{position(s)}/0/0",
        lambda store: store.noisy_copy(TESTED, 2),
    ),
    "exit_wave": (lambda s: "exit_wave/c/1/0/0", lambda store: store.waves(0)),
    "one wave": (lambda s: "exit_wave/c/1/0/0", lambda store: store.wave(1)),
    "contrast": (lambda s: "contrast/c/1", lambda store: store.table),
    "columns": (lambda s: "columns/x/c/0", lambda store: store.sites(0)),
    "elements": (lambda s: "columns/element/c/0", lambda store: store.columns("Small-D0_flat_12A")),
}


def remove(file: Path) -> None:
    file.unlink()


def make_a_folder(file: Path) -> None:
    file.unlink()
    (file / "inside").mkdir(parents=True)


def make_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def make_a_dead_link(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere")


def rename(file: Path) -> None:
    file.rename(file.with_name("7"))


@pytest.mark.slow
@pytest.mark.parametrize("array", READS)
def test_a_lost_chunk_is_an_error_that_names_repair(store_copy: Path, array: str) -> None:
    file, read = READS[array]
    remove(store_copy / file(store_copy))
    with pytest.raises(StoreError, match=r"has lost a chunk; .*got nothing.*--repair"):
        read(open_store(store_copy))


@pytest.mark.slow
@pytest.mark.parametrize("how", [make_a_folder, make_a_pipe, make_a_dead_link, rename])
@pytest.mark.parametrize("array", ["clean", "noisy"])
def test_anything_but_a_file_in_place_of_a_chunk_is_found_and_repaired(
    tiny_recipe: Recipe, store_copy: Path, array: str, how: Callable[[Path], None]
) -> None:
    digest = open_store(store_copy).data_digest()
    file, read = READS[array]
    how(store_copy / file(store_copy))
    with pytest.raises(StoreError, match=r"has lost a chunk.*--repair"):
        read(open_store(store_copy))
    assert verify(open_store(store_copy)).damaged_shards == (2,)
    with pytest.raises(StoreError, match=r"1 chunks are recorded.*--repair"):
        generate(tiny_recipe, store_copy, workers=0)
    assert generate(tiny_recipe, store_copy, workers=0, repair=True).tasks == 1
    assert open_store(store_copy).data_digest() == digest
    assert verify(open_store(store_copy)).good


@pytest.mark.slow
def test_a_file_in_place_of_a_folder_is_repaired(tiny_recipe: Recipe, store_copy: Path) -> None:
    shutil.rmtree(store_copy / "clean/c/1")
    (store_copy / "clean/c/1").write_text("")
    generate(tiny_recipe, store_copy, workers=0, repair=True)
    assert verify(open_store(store_copy)).good


def spoil_index(shard: Path, entry: int, offset: int, length: int, *, checksum: bool) -> None:
    content = bytearray(shard.read_bytes())
    chunks = 4
    start = len(content) - 16 * chunks - 4
    struct.pack_into("<2Q", content, start + 16 * entry, offset, length)
    if checksum:
        struct.pack_into(
            "<I", content, len(content) - 4, google_crc32c.value(bytes(content[start:-4]))
        )
    shard.write_bytes(content)


@pytest.mark.slow
def test_a_shard_that_lacks_one_image_is_an_error(store_copy: Path) -> None:
    spoil_index(store_copy / "clean/c/2/0/0", 0, 2**64 - 1, 2**64 - 1, checksum=True)
    store = open_store(store_copy)
    with pytest.raises(StoreError, match=r"lost a chunk.*one that lacks an image.*--repair"):
        store.clean(TESTED)
    assert verify(store).damaged_shards == (2,)


def test_an_index_that_points_to_another_image_is_an_error(store_copy: Path) -> None:
    shard = store_copy / "clean/c/2/0/0"
    start = len(shard.read_bytes()) - 16 * 4 - 4
    other = struct.unpack_from("<2Q", shard.read_bytes(), start + 16)
    spoil_index(shard, 0, *other, checksum=False)
    with pytest.raises(StoreError, match=r"'clean' is damaged.*--repair"):
        open_store(store_copy).clean(TESTED)


def test_a_pipe_in_place_of_a_digest_is_reported(store_copy: Path) -> None:
    make_a_pipe(store_copy / "digests/waves/c/1/0")
    with pytest.raises(StoreError, match=r"digests/waves.*got not a plain file"):
        open_store(store_copy)


@pytest.mark.slow
def test_info_lists_lost_chunks(store_copy: Path) -> None:
    whole = describe_store(open_store(store_copy))
    assert whole["complete"]
    assert whole["lost_chunks"] == []
    for name in ("clean/c/2/0/0", "exit_wave/c/1/0/0", "defocus_nm/c/0"):
        remove(store_copy / name)
    content = describe_store(open_store(store_copy, complete=False))
    assert not content["complete"]
    assert sorted(content["lost_chunks"]) == [
        "clean/c/2/0/0",
        "defocus_nm/c/0",
        "exit_wave/c/1/0/0",
    ]
    assert ": damaged, " in store_text(content).splitlines()[0]
    assert "3 chunks are lost" in store_text(content).splitlines()[1]


@pytest.mark.slow
def test_strays_beside_chunks_change_nothing(tiny_recipe: Recipe, store_copy: Path) -> None:
    for name in ("clean/c/2/0/0.0a1b.partial", "noisy/c/.DS_Store", "clean/.nfs01", "noisy/c/x/1"):
        (store_copy / name).parent.mkdir(exist_ok=True)
        (store_copy / name).write_text("stray")
    assert describe_store(open_store(store_copy))["complete"]
    assert generate(tiny_recipe, store_copy, workers=0).tasks == 0
    assert verify(open_store(store_copy)).good


@pytest.mark.slow
def test_a_coordinate_of_zeros_may_be_left_out(tiny_recipe: Recipe, store_copy: Path) -> None:
    # Zarr does not write chunks of zeros: no image of this recipe is tilted about x.
    assert not (store_copy / "tilt_x_deg/c").exists()
    assert describe_store(open_store(store_copy))["complete"]


def test_a_store_is_read_from_another_working_folder(
    store_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(store_copy.parent)
    store = open_store(store_copy.name)
    expected = store.noisy(TESTED)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    np.testing.assert_array_equal(store.noisy(TESTED), expected)
    assert store.clean(0).any()


def test_a_damaged_list_of_images_under_test_changes_nothing(
    tiny_store_path: Path, store_copy: Path
) -> None:
    shutil.rmtree(store_copy / "test_image" / "c")
    assert open_files(store_copy).test_positions == open_files(tiny_store_path).test_positions
