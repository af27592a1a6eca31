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
    bootstrap_interval,
    intervals,
    paired_gaps,
)

WORST_SHARE = 0.1
# Images at a time until every draw has its tenth.
_BLOCK = 16
_UNKNOWN = Interval(mean=np.nan, low=np.nan, high=np.nan)


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
    """`worst_tenth` of each row; the draws of rows with the same images are restricted once."""
    among: dict[bytes, Resampling] = {}
    found = []
    for row in rows:
        known = ~np.isnan(row)
        if not known.any() or not np.isfinite(row[known]).all():
            found.append(_UNKNOWN)
            continue
        key = np.packbits(known).tobytes()
        if key not in among:
            among[key] = draws.among(known)
        found.append(_worst_tenth(row[known], among[key], sign))
    return found


def _worst_tenth(values: np.ndarray, draws: Resampling, sign: float) -> Interval:
    """The same of finite values, one for each image of the draws."""
    worst_first = np.argsort(sign * values, kind="stable")
    values, membership = values[worst_first], draws.membership[worst_first]
    share = 1.0 / np.bincount(membership)[membership]
    ends = np.cumsum(share)
    taken = np.clip(WORST_SHARE * ends[-1] - (ends - share), 0.0, share)
    mean = float((taken @ values) / taken.sum())
    means = _lowest_tenths(values, share, membership, draws.by_model)
    return bootstrap_interval(mean, means, draws.models)


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
    tenth = WORST_SHARE * weights.sum(axis=0)
    left, sums = tenth.copy(), np.zeros(len(tenth))
    taken = np.empty_like(left)
    for image, value in enumerate(values.tolist()):
        np.multiply(weights[membership[image]], share[image], out=taken)
        np.minimum(taken, left, out=taken)
        left -= taken
        taken *= value
        sums += taken
        # The tenth of most draws ends at about the same image.
        if image % _BLOCK == 0 and not left.any():
            break
    return np.asarray(sums / (tenth - left))


def _worst_groups(
    rows: np.ndarray, groups: Sequence[ImageGroup], draws: Resampling, sign: float
) -> list[GroupValue | None]:
    """The group with the worst mean of each row; None for a row that has a value in none."""
    means = [draws.among(group.images).mean(rows[:, group.images]) for group in groups]
    worst: dict[int, list[int]] = {}
    for row in range(len(rows)):
        known = [number for number, mean in enumerate(means) if not np.isnan(mean[row])]
        if known:
            lowest = min(known, key=lambda number: float(sign * means[number][row]))
            worst.setdefault(lowest, []).append(row)
    found: list[GroupValue | None] = [None] * len(rows)
    for number, own in worst.items():
        group = groups[number]
        values = intervals(np.where(group.images, rows[own], np.nan), draws)
        for row, value in zip(own, values, strict=True):
            found[row] = GroupValue(name=group.name, specimens=value.models, value=value)
    return found
