"""Which images a submission must hold scores of, known without the store.

The recipe decides the parts of a split, so those of a recipe that comes with tembench can be told
from it alone: whoever leaves out the hard images, or draws a subset of his own, is found out.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError, recipes_folder
from tembench.recipe import SUBSET_PART, Recipe, list_recipes, load_recipe, recipe_id

if TYPE_CHECKING:
    import pandas as pd

    from tembench.leaderboard.untrusted.run_info import DataInfo


def check_expected_images(scores: pd.DataFrame, data: DataInfo, path: Path) -> None:
    """Refuse scores of other images than those of the part that they are said to be of.

    Parameters
    ----------
    scores : pandas.DataFrame
        image and model, one row an image.
    data : DataInfo
        The recipe, split and part.
    path : Path
        File of the scores, for messages.

    Raises
    ------
    OutputError
        If the images, or their models, are not those of the part. Of a recipe that does not come
        with tembench, and of the track of contrast, which only the images tell, no more is known
        than how many images a subset has.
    """
    from tembench.dataset.splits import SUBSET_IMAGES

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
    wrong = {image for image, _ in models.items() ^ found.items()}
    if wrong:
        first = min(wrong)
        raise OutputError(
            f"not the images of {part} of {data.recipe} {data.version}",
            where=str(path),
            expected=f"image {first} {_of(models.get(first))}",
            got=f"image {first} {_of(found.get(first))}",
            remedy="score the outputs again",
        )


def false_recipe_claim(data: DataInfo) -> str | None:
    """Say what is wrong with a recipe's name and version; None where nothing is known to be."""
    claimed = (data.recipe, data.version)
    known = {known_id: (r.name, r.version) for known_id, r in _released().items()}
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
    """The model of each image of a part, by its number; None where only a store can tell."""
    from tembench.dataset.image_table import image_table
    from tembench.dataset.splits import part_images

    known = _released().get(recipe)
    if known is None:
        return None
    table = image_table(known)
    if split not in known.split_names:
        return {}
    if f"split_{split}" not in table:
        return None
    images = part_images(table, split, part, known.seed)
    return dict(zip(images.tolist(), table["model"].iloc[images].tolist(), strict=True))


@functools.cache
def _released() -> dict[str, Recipe]:
    """Recipes that come with tembench, by their ids."""
    # By their paths: a file of such a name may lie in the working folder.
    recipes = [load_recipe(recipes_folder() / f"{name}.toml") for name in list_recipes()]
    return {recipe_id(recipe): recipe for recipe in recipes}
