"""Worst cases of a row: its worst tenth of images, its worst group, and what it loses to another.

A mean over all images may hide that a method fails on some. Beside it stand the mean over the worst
tenth of a row's own images, the lowest mean of a group of images, and the difference to a reference
row, paired specimen by specimen, over all images and in the group where it is lowest. The group is
chosen by the same scores as its mean: where many groups are alike, it is lower than what another
draw would show for the same group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tembench.ranking.statistics import (
    ImageGroup,
    Interval,
    Resampling,
    alike,
    bootstrap_interval,
    intervals,
    paired_gaps,
)

WORST_SHARE = 0.1
# Images between two checks whether all draws have their tenth.
_EVERY = 8


@dataclass(frozen=True, kw_only=True)
class GroupValue:
    """A group's name, its number of specimens, and a mean in it with its interval."""

    name: str
    specimens: int
    value: Interval


@dataclass(frozen=True, kw_only=True)
class WorstCases:
    """Worst cases of a row by one metric.

    Attributes
    ----------
    tenth : Interval
        Mean over the worst tenth of the images.
    group : GroupValue or None
        The group with the worst mean; None without groups.
    difference : Interval or None
        Difference to the reference, over all images that both have; None without a reference.
    group_difference : GroupValue or None
        The same in the group where it is worst.
    """

    tenth: Interval
    group: GroupValue | None
    difference: Interval | None
    group_difference: GroupValue | None


def find_worst_cases(
    rows: np.ndarray,
    reference: int | None,
    groups: Sequence[ImageGroup],
    draws: Resampling,
    sign: float,
) -> list[WorstCases]:
    """Worst cases of each row.

    Parameters
    ----------
    rows : array (rows, images)
        Scores; NaN for images that a row does not have.
    reference : int or None
        Number of the row that the others are compared with.
    groups : sequence of ImageGroup
        Groups of these images.
    draws : Resampling
        Of these images.
    sign : float
        1 where higher is better, else -1.
    """
    tenths = _worst_tenths(rows, draws, sign)
    found = _worst_groups(rows, groups, draws, sign)
    differences: list[Interval | None] = [None] * len(rows)
    theirs: list[GroupValue | None] = [None] * len(rows)
    if reference is not None:
        gaps = paired_gaps(rows, rows[reference])
        differences = [*intervals(gaps, draws)]
        theirs = _worst_groups(gaps, groups, draws, sign)
        differences[reference] = theirs[reference] = None
    return [
        WorstCases(tenth=tenth, group=group, difference=gap, group_difference=gap_group)
        for tenth, group, gap, gap_group in zip(tenths, found, differences, theirs, strict=True)
    ]


def worst_tenth(values: np.ndarray, draws: Resampling, sign: float) -> Interval:
    """Mean over the worst tenth of the images, specimens weighing equally, with its interval.

    Parameters
    ----------
    values : array (images,)
        Scores; NaN for images without one, which count nowhere. NaN is returned where some are
        infinite.
    draws : Resampling
        Of the images.
    sign : float
        1 where higher is better, else -1.
    """
    return _worst_tenths(values[None], draws, sign)[0]


def _worst_tenths(rows: np.ndarray, draws: Resampling, sign: float) -> list[Interval]:
    """`worst_tenth` of each row."""
    found = [Interval(mean=np.nan, low=np.nan, high=np.nan)] * len(rows)
    for known, numbers in alike(~np.isnan(rows)):
        among = draws.among(known)
        by_model = np.ascontiguousarray(among.weights.T)
        for number in numbers.tolist():
            values = rows[number, known]
            if known.any() and np.isfinite(values).all():
                found[number] = _worst_tenth(values, among.membership, by_model, sign)
    return found


def _worst_tenth(
    values: np.ndarray, membership: np.ndarray, weights: np.ndarray, sign: float
) -> Interval:
    """The same of finite values, with the weights of each model in the draws."""
    worst_first = np.argsort(sign * values, kind="stable")
    values, membership = values[worst_first], membership[worst_first]
    share = 1.0 / np.bincount(membership)[membership]
    once = np.ones((len(weights), 1))
    (mean,) = _lowest_tenths(values, share, membership, once).tolist()
    means = _lowest_tenths(values, share, membership, weights)
    return bootstrap_interval(mean, means, len(weights))


def _lowest_tenths(
    values: np.ndarray, share: np.ndarray, membership: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Weighted mean of the first tenth, by weight, of values, for each draw of models.

    Parameters
    ----------
    values, share : array (images,)
        Scores, and the share of each image in its model.
    membership : array of int (images,)
        Model of each image.
    weights : array (models, draws)
        How often each model was drawn.
    """
    tenths = WORST_SHARE * weights.sum(axis=0)
    missing, sums = tenths.copy(), np.zeros(len(tenths))
    taken = np.empty_like(missing)
    # Image by image, without temporary arrays: all stays in the processor's cache.
    for number, value in enumerate(values.tolist()):
        np.multiply(weights[membership[number]], share[number], out=taken)
        np.minimum(taken, missing, out=taken)
        missing -= taken
        taken *= value
        sums += taken
        if number % _EVERY == 0 and not missing.any():
            break
    return np.asarray(sums / (tenths - missing))


def _worst_groups(
    rows: np.ndarray, groups: Sequence[ImageGroup], draws: Resampling, sign: float
) -> list[GroupValue | None]:
    """The group with the worst mean of each row; None for a row that has a value in none."""
    means = _group_means(rows, groups, draws)
    worst: dict[int, list[int]] = {}
    for row in range(len(rows)):
        known = [number for number in range(len(groups)) if not np.isnan(means[row, number])]
        if known:
            lowest = min(known, key=lambda number: float(sign * means[row, number]))
            worst.setdefault(lowest, []).append(row)
    found: list[GroupValue | None] = [None] * len(rows)
    for number, own in worst.items():
        group = groups[number]
        values = intervals(np.where(group.images, rows[own], np.nan), draws)
        for row, value in zip(own, values, strict=True):
            found[row] = GroupValue(name=group.name, specimens=value.models, value=value)
    return found


def _group_means(rows: np.ndarray, groups: Sequence[ImageGroup], draws: Resampling) -> np.ndarray:
    """Mean of each row in each group, (rows, groups); NaN where it has no value there."""
    means = np.full((len(rows), len(groups)), np.nan)
    if not groups:
        return means
    for known, numbers in alike(~np.isnan(rows)):
        own = np.where(known, rows[numbers], 0.0)
        shares = np.stack([_shares(group.images & known, draws) for group in groups], axis=1)
        found = np.where(np.isfinite(own), own, 0.0) @ shares
        above, below = ((own == end).astype(float) @ shares > 0 for end in (np.inf, -np.inf))
        found[above], found[below], found[above & below] = np.inf, -np.inf, np.nan
        found[:, ~shares.any(axis=0)] = np.nan
        means[numbers] = found
    return means


def _shares(images: np.ndarray, draws: Resampling) -> np.ndarray:
    """Share of each image of a mask in the mean over its models, (images,)."""
    counts = np.bincount(draws.membership[images], minlength=draws.models)
    of_image = np.maximum(counts, 1)[draws.membership] * max(np.count_nonzero(counts), 1)
    return images / of_image
