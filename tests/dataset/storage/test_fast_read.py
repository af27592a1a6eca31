"""Fast reader of chunks: the values of Zarr, from plain files only."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import zarr

from tembench.dataset import open_store
from tembench.dataset.storage.fast_read import read_chunk, read_file
from tembench.dataset.storage.store_files import StoreFiles


def test_the_fast_reader_returns_the_values_of_zarr(
    tiny_store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tiny_store_path)
    zarrs = zarr.open_group(str(tiny_store_path), mode="r")["clean"][:]
    monkeypatch.setattr(StoreFiles, "read", None)
    for image, expected in enumerate(zarrs):
        np.testing.assert_array_equal(store.packed(image), expected)


def shard_file(path: Path) -> Path:
    return next(p for p in sorted((path / "clean" / "c").rglob("*")) if p.is_file())


@pytest.mark.slow
@pytest.mark.parametrize("length", [0, 3, 100, -1])
def test_a_shard_cut_short_is_left_to_zarr(store_copy: Path, length: int) -> None:
    shard = shard_file(store_copy)
    shard.write_bytes(shard.read_bytes()[:length])
    out = np.empty(open_store(store_copy).shape, np.uint16)
    assert not read_chunk(shard, 0, 4, out)


def test_the_fast_readers_open_nothing_but_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    out = np.empty((4, 4), np.uint8)
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "nothing", tmp_path / "pipe/inside"):
        assert not read_file(path, out)
        assert not read_chunk(path, 0, 4, out)
