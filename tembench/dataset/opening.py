"""Opening a store: whether it is one, of this layout, of the recipe it names, and whole."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import zarr

from tembench.dataset.layout import LAYOUT_VERSION, array_shapes
from tembench.errors import StoreError
from tembench.hints import store_remedy
from tembench.recipe import Recipe, from_canonical_form, recipe_id

_ANEW = "Generate the data set again in another folder"


def open_group(path: Path, mode: Literal["r", "r+"]) -> zarr.Group:
    """The Zarr group of a store, of this version's layout."""
    where = str(path)
    if not (path / "zarr.json").is_file():
        what = "not a data set" if path.exists() else "no such data set"
        raise StoreError(
            what,
            where=where,
            expected="a folder with zarr.json",
            remedy=store_remedy(path),
        )
    try:
        group = zarr.open_group(where, mode=mode, zarr_format=3)
    except Exception as problem:
        raise StoreError(
            "its zarr.json cannot be read",
            where=where,
            got=f"{type(problem).__name__}: {problem}",
            remedy=_ANEW,
        ) from problem
    version = group.attrs.get("layout_version")
    if version != LAYOUT_VERSION:
        raise StoreError(
            "another layout version" if version is not None else "a Zarr group, but no data set",
            where=where,
            expected=f"layout_version {LAYOUT_VERSION}",
            got=repr(version),
            remedy=f"{_ANEW}, with this version of tembench",
        )
    return group


def read_recipe(path: Path, group: zarr.Group) -> Recipe:
    """The recipe that a store was made from."""
    where = str(path)
    try:
        recipe = from_canonical_form(str(group.attrs["recipe"]))
    except (KeyError, ValueError) as problem:
        raise StoreError(
            "its recipe cannot be read", where=where, got=str(problem), remedy=_ANEW
        ) from None
    if recipe_id(recipe) != group.attrs.get("recipe_id"):
        raise StoreError(
            "recipe and recipe_id do not belong together",
            where=where,
            expected=recipe_id(recipe)[:12],
            got=str(group.attrs.get("recipe_id"))[:12],
            remedy=_ANEW,
        )
    return recipe


def check_arrays(path: Path, group: zarr.Group, recipe: Recipe) -> None:
    """Refuse a store that lacks an array of its recipe, or has one of another shape."""
    # Zarr takes a missing folder for an array of zeros, as long as the group's own metadata
    # tell of it.
    for name, (shape, kinds) in array_shapes(recipe).items():
        found = group.get(name)
        if not isinstance(found, zarr.Array) or not (path / name / "zarr.json").is_file():
            raise StoreError(f"array '{name}' is missing", where=str(path), remedy=_ANEW)
        if found.shape != shape or found.dtype.kind not in kinds:
            raise StoreError(
                f"array '{name}' is not that of its recipe",
                where=str(path),
                expected=f"the shape {shape}",
                got=f"{found.shape}, {found.dtype}",
                remedy=_ANEW,
            )
