"""Expected arrays of a store: those that follow from its recipe, built in memory for comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import zarr
import zarr.storage

from tembench.dataset.layout import (
    SIMULATED,
    columns_of,
    create_arrays,
    create_factors_under_test,
)
from tembench.recipe import Recipe
from tembench.simulate import Columns


def expected_coordinates(recipe: Recipe) -> dict[str, np.ndarray]:
    """Every array that follows from the recipe alone, by its path in the store."""
    group = _in_memory(recipe, columns_of(recipe))
    create_factors_under_test(group, recipe)
    return {
        name: np.asarray(array[...])
        for name, array in _arrays(group).items()
        if name not in SIMULATED
    }


def declared_metadata(recipe: Recipe) -> dict[str, dict[str, Any]]:
    """Metadata of every array of a recipe's store, by its path.

    Arrays of `columns` have one column here: their length would take the atoms of all models.
    """
    number = np.zeros(1)
    one = Columns(
        x_A=number,
        y_A=number,
        depth_A=number,
        element=np.array(["Pt"]),
        atoms=number.astype(int),
        in_particle=number.astype(bool),
        at_surface=number.astype(bool),
    )
    arrays = _arrays(_in_memory(recipe, {"": one}))
    return {name: array.metadata.to_dict() for name, array in arrays.items()}


def _in_memory(recipe: Recipe, columns: Mapping[str, Columns]) -> zarr.Group:
    group = zarr.create_group(zarr.storage.MemoryStore(), zarr_format=3)
    create_arrays(group, recipe, columns)
    return group


def _arrays(group: zarr.Group) -> dict[str, Any]:
    members = sorted(group.members(max_depth=None))
    return {name: array for name, array in members if isinstance(array, zarr.Array)}
