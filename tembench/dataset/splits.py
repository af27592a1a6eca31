"""Splits into train, validation and test: by atomic model, by image, and with one factor held out.

The images of the test models are many and similar, so a recipe may draw a smaller test from them,
balanced over the factors; the rest is the part `test-full`. For slow methods, a fixed subset is
drawn from the test in turn: the part `test-subset`, which is derived from the others, not stored.
A track is the split by model with values of one factor held out: no training image has them, and
every test image has one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tembench.core import StoreError, seed_sequence
from tembench.recipe import (
    DRAWN_PARTS,
    PARTS,
    SUBSET_PART,
    TEST_PARTS,
    TRACKS,
    AnyRecipe,
    Recipe,
)

UNUSED = "unused"
"""Value in a track's column for an image that is in none of its parts."""
SUBSET_IMAGES = 100
"""Size of the part `test-subset`, where the test has as many images."""


def model_split(table: pd.DataFrame, recipe: Recipe) -> np.ndarray:
    """Part of every image in the split by atomic model.

    Parameters
    ----------
    table : pandas.DataFrame
        The factors of every image, as in `tembench.dataset.image_table.image_table`.
    recipe : Recipe
        The models held out, and the number of their images that are drawn.

    Returns
    -------
    ndarray of object, shape (images,)
    """
    part_of = {model.name: recipe.part_of(model) for model in recipe.models}
    parts = table["model"].map(part_of).to_numpy(dtype=object)
    if recipe.splits.test_images is not None:
        held_out = np.flatnonzero(parts == "test")
        parts[held_out] = "test-full"
        chosen = balanced_draw(table.iloc[held_out], recipe.splits.test_images, recipe.seed)
        parts[held_out[chosen]] = "test"
    return parts


def paper_split(recipe: Recipe) -> np.ndarray:
    """Part of every image in the split by image, drawn at random as in the paper.

    Neighbours in defocus may be in different parts.
    """
    generator = np.random.default_rng(seed_sequence(recipe.seed, "paper split"))
    order = generator.permutation(recipe.n_images)
    n_test = round(recipe.splits.paper_test_share * recipe.n_images)
    n_validation = round(recipe.splits.paper_validation_share * recipe.n_images)
    parts = np.full(recipe.n_images, PARTS[0], dtype=object)
    parts[order[:n_test]] = "test"
    parts[order[n_test : n_test + n_validation]] = "validation"
    return parts


def track_split(table: pd.DataFrame, track: str, held_out: tuple[Any, ...]) -> np.ndarray:
    """Part of every image in a track.

    Parameters
    ----------
    table : pandas.DataFrame
        Factors of every image, and `split_model`.
    track : str
        Name of the track.
    held_out : tuple
        The values of its factor that no training image may have.

    Returns
    -------
    ndarray of object, shape (images,)
        The part in the split by model if the image belongs to the track, else `UNUSED`. Train and
        validation images belong to it without a held-out value, images under test with one.
    """
    if track == "tilt":
        tilts = zip(table["tilt_x_deg"], table["tilt_y_deg"], strict=True)
        has_held_out = np.array([tilt in held_out for tilt in tilts], dtype=bool)
    else:
        has_held_out = table[TRACKS[track]].isin(held_out).to_numpy()
    under_test = table["split_model"].isin(TEST_PARTS).to_numpy()
    return np.where(has_held_out == under_test, table["split_model"], UNUSED)


def images_under_test(table: pd.DataFrame) -> np.ndarray:
    """Numbers of the images under test in any split, ascending; tracks add none of their own."""
    tested = table["split_model"].isin(TEST_PARTS) | (table["split_paper"] == "test")
    return np.flatnonzero(tested)


def part_images(table: pd.DataFrame, split: str, part: str, seed: int) -> np.ndarray:
    """Numbers of the images in a part of a split, ascending.

    Parameters
    ----------
    table : pandas.DataFrame
        Factors of every image, and a column for the split.
    split, part : str
        Any split; any part, `test-subset` included.
    seed : int
        The recipe's seed, which determines the subset.
    """
    column = table[f"split_{split}"]
    if part != SUBSET_PART:
        return np.flatnonzero(column == part)
    test = np.flatnonzero(column == "test")
    if not len(test):
        return test
    return test[balanced_draw(table.iloc[test], SUBSET_IMAGES, seed, proportional=True)]


