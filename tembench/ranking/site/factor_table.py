"""Factors of the images of a table: material and dose of draws, defect and defocus of models.

Those of a drawn recipe are columns of the scores; those of a closed recipe that comes with tembench
follow from the recipe. `factor_groups` groups the images by each factor alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import recipes_folder
from tembench.ranking.untrusted import IMAGE_FACTORS, released_recipes

if TYPE_CHECKING:
    import pandas as pd

    from tembench.ranking.table_rows import Table

FACTOR_TITLES = {
    "material": "material",
    "orientation": "orientation",
    "dose_e_per_A2": "dose, e/Å²",
    "C10_nm": "defocus C10, nm",
    "ctf_distance": "CTF distance",
    "contrast": "contrast",
    "particle": "particle",
    "defect": "defect",
    "support": "support",
    "thickness_A": "thickness, Å",
    "defocus_nm": "defocus, nm",
    "tilt_x_deg": "tilt x, °",
    "tilt_y_deg": "tilt y, °",
}
_MOST_VALUES = 24
_THIRDS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class FactorGroup:
    """Images that have one value of a factor, or are in one third of its values.

    Attributes
    ----------
    factor, name : str
        The factor, and the value in words.
    images : array of bool (images,)
        Which images are in it.
    """

    factor: str
    name: str
    images: np.ndarray


def image_factors(table: Table) -> pd.DataFrame:
    """Factors of a table's images, one row per image in the order of the scores.

    Returns
    -------
    pandas.DataFrame
        Columns image, model and those of `FACTOR_TITLES` that are known and vary.
    """
    from tembench.dataset import contents_of

    whole = next(row for row in table.rows if not row.on_subset).submission.scores
    found = whole[["image", "model", *(name for name in IMAGE_FACTORS if name in whole)]]
    recipe = released_recipes().get(table.data.recipe_id)
    if not table.drawn and recipe is not None:
        known = contents_of(recipe).table().loc[whole["image"]].reset_index(drop=True)
        more = [name for name in FACTOR_TITLES if name in known and name not in found]
        found = found.assign(**{name: known[name].to_numpy() for name in more})
        found = found.assign(contrast=_contrast(recipe.name, found["image"]))
    varying = [name for name in found if name in ("image", "model") or found[name].nunique() > 1]
    return found[varying]


def _contrast(recipe: str, images: pd.Series) -> np.ndarray:
    """Contrast class of each image, which the recipe alone does not say; empty where unknown."""
    import pandas as pd

    path = recipes_folder() / f"{recipe}-contrast.csv"
    if not path.is_file():
        return np.full(len(images), "", dtype=object)
    classes = pd.read_csv(path, index_col="image")["contrast"]
    return classes.reindex(images).fillna("").to_numpy(dtype=object)


def factor_groups(factors: pd.DataFrame) -> list[FactorGroup]:
    """Groups of images by each factor alone."""
    return [
        FactorGroup(factor=name, name=words, images=images)
        for name in FACTOR_TITLES
        if name in factors
        for words, images in _classes(factors[name].to_numpy())
    ]


def _classes(values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    if values.dtype.kind in "OUT":
        for value in sorted(set(values) - {""})[:_MOST_VALUES]:
            yield str(value), values == value
        return
    known = np.unique(values[~np.isnan(values)])
    if len(known) <= _MOST_VALUES:
        for value in known:
            yield f"{value:g}", values == value
        return
    edges = np.quantile(values[~np.isnan(values)], np.linspace(0, 1, _THIRDS + 1))
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        last = number == _THIRDS - 1
        yield f"{_short(low)} to {_short(high)}", (values >= low) & ((values < high) | last)


def _short(value: float) -> str:
    """Three figures, without a power of ten where the number is short."""
    return f"{float(f'{value:.3g}'):g}"
