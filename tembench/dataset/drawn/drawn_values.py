"""Values of drawn images: as rows of numbers and texts, as they are stored, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tembench.dataset.drawn import GROUP_NUMBERS, GROUP_TEXTS, grouping_values
from tembench.recipe import drawn_values, value_names

if TYPE_CHECKING:
    from tembench.dataset.drawn import SpecimenImages
    from tembench.recipe import DrawnRecipe

DRAWN_FACTORS = "drawn_factors"
"""Attribute of a drawn data set's table that lists the values that differ between images."""
_FOUND = (
    "attempt", "atoms", "depth_A", "columns_defined", "frame", "shift_x_A", "shift_y_A",
    "cell_width_A", "cell_height_A", "background", "dose_e_per_px",
)  # fmt: skip
"""Numbers that follow from what was drawn, beside it."""


def number_names(recipe: DrawnRecipe) -> list[str]:
    """Names of the numbers of an image, in the order of the array ``drawn/values``."""
    drawn = [one.name for one in value_names(recipe) if not one.is_text]
    grouped = GROUP_NUMBERS if recipe.grouping else ()
    return [*_FOUND, *(name for name in drawn if name not in _FOUND), *grouped]


def text_names(recipe: DrawnRecipe) -> list[str]:
    """Names of the texts of an image, in the order of the array ``drawn/texts``."""
    grouped = GROUP_TEXTS if recipe.grouping else ()
    return [*(one.name for one in value_names(recipe) if one.is_text), *grouped]


def image_values(
    recipe: DrawnRecipe, made: Sequence[SpecimenImages]
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and texts of all images of some specimens.

    Returns
    -------
    numbers : ndarray of float64, shape (images, values)
        NaN where a specimen lacks a value, such as the thickness of a film.
    texts : ndarray of object, shape (images, texts)
        Empty where a specimen lacks one.
    """
    rows = [row for one in made for row in _rows(recipe, one)]
    numbers = [[float(row.get(n, np.nan)) for n in number_names(recipe)] for row in rows]
    texts = [[str(row.get(name, "")) for name in text_names(recipe)] for row in rows]
    return np.array(numbers), np.array(texts, dtype=object).reshape(len(rows), -1)


def _rows(recipe: DrawnRecipe, one: SpecimenImages) -> list[dict[str, Any]]:
    built = one.built
    width, height = built.cell.extent_A
    found = {
        "attempt": built.seed.attempt,
        "atoms": len(built.specimen.symbols),
        "depth_A": built.specimen.depth_A,
        "cell_width_A": width,
        "cell_height_A": height,
        "background": one.wave.background,
    }
    rows = []
    # The first images may have been formed alone.
    images = one.images[: len(one.packed)]
    for image, (x, y), columns in zip(images, one.shifts_A, one.columns, strict=True):
        own: dict[str, Any] = {"frame": image.frame, "shift_x_A": x, "shift_y_A": y}
        own["columns_defined"] = columns.defined
        dose = {"dose_e_per_px": one.dose_e_per_px(image)}
        own |= grouping_values(recipe, built.drawn, image)
        rows.append({**drawn_values(recipe, built.drawn, image), **found, **own, **dose})
    return rows


def specimen_table(recipe: DrawnRecipe, one: SpecimenImages, name: str) -> pd.DataFrame:
    """Table of the images of one specimen of that name, with the columns of a store's table."""
    images = pd.RangeIndex(len(one.packed), name="image")
    known = pd.DataFrame({"model": name, "split_model": one.built.seed.part}, index=images)
    return values_table(recipe, known, *image_values(recipe, [one]))


def values_table(
    recipe: DrawnRecipe, known: pd.DataFrame, numbers: np.ndarray, texts: np.ndarray
) -> pd.DataFrame:
    """Table of images with their values as columns.

    Parameters
    ----------
    recipe : DrawnRecipe
        The recipe.
    known : pandas.DataFrame
        What is known of every image without its values.
    numbers, texts : ndarray
        As `image_values` returns them, of all images.

    Returns
    -------
    pandas.DataFrame
        Its attribute `DRAWN_FACTORS` lists the columns that differ between images.
    """
    columns = dict(zip(text_names(recipe), texts.T, strict=True))
    columns |= dict(zip(number_names(recipe), numbers.T, strict=True))
    columns["columns_defined"] = columns["columns_defined"] > 0
    for name in ("attempt", "frame", "atoms"):
        # Not a number in parts that were not generated.
        columns[name] = np.nan_to_num(columns[name]).astype(int)
    table = pd.concat([known, pd.DataFrame(columns, index=known.index)], axis=1)
    table.attrs[DRAWN_FACTORS] = [
        name for name in columns if name not in _FOUND and table[name].nunique() > 1
    ]
    return table
