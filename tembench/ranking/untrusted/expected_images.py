"""Images that a submission must have scores of, determined without the store.

The recipe determines the parts of a split. For recipes that come with tembench, a submission that
leaves out the hard images, or is scored on a subset of its own choice, is therefore detected.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError, list_recipes, recipes_folder
from tembench.recipe import (
    SUBSET_PART,
    AnyRecipe,
    load_recipe,
    recipe_id,
)

if TYPE_CHECKING:
    import pandas as pd

    from tembench.ranking.untrusted.run_info import DataInfo


def check_expected_images(scores: pd.DataFrame, data: DataInfo, path: Path) -> None:
    """Refuse scores whose images are not those of the part that the submission claims.

    Parameters
    ----------
    scores : pandas.DataFrame
        Columns image and model, one row per image.
    data : DataInfo
        The recipe, split and part that the submission claims.
    path : Path
        File of the scores, named in messages.

    Raises
    ------
    OutputError
        If the images, or their models, are not those of the part. For other recipes than those
        that come with tembench, and for the contrast track, which depends on the images, only the
        size of a subset is checked. The images of a drawn recipe follow from its numbers of
        specimens, whatever is drawn.
    """
    from tembench.dataset import SUBSET_IMAGES

    part = f"the {data.part} part of split {data.split}"
    if data.part == SUBSET_PART and len(scores) > SUBSET_IMAGES:
        raise OutputError(
            f"too many images for {part}",
            where=str(path),
            expected=f"at most {SUBSET_IMAGES}",
            got=str(len(scores)),
            remedy="score the outputs again",
        )
    models = _models(data.recipe_id, data.split, data.part)
    if models is None:
        return
    found = dict(zip(scores["image"].tolist(), scores["model"].tolist(), strict=True))
    if found != models:
        first = min(image for image, _ in models.items() ^ found.items())
        raise OutputError(
            f"not the images of {part} of {data.recipe} {data.version}",
            where=str(path),
            expected=f"image {first} {_of(models.get(first))}",
            got=f"image {first} {_of(found.get(first))}",
            remedy="score the outputs again",
        )


def false_recipe_claim(data: DataInfo) -> str | None:
    """Describe a false claim of a recipe name or version; None if none is known to be false."""
    claimed = (data.recipe, data.version)
    known = {known_id: (r.name, r.version) for known_id, r in released_recipes().items()}
    expected = known.get(data.recipe_id, claimed)
    if claimed != expected:
        return f"expected {' '.join(expected)}, which has that recipe_id, got {' '.join(claimed)}"
    if data.recipe_id not in known and claimed in known.values():
        return f"{' '.join(claimed)} has another recipe_id than {data.recipe_id[:16]}"
    return None


def _of(model: str | None) -> str:
    return "not among them" if model is None else f"of {model}"


@functools.cache
def _models(recipe: str, split: str, part: str) -> dict[int, str] | None:
    """Model of each image of a part, by image number; None where it depends on the store."""
    from tembench.dataset import contents_of, part_images

    known = released_recipes().get(recipe)
    if known is None:
        return None
    table = contents_of(known).table()
    if split not in known.split_names:
        return {}
    if f"split_{split}" not in table:
        return None
    images = part_images(table, split, part, known.seed)
    return dict(zip(images.tolist(), table["model"].iloc[images].tolist(), strict=True))


@functools.cache
def released_recipes() -> dict[str, AnyRecipe]:
    """Recipes that come with tembench, by recipe id."""
    # By path, since the working folder may contain a file of the same name.
    recipes = [load_recipe(recipes_folder() / f"{name}.toml") for name in list_recipes()]
    return {recipe_id(recipe): recipe for recipe in recipes}
