"""What of a store is damaged: its stored values against their digests and its recipe."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tembench.dataset.layout import coordinates
from tembench.dataset.store import Store, open_store
from tembench.dataset.under_test import factors_under_test, lacks_factors
from tembench.errors import StoreError
from tembench.progress import Advance, progress


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


def forget_damaged(path: Path) -> None:
    """Mend the coordinates of a store, and let what is damaged count as not written."""
    store = open_store(path, complete=False, writable=True)
    expected = coordinates(store.recipe)
    for name in damaged_coordinates(store):
        store.array(name)[...] = expected[name]
    shards, waves = damaged(store)
    for shard in shards:
        # Zarr reads a shard before it writes into it, and cannot read this one.
        (path / "clean" / "c" / str(shard) / "0" / "0").unlink(missing_ok=True)
    for kind, numbers in (("images", shards), ("waves", waves)):
        for number in numbers:
            store.array(f"digests/{kind}")[number] = 0


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
