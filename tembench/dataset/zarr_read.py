"""A part of a store's array by way of Zarr: all of it, or an error that names the remedy.

Zarr takes a chunk that is not there for one of zeros, so the files are looked for first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from tembench.core import StoreError
from tembench.dataset.declared import coordinates
from tembench.dataset.fast_read import REPAIR, chunk_file, is_lost, kind_of
from tembench.dataset.layout import SIMULATED
from tembench.recipe import Recipe


def read_array(
    path: Path, name: str, array: zarr.Array, selection: Any, recipe: Recipe
) -> np.ndarray:
    """Decode a selection of an array.

    Parameters
    ----------
    path : Path
        The store.
    name : str
        The array's path in it.
    array : zarr.Array
        The array itself.
    selection : int, slice, Ellipsis, or tuple of int and slice
        What of it; axes that it leaves out are taken whole.
    recipe : Recipe
        That of the store.

    Raises
    ------
    StoreError
        If a chunk is not there or cannot be decoded.
    """
    for file in lost_files(path, name, array, selection, recipe):
        raise StoreError(
            f"array '{name}' has lost a chunk",
            where=str(file),
            expected="a file with all of it",
            got=kind_of(file),
            remedy=REPAIR,
        )
    # Codecs and files fail in many ways; to the user all of them are a damaged array.
    try:
        return np.asarray(array[selection])
    except (FileNotFoundError, IndexError, KeyError, MemoryError):
        raise
    except Exception as problem:
        place = "" if selection is ... else f" at {selection}"
        raise StoreError(
            f"array '{name}' is damaged{place}",
            where=str(path),
            got=f"{type(problem).__name__}: {problem}",
            remedy=REPAIR,
        ) from problem


def lost_files(
    path: Path, name: str, array: zarr.Array, selection: Any, recipe: Recipe
) -> Iterator[Path]:
    """Files of chunks of a selection that should be there and are not; see `read_array`."""
    # A digest that is not there says that its shard or model is not written yet.
    optional = name.startswith("digests/")
    inner = recipe.images_per_shard if array.shards else 0
    for place in _chunks(array.shape, array.shards or array.chunks, selection):
        file = chunk_file(path / name, place)
        if not is_lost(file, inner) or (optional and not file.exists()):
            continue
        if optional or not _is_of_zeros(name, file, recipe):
            yield file


def _is_of_zeros(name: str, file: Path, recipe: Recipe) -> bool:
    """Whether a coordinate's chunk is not there because Zarr leaves out those of zeros."""
    if name in SIMULATED or file.exists():
        return False
    values = coordinates(recipe)[name]
    return values.dtype.kind in "biuf" and not values.any()


def _chunks(
    shape: tuple[int, ...], chunk_shape: tuple[int, ...], selection: Any
) -> Iterator[tuple[int, ...]]:
    """Places in the grid of the chunks that a selection touches."""
    parts = () if selection is ... else selection if isinstance(selection, tuple) else (selection,)
    axes = []
    for axis, (length, size) in enumerate(zip(shape, chunk_shape, strict=True)):
        part = parts[axis] if axis < len(parts) else slice(None)
        if isinstance(part, slice):
            start, stop, _ = part.indices(length)
        else:
            # Beyond the end Zarr says so.
            start = int(part) % length
            stop = start + 1
        axes.append(range(start // size, -(-stop // size)) if stop > start else range(0))
    return itertools.product(*axes)
