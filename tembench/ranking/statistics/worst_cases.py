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
    difference,
    interval,
)

WORST_SHARE = 0.1
# Draws at a time: 500 of 2000 images are 8 MB.
_BLOCK = 500


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
    values: np.ndarray,
    reference: np.ndarray | None,
    groups: Sequence[ImageGroup],
    draws: Resampling,
    sign: float,
) -> WorstCases:
    """Worst cases of a row.

    Parameters
    ----------
    values, reference : array (images,)
        Scores of the row and of the reference; NaN for images without one.
    groups : sequence of ImageGroup
        Groups of these images.
    draws : Resampling
        Of these images.
    sign : float
        1 where higher is better, else -1.
    """
    gap = None if reference is None else _gap(values, reference)
    return WorstCases(
        tenth=worst_tenth(values, draws, sign),
        group=_worst_group(values, groups, draws, sign),
        difference=None if reference is None else difference(values, reference, draws),
        group_difference=None if gap is None else _worst_group(gap, groups, draws, sign),
    )


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
    known = ~np.isnan(values)
    if not known.any() or not np.isfinite(values[known]).all():
        return Interval(mean=np.nan, low=np.nan, high=np.nan)
    draws, values = draws.among(known), values[known]
    worst_first = np.argsort(sign * values, kind="stable")
    values, membership = values[worst_first], draws.membership[worst_first]
    share = 1.0 / np.bincount(membership)[membership]
    mean = float(_lowest_tenth(values, share[None])[0])
    means = [
        _lowest_tenth(values, share * draws.weights[start : start + _BLOCK][:, membership])
        for start in range(0, len(draws.weights), _BLOCK)
    ]
    return bootstrap_interval(mean, np.concatenate(means), draws.models)


def _lowest_tenth(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean of the first tenth, by weight, of values, for each row of weights."""
    ends = np.cumsum(weights, axis=1)
    left = WORST_SHARE * ends[:, -1:] - (ends - weights)
    taken = np.clip(left, 0.0, weights)
    return np.asarray((taken @ values) / taken.sum(axis=1))


def _gap(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    gap = np.zeros_like(values)
    np.subtract(values, reference, out=gap, where=values != reference)
    return gap


def _worst_group(
    values: np.ndarray, groups: Sequence[ImageGroup], draws: Resampling, sign: float
) -> GroupValue | None:
    means = [(sign * draws.mean(_only(values, group)), group) for group in groups]
    known = [(mean, group) for mean, group in means if not np.isnan(mean)]
    if not known:
        return None
    worst = min(known, key=lambda pair: pair[0])[1]
    value = interval(_only(values, worst), draws)
    return GroupValue(name=worst.name, specimens=value.models, value=value)


def _only(values: np.ndarray, group: ImageGroup) -> np.ndarray:
    return np.where(group.images, values, np.nan)
