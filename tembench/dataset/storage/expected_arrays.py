"""Expected arrays of a store: those that follow from its recipe, built in memory for comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
import zarr
import zarr.storage

from tembench.dataset.contents import Contents


def expected_coordinates(contents: Contents) -> dict[str, np.ndarray]:
    """Every array that follows from the recipe alone, by its path in the store."""
    group = _in_memory(contents, with_columns=True)
    contents.create_optional(group)
    return {
        name: np.asarray(array[...])
        for name, array in _arrays(group).items()
        if name not in contents.simulated
    }


def declared_metadata(contents: Contents) -> dict[str, dict[str, Any]]:
    """Metadata of every array of a recipe's store, by its path; of `columns`, one column each."""
    arrays = _arrays(_in_memory(contents, with_columns=False))
    return {name: array.metadata.to_dict() for name, array in arrays.items()}


def _in_memory(contents: Contents, *, with_columns: bool) -> zarr.Group:
    group = zarr.create_group(zarr.storage.MemoryStore(), zarr_format=3)
    contents.create_arrays(group, with_columns=with_columns)
    return group


def _arrays(group: zarr.Group) -> dict[str, Any]:
    members = sorted(group.members(max_depth=None))
    return {name: array for name, array in members if isinstance(array, zarr.Array)}
