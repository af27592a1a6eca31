"""Single images and waves of a store, decoded from their chunk's file and not through Zarr.

Zarr reads with threads, which a forked process does not inherit; and it takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tembench.core import StoreError
from tembench.dataset.storage import REPAIR, chunk_file, read_chunk, read_file, unpack_noisy

if TYPE_CHECKING:
    from tembench.dataset.store import Store


def stored_packed(store: Store, image: int) -> np.ndarray | None:
    """Return a clean image as it is stored, uint16 (y, x); None where it cannot be read."""
    chunks = store.contents.images_per_shard
    shard, index = divmod(int(image), chunks)
    packed = np.empty(store.shape, dtype=np.uint16)
    file = chunk_file(store.path / "clean", (shard, 0, 0))
    return packed if shard >= 0 and read_chunk(file, index, chunks, packed) else None


def stored_counts(store: Store, image: int, name: str, index: tuple[int, ...]) -> np.ndarray | None:
    """Return a recording of an image, counts or electrons (y, x); None where it cannot be read.

    Parameters
    ----------
    store : Store
        The data set.
    image : int
        Number of the image.
    name : str
        ``"noisy"`` or ``"noisy_copies"``.
    index : tuple of int
        Position in that array.
    """
    stored = np.empty(store.shape, dtype=store.contents.counts_dtype)
    if not read_file(chunk_file(store.path / name, (*index, 0, 0)), stored):
        return None
    return unpack_noisy(stored, store.contents, counted=store.detector_of(image) is None)


def stored_wave(store: Store, number: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return an exit wave of that shape, complex64 (ky, kx); StoreError where it is damaged."""
    wave = np.empty(shape, dtype=np.complex64)
    file = chunk_file(store.path / "exit_wave", (number, 0, 0))
    if not read_file(file, wave):
        raise StoreError("an exit wave is damaged", where=str(file), remedy=REPAIR)
    return wave
