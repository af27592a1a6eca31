"""Empty stores: created whole, with their arrays, coordinates and columns, before any image."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import zarr

from tembench import __version__
from tembench.core import StoreError, staging
from tembench.dataset.contents import contents_of
from tembench.dataset.storage import LAYOUT_VERSION, RECIPE_FILES, SEALED_IDS, consolidate
from tembench.recipe import (
    AnyRecipe,
    Recipe,
    SecretSeed,
    canonical_form,
    recipe_files,
    recipe_id,
)


def create_store(
    path: Path, recipe: AnyRecipe, attributes: Mapping[str, Any] | None = None
) -> None:
    """Create an empty store: arrays, coordinates and columns, no images yet.

    Parameters
    ----------
    path : Path
        Folder of the store; it may exist if it is empty.
    recipe : Recipe
        The recipe of the data set.
    attributes : mapping, optional
        Attributes to add to those that follow from the recipe.
    """
    path = Path(path)
    if not is_vacant(path):
        raise StoreError("exists already", where=str(path), remedy="Choose another folder")
    with staging(path, StoreError) as aside:
        group = zarr.create_group(
            str(aside), zarr_format=3, attributes={**_attributes(recipe), **(attributes or {})}
        )
        contents = contents_of(recipe)
        contents.create_arrays(group)
        contents.create_optional(group)
        consolidate(aside)
        try:
            os.rename(aside, path)
        except OSError as problem:
            # Another process has created the same data set meanwhile, which is as good.
            if problem.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise


def is_vacant(path: Path) -> bool:
    """Whether a store may be created at `path`: nothing is there, or an empty folder."""
    return not path.exists() or (path.is_dir() and not any(path.iterdir()))


def _of_drawn(recipe: AnyRecipe) -> dict[str, Any]:
    """Files of atoms that a drawn recipe needs, by their SHA-256: name and text; a seal's ids."""
    if isinstance(recipe, Recipe):
        return {}
    files = {one.sha256: [one.name, one.text] for one in recipe_files(recipe)}
    # Of a secret seed only this is kept, from which neither the seed nor a draw can be derived.
    ids = {SEALED_IDS: recipe.root.ids} if isinstance(recipe.root, SecretSeed) else {}
    return {RECIPE_FILES: files, **ids}


def _attributes(recipe: AnyRecipe) -> dict[str, Any]:
    contents = contents_of(recipe)
    return {
        "Conventions": "CF-1.11",
        "title": f"{recipe.name} {recipe.version}",
        "summary": recipe.description,
        "license": recipe.licence,
        "source": f"tembench {__version__}",
        "references": "doi:10.1109/TCI.2022.3176536",
        "layout_version": LAYOUT_VERSION,
        "recipe_id": recipe_id(recipe),
        "recipe": canonical_form(recipe),
        **_of_drawn(recipe),
        "beam_energy_keV": contents.energy_keV,
        "dose_e_per_px": contents.dose_e_per_px,
        "focus_reference": "exit face of the specimen; positive defocus is overfocus (C10 > 0)",
    }
