"""What of a store is damaged: its stored values against their digests and its recipe."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import Advance, StoreError, progress
from tembench.dataset.declared import coordinates, declared_metadata
from tembench.dataset.fast_read import REPAIR, chunk_file, kind_of
from tembench.dataset.layout import SIMULATED
from tembench.dataset.store import Store, open_store
from tembench.dataset.under_test import factors_under_test, lacks_factors
from tembench.dataset.zarr_read import lost_files


def damaged(store: Store) -> tuple[list[int], list[int]]:
    """Shards and models whose stored values do not match their recorded digest.

    Returns
    -------
    shards, waves : list of int
        Numbers of the damaged shards of images, and of the models with damaged exit waves.
        What is not written yet is not damaged.
    """
    recipe = store.recipe
    shards = recipe.n_images // recipe.images_per_shard
    with progress("Reading back", shards + len(recipe.models)) as advance:
        bad_shards = _mismatches(store, "images", range(shards), advance)
        bad_waves = _mismatches(store, "waves", range(len(recipe.models)), advance)
    return bad_shards, bad_waves


def damaged_coordinates(store: Store) -> list[str]:
    """Names of arrays that should follow from the store's recipe alone, and do not."""
    expected = coordinates(store.recipe)
    if lacks_factors(store.group, store.recipe):
        for name in factors_under_test(store.recipe):
            del expected[name]
    return [name for name, values in expected.items() if not store.holds(name, values)]


def lost(store: Store) -> list[Path]:
    """Files of chunks that are recorded as written, or follow from the recipe, and are not there.

    Only looked for, not read: a second for thousands of them.
    """
    recipe = store.recipe
    names = [name for name in declared_metadata(recipe) if name not in SIMULATED]
    if not lacks_factors(store.group, recipe):
        names += factors_under_test(recipe)
    selections: list[tuple[str, Any]] = [(name, ...) for name in names]
    for shard in np.flatnonzero(store.written("images")).tolist():
        selections += _of_shard(store, shard)
    for model in np.flatnonzero(store.written("waves")).tolist():
        selections.append(("exit_wave", store.waves_of(model)))
    return [
        file
        for name, selection in selections
        for file in lost_files(store.path, name, store.array(name), selection, recipe)
    ]


def refuse_lost(store: Store) -> None:
    """Raise StoreError if a store is not whole, though it is recorded to be."""
    files = lost(store)
    if files:
        raise StoreError(
            f"{len(files)} chunks are recorded as written and are not there",
            where=str(store.path),
            got=f"{kind_of(files[0])} at {files[0].relative_to(store.path)}",
            remedy=REPAIR,
        )


def _of_shard(store: Store, shard: int) -> list[tuple[str, Any]]:
    """Arrays, and what of them belongs to a shard of images."""
    images = store.images_of_shard(shard)
    tested = [store.test_place.get(image) for image in range(images.start, images.stop)]
    return [
        ("clean", images),
        ("contrast", images),
        *(("noisy", place) for place in tested if place is not None),
        *(("noisy_copies", (slice(None), place)) for place in tested if place is not None),
    ]


def forget_damaged(path: Path) -> None:
    """Fix the coordinates of a store, and let what is damaged count as not written."""
    store = open_store(path, complete=False, writable=True)
    _forget_unreadable_digests(store)
    for file in lost(store):
        _make_way(file, path)
    expected = coordinates(store.recipe)
    for name in damaged_coordinates(store):
        store.array(name)[...] = expected[name]
    shards, waves = damaged(store)
    for shard in shards:
        # Zarr reads a shard before it writes into it, and cannot read this one.
        chunk_file(path / "clean", (shard, 0, 0)).unlink(missing_ok=True)
    for kind, numbers in (("images", shards), ("waves", waves)):
        for number in numbers:
            store.array(f"digests/{kind}")[number] = 0


def _forget_unreadable_digests(store: Store) -> None:
    for kind in ("images", "waves"):
        digests = store.array(f"digests/{kind}")
        for number in range(digests.shape[0]):
            try:
                store.recorded_digest(kind, number)
            except StoreError:
                _make_way(chunk_file(store.path / "digests" / kind, (number, 0)), store.path)
                digests[number] = 0


def _make_way(file: Path, path: Path) -> None:
    """Remove what is in the way of a chunk's file: a folder, or a file where a folder should be."""
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    else:
        with suppress(NotADirectoryError):
            file.unlink(missing_ok=True)
    for folder in file.parents[: len(file.relative_to(path).parts) - 1]:
        if not folder.is_dir():
            with suppress(NotADirectoryError):
                folder.unlink(missing_ok=True)


def _mismatches(store: Store, kind: str, numbers: Iterable[int], advance: Advance) -> list[int]:
    bad = []
    for number in numbers:
        recorded = found = b"unreadable"
        try:
            recorded = store.recorded_digest(kind, number)
            found = b""
            found = store.digest(number) if kind == "images" else store.wave_digest(number)
        except StoreError:
            pass
        if recorded == b"unreadable" or (any(recorded) and found != recorded):
            bad.append(number)
        advance(1)
    return bad
