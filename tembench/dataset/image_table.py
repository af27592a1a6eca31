"""Table of images: factors and splits of every image of a recipe.

Images are numbered by model, then condition, then defocus, then tilt, so that an image's number
follows from the recipe alone.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from tembench.core import RecipeError, together
from tembench.dataset.splits import images_under_test, model_split, paper_split, track_split
from tembench.recipe import Recipe

TEST_PREFIX = "test_"
"""Prefix of the names of factors and splits along `test_image`."""


def image_table(recipe: Recipe) -> pd.DataFrame:
    """Factors and splits of every image.

    Parameters
    ----------
    recipe : Recipe
        The recipe.

    Returns
    -------
    pandas.DataFrame
        One row per image, indexed by its number: model, particle, defect, support, thickness_A,
        tilt_x_deg, tilt_y_deg, defocus_nm, condition, dose_e_per_px, split_model, split_paper,
        and a column for each track except contrast, which is known only from the images.
    """
    return _image_table(recipe).copy()


@functools.lru_cache(maxsize=4)
def _image_table(recipe: Recipe) -> pd.DataFrame:
    models = recipe.models
    counts = [model.n_images for model in models]
    constant = ("name", "particle", "defect", "support", "thickness_A")
    columns: dict[str, Any] = {
        key: np.repeat(np.array([getattr(model, key) for model in models], dtype=object), counts)
        for key in constant
    }
    taken = [
        (*tilt, defocus, condition, recipe.conditions[condition].dose_e_per_px)
        for model in models
        for condition in model.conditions
        for defocus in model.defocus_nm
        for tilt in model.tilts_deg
    ]
    varied = ("tilt_x_deg", "tilt_y_deg", "defocus_nm", "condition", "dose_e_per_px")
    columns |= dict(zip(varied, zip(*taken, strict=True), strict=True))
    table = pd.DataFrame(columns).rename(columns={"name": "model"})
    table["thickness_A"] = table["thickness_A"].astype(float)
    table.index.name = "image"
    table["split_model"] = model_split(table, recipe)
    table["split_paper"] = paper_split(recipe)
    for track, held_out in recipe.tracks.items():
        if track != "contrast":
            table[f"split_{track}"] = track_split(table, track, held_out)
    return table


def factors_under_test(recipe: Recipe) -> dict[str, np.ndarray]:
    """Factors and splits of the images under test, by the names of their arrays.

    `noisy` has fewer images than `clean`, so the factors along `image` do not belong to it. They
    are written a second time along `test_image`, under names that begin with ``test_``: an array
    has one dimension only. The contrast class is not among them; only the images show it. Stores
    made by earlier versions have none of these arrays, and are as valid.

    Returns
    -------
    dict of str to ndarray, shape (images under test,)
    """
    table = image_table(recipe)
    tested = images_under_test(table)
    return {f"{TEST_PREFIX}{name}": table[name].to_numpy()[tested] for name in table.columns}


def with_contrast(table: pd.DataFrame, contrast: np.ndarray, recipe: Recipe) -> pd.DataFrame:
    """Add the contrast class of every image to its table, and the track of contrast.

    Parameters
    ----------
    table : pandas.DataFrame
        The `image_table` of the recipe.
    contrast : ndarray of str, shape (images,)
        Contrast class of each image.
    recipe : Recipe
        Contains the classes that the track holds out, if it has one.
    """
    table = table.copy()
    table.insert(int(table.columns.get_indexer(["split_model"])[0]), "contrast", contrast)
    held_out = recipe.tracks.get("contrast")
    if held_out is not None:
        table["split_contrast"] = track_split(table, "contrast", held_out)
    return table


def defocus_series(table: pd.DataFrame, image: int) -> list[int]:
    """Numbers of the images that differ from one in defocus alone, in ascending defocus."""
    alike = ("model", "condition", "tilt_x_deg", "tilt_y_deg")
    columns = [table[key].to_numpy() for key in alike]
    series = np.flatnonzero(np.logical_and.reduce([values == values[image] for values in columns]))
    return series[np.argsort(table["defocus_nm"].to_numpy()[series], kind="stable")].tolist()


def check_tracks(recipe: Recipe, where: str) -> None:
    """Refuse a recipe with a track that has no images to train on, or none to test.

    Raises
    ------
    RecipeError
        All such tracks in one line. The track of contrast is not checked: it needs the images.
    """
    table = image_table(recipe)
    problems = [
        f"tracks: no image in the {part} part of the track '{track}'"
        for track in recipe.tracks
        if track != "contrast"
        for part in ("train", "test")
        if not (table[f"split_{track}"] == part).any()
    ]
    if problems:
        raise RecipeError(
            together(problems, len(problems)),
            where=where,
            remedy="Hold out fewer values, or values that a test model has",
        )


def spread(total: int, most: int) -> list[int]:
    """At most `most` of the numbers from 0 to `total` - 1, evenly spaced, ascending."""
    return np.linspace(0, total - 1, min(most, total)).round().astype(int).tolist()
