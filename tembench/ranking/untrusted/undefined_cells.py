"""Empty cells of an untrusted ``scores.csv``: metrics that are not defined for an image.

Images of a closed recipe have columns, particle and vacuum, so that no metric that needs one of
these is undefined. Of a drawn recipe, the kind of each specimen follows from its seed without
placing an atom, and decides some cells: a film has no columns, a slab no particle, and an image of
nothing has vacuum. Others depend on the atoms: whether a particle is in the frame, or a crystal
upright enough to have columns. There the rows of a table must agree, which `comparable` checks: a
method cannot leave out the images that it does badly on.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import OutputError
from tembench.metrics import METRICS
from tembench.ranking.untrusted.expected_images import released_recipes
from tembench.recipe import (
    DrawnRecipe,
    Film,
    Particle,
    PtCeO2,
    SpecimenKind,
    drawn_kind,
    specimen_seed,
)

if TYPE_CHECKING:
    import pandas as pd

    from tembench.ranking.untrusted.run_info import DataInfo

NEEDS = tuple(sorted({metric.needs for metric in METRICS.values()} - {""}))
"""What an image must have for some metric to be defined."""
_OF_THE_IMAGE = ("columns", "particle", "vacuum")
_SPECIMEN = re.compile(r"(?P<part>[a-z]+)-(?P<draw>\d{5,9})(\.(?P<variant>\d{1,9}))?")


def check_undefined_cells(scores: pd.DataFrame, data: DataInfo, path: Path) -> None:
    """Refuse empty cells of metrics that are defined, and scores of metrics that are not.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `read_rows`, with the expected images.
    data : DataInfo
        The recipe that the submission claims.
    path : Path
        File of the scores, named in messages.

    Raises
    ------
    OutputError
        If the recipe or its draw contradicts a cell.
    """
    recipe = released_recipes().get(data.recipe_id)
    drawn = is_drawn(scores) if recipe is None else isinstance(recipe, DrawnRecipe)
    place, found = scores["model"].factorize()
    models = tuple(found.tolist())
    for what in _OF_THE_IMAGE:
        empty = images_without(scores, what)
        if empty is None:
            continue
        if isinstance(recipe, DrawnRecipe):
            known, lacks = (of_model[place] for of_model in _lacking(recipe, models, what))
        else:
            known, lacks = np.full(len(scores), not drawn), np.zeros(len(scores), dtype=bool)
        wrong = np.flatnonzero(known & (lacks != empty))
        if wrong.size:
            first = wrong[0]
            name = next(name for name in scores if name in METRICS and _needs(name) == what)
            raise OutputError(
                f"{name} of image {scores['image'].iloc[first]} is "
                f"{'empty' if empty[first] else 'not empty'}",
                where=str(path),
                expected=f"{'no score' if lacks[first] else 'a score'}: {models[place[first]]} has "
                f"{'no ' if lacks[first] else ''}{what}",
                remedy="score the outputs again",
            )


def is_drawn(scores: pd.DataFrame) -> bool:
    """Whether the models of scores have the names of drawn specimens, such as ``test-00012``."""
    return all(_SPECIMEN.fullmatch(model) for model in scores["model"].unique())


def images_without(scores: pd.DataFrame, what: str) -> np.ndarray | None:
    """Images that lack something by their empty cells, (images,); None if no metric needs it."""
    # All metrics that need it are empty for the same images.
    name = next((name for name in METRICS if _needs(name) == what and name in scores), None)
    return None if name is None else np.isnan(scores[name].to_numpy(dtype=np.float64))


def _needs(name: str) -> str:
    return METRICS[name].needs


# Submissions to one table have the same models.
@functools.lru_cache(maxsize=16)
def _lacking(
    recipe: DrawnRecipe, models: tuple[str, ...], what: str
) -> tuple[np.ndarray, np.ndarray]:
    """Whether it is known if a model lacks something, and whether it does (models,)."""
    lacking = [_lacks(recipe, model, what) for model in models]
    return np.array([lack is not None for lack in lacking]), np.array(lacking, dtype=bool)


def _lacks(recipe: DrawnRecipe, model: str, what: str) -> bool | None:
    """Whether a specimen lacks something in all of its images; None where atoms decide."""
    found = _SPECIMEN.fullmatch(model)
    if found is None:
        return None
    number = int(found["draw"]) * recipe.variants + int(found["variant"] or 0)
    kind = _kind(recipe, found["part"], number)
    if what == "particle":
        return None if _has(kind, Particle, PtCeO2) else True
    if what == "vacuum":
        return None if kind.components else False
    scored = recipe.scored.components
    crystals = [
        name for name, one in kind.components.items()
        if not isinstance(one, Film) and (not scored or name in scored)
    ]  # fmt: skip
    return None if crystals or _has(kind, PtCeO2) else True


@functools.lru_cache(maxsize=4096)
def _kind(recipe: DrawnRecipe, part: str, number: int) -> SpecimenKind:
    # The same in every attempt at placing the atoms.
    seed, _ = specimen_seed(recipe, part, number)
    return recipe.kinds[drawn_kind(recipe, seed)]


def _has(kind: SpecimenKind, *classes: type) -> bool:
    return any(isinstance(one, classes) for one in kind.components.values())
