"""The arrays of a recipe's store as the layout declares them, made in memory to compare with."""

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
from tembench.simulate.atomic_columns import Columns


def coordinates(recipe: Recipe) -> dict[str, np.ndarray]:
    """Every array that follows from the recipe alone, by its path in the store."""
    group = _group(recipe, columns_of(recipe))
    create_factors_under_test(group, recipe)
    return {
        name: np.asarray(array[...])
        for name, array in _arrays(group).items()
        if name not in SIMULATED
    }


def declared_metadata(recipe: Recipe) -> dict[str, dict[str, Any]]:
    """Metadata of every array, by its path; of `columns`, as if there were one column in all.

    How many there are takes the atoms of all models to say.
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
    arrays = _arrays(_group(recipe, {"": one}))
    return {name: array.metadata.to_dict() for name, array in arrays.items()}


def _group(recipe: Recipe, columns: Mapping[str, Columns]) -> zarr.Group:
    group = zarr.create_group(zarr.storage.MemoryStore(), zarr_format=3)
    create_arrays(group, recipe, columns)
    return group


def _arrays(group: zarr.Group) -> dict[str, Any]:
    members = sorted(group.members(max_depth=None))
    return {name: array for name, array in members if isinstance(array, zarr.Array)}
