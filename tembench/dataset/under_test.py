"""Coordinates along `test_image`: the factors and splits of the images whose counts are stored.

`noisy` has fewer images than `clean`, so the factors along `image` do not belong to it. They are
written a second time, under names that begin with ``test_``: an array has one dimension only.
Stores made before this was so have none of them, and are as valid.
"""

from __future__ import annotations

import numpy as np
import zarr

from tembench.dataset.image_table import image_table
from tembench.dataset.splits import images_under_test
from tembench.recipe import Recipe

PREFIX = "test_"


def factors_under_test(recipe: Recipe) -> dict[str, np.ndarray]:
    """Factors and splits of the images under test, by the names of their arrays.

    The contrast class is not among them: only the images show it.

    Returns
    -------
    dict of str to ndarray, shape (images under test,)
    """
    table = image_table(recipe)
    tested = images_under_test(table)
    return {f"{PREFIX}{name}": table[name].to_numpy()[tested] for name in table.columns}


def name_factors(group: zarr.Group, names: list[str]) -> None:
    """Let the arrays along `test_image` name their coordinates, as CF asks."""
    for name in ("noisy", "noisy_copies"):
        group[name].attrs["coordinates"] = " ".join(names)


def lacks_factors(group: zarr.Group, recipe: Recipe) -> bool:
    """Whether a store was made before there were such coordinates."""
    return not any(name in group for name in factors_under_test(recipe))