def images_of_part(
    table: pd.DataFrame, recipe: AnyRecipe, split: str, part: str, where: str
) -> np.ndarray:
    """`part_images` of a data set, or an error if there are none.

    Raises
    ------
    StoreError
        If there is no such part, or no image in it.
    """
    parts = (*(PARTS if isinstance(recipe, Recipe) else DRAWN_PARTS), SUBSET_PART)
    splits = recipe.split_names
    if split not in splits or part not in parts:
        raise StoreError(
            "no such part",
            where=where,
            expected=f"a split of {', '.join(splits)} and a part of {', '.join(parts)}",
            got=f"{split}, {part}",
        )
    images = part_images(table, split, part, recipe.seed)
    if len(images) == 0:
        raise StoreError(
            f"no image in the {part} part of split {split}",
            where=where,
            remedy="Use another split, or a recipe that puts images there",
        )
    return images


def balanced_draw(
    table: pd.DataFrame, count: int, seed: int, *, proportional: bool = False
) -> np.ndarray:
    """Draw images over models, and evenly over conditions, defoci and tilts within each.

    Parameters
    ----------
    table : pandas.DataFrame
        The images to draw from.
    count : int
        Number of images to draw; all of them if there are no more.
    seed : int
        The recipe's seed, which breaks ties.
    proportional : bool
        Whether each model contributes the same share of its images, so that the draw represents
        `table`, instead of the same number.

    Returns
    -------
    ndarray of int
        Positions in `table`, ascending. Unless proportional, models contribute equally
        many images, as far as they have them; within a model, and then over all, so do the values
        of a factor.
    """
    generator = np.random.default_rng(seed_sequence(seed, "test draw"))
    lot = generator.permutation(len(table))
    model = pd.factorize(table["model"])[0]
    factors = [pd.factorize(column)[0] for column in _balanced_factors(table)]
    overall = [np.zeros(codes.max() + 1, dtype=int) for codes in factors]
    chosen: list[int] = []
    sizes = np.bincount(model)
    quotas = _shares(sizes, count) if proportional else _quotas(sizes, count, generator)
    for number, quota in enumerate(quotas):
        left = np.flatnonzero(model == number)
        inside = [np.zeros_like(counts) for counts in overall]
        for _ in range(quota):
            # Values drawn least so far come first; the last key of `lexsort` is the primary one.
            keys = [lot[left]]
            for codes, own, all_ in reversed(list(zip(factors, inside, overall, strict=True))):
                keys += [all_[codes[left]], own[codes[left]]]
            best = int(left[np.lexsort(keys)[0]])
            for codes, own, all_ in zip(factors, inside, overall, strict=True):
                own[codes[best]] += 1
                all_[codes[best]] += 1
            left = left[left != best]
            chosen.append(best)
    return np.sort(np.array(chosen, dtype=int))


def _balanced_factors(table: pd.DataFrame) -> list[pd.Series]:
    """Factors that a draw is balanced over; none of drawn images, whose values all differ."""
    if "condition" not in table:
        return []
    tilts = table["tilt_x_deg"].astype(str) + " " + table["tilt_y_deg"].astype(str)
    return [table["condition"], table["defocus_nm"], tilts]


def _shares(sizes: np.ndarray, count: int) -> list[int]:
    """`count` in proportion to the sizes; largest remainders are rounded up to make up the sum."""
    exact = sizes * (min(count, int(sizes.sum())) / sizes.sum())
    shares = np.floor(exact + 1e-9).astype(int)
    left = min(count, int(sizes.sum())) - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:left]] += 1
    return shares.tolist()


def _quotas(sizes: np.ndarray, count: int, generator: np.random.Generator) -> list[int]:
    """Equal shares of `count`; groups too small for theirs are made up for by the others."""
    quotas = np.zeros_like(sizes)
    left = min(count, int(sizes.sum()))
    while left:
        able = np.flatnonzero(quotas < sizes)
        share = left // len(able)
        if share == 0:
            quotas[generator.choice(able, left, replace=False)] += 1
            break
        given = np.minimum(share, sizes[able] - quotas[able])
        quotas[able] += given
        left -= int(given.sum())
    return [int(quota) for quota in quotas]
