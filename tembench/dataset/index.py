"""The table of images: factors, splits, contrast class.

Images are numbered by model, then defocus, then tilt, so that an image's number follows from
the recipe alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tembench.recipe import PARTS, Box, Recipe
from tembench.seeds import seed_sequence
from tembench.simulate.columns import Columns

_SAME_SIGN = 0.75
"""Share of the Pt columns that must lie on one side of vacuum for a pure contrast class."""


def image_table(recipe: Recipe) -> pd.DataFrame:
    """Factors and splits of every image.

    Parameters
    ----------
    recipe : Recipe
        The recipe.

    Returns
    -------
    pandas.DataFrame
        One row an image, indexed by its number: model, particle, defect, support, thickness_A,
        tilt_x_deg, tilt_y_deg, defocus_nm, split_model, split_paper.
    """
    rows = [
        {
            "model": model.name,
            "particle": model.particle,
            "defect": model.defect,
            "support": model.support,
            "thickness_A": model.thickness_A,
            "tilt_x_deg": tilt[0],
            "tilt_y_deg": tilt[1],
            "defocus_nm": defocus,
            "split_model": recipe.part_of(model),
        }
        for model in recipe.models
        for defocus in model.defocus_nm
        for tilt in model.tilts_deg
    ]
    table = pd.DataFrame(rows)
    table.index.name = "image"
    table["split_paper"] = _paper_split(recipe)
    return table


def images_under_test(table: pd.DataFrame) -> np.ndarray:
    """Numbers of the images that are in the test part of any split, ascending."""
    tested = (table["split_model"] == "test") | (table["split_paper"] == "test")
    return np.flatnonzero(tested)


def spread(total: int, most: int) -> list[int]:
    """At most `most` of the numbers from 0 to `total` - 1, evenly spaced, ascending."""
    return np.linspace(0, total - 1, min(most, total)).round().astype(int).tolist()


def contrast_class(
    clean: np.ndarray,
    columns: Columns,
    tilt_deg: tuple[float, float],
    box: Box,
    dose_e_per_px: float,
) -> str:
    """Class of an image by the brightness of its Pt columns against vacuum.

    White: at least three quarters of the columns are brighter than vacuum at their own place;
    black: at least three quarters are darker; else intermediate.

    Parameters
    ----------
    clean : ndarray, shape (y, x)
        Expected electrons per pixel.
    columns : Columns
        The model's true columns.
    tilt_deg : tuple of float
        Tilt of the specimen in this image.
    box : Box
        Sampling of the image.
    dose_e_per_px : float
        Expected electrons per pixel in vacuum.
    """
    x, y = (
        np.rint(place[columns.in_particle] / box.pixel_size_A).astype(int)
        for place in columns.projected(tilt_deg)
    )
    height, width = clean.shape
    inside = (y >= 0) & (y < height)
    brighter = float(np.mean(clean[y[inside], x[inside] % width] > dose_e_per_px))
    if brighter >= _SAME_SIGN:
        return "white"
    return "black" if brighter <= 1 - _SAME_SIGN else "intermediate"


def _paper_split(recipe: Recipe) -> np.ndarray:
    """Split by image, drawn at random as in the paper; neighbours in defocus fall apart."""
    generator = np.random.default_rng(seed_sequence(recipe.seed, "paper split"))
    order = generator.permutation(recipe.n_images)
    n_test = round(recipe.splits.paper_test_share * recipe.n_images)
    n_validation = round(recipe.splits.paper_validation_share * recipe.n_images)
    parts = np.full(recipe.n_images, PARTS[0], dtype=object)
    parts[order[:n_test]] = "test"
    parts[order[n_test : n_test + n_validation]] = "validation"
    return parts
