"""Worst cases: closed forms, equal weights, and the group that is worst."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.ranking.statistics import (
    ImageGroup,
    Interval,
    bootstrap_interval,
    difference,
    find_worst_cases,
    interval,
    resampling,
)
from tembench.ranking.statistics.worst_cases import worst_tenth

LABELS = [f"m{n:02}" for n in range(40)]


def group(name: str, images: np.ndarray) -> ImageGroup:
    return ImageGroup(name=name, images=images, specimens=int(images.sum()))


def alike(value: Interval) -> Interval:
    """An interval equal to within the rounding of sums in another order."""
    ends = {end: pytest.approx(getattr(value, end), rel=1e-12) for end in ("mean", "low", "high")}
    return Interval(**ends, models=value.models)


def test_the_worst_tenth_is_the_mean_of_the_lowest_values() -> None:
    values = np.random.default_rng(0).permutation(np.arange(40.0))
    draws = resampling(LABELS)
    lowest = worst_tenth(values, draws, 1.0)
    assert lowest.mean == pytest.approx(np.mean([0, 1, 2, 3]))
    assert lowest.low < lowest.mean < lowest.high
    assert worst_tenth(values, draws, -1.0).mean == pytest.approx(np.mean([36, 37, 38, 39]))


def test_a_part_of_an_image_completes_the_tenth() -> None:
    values = np.arange(15.0)
    found = worst_tenth(values, resampling([f"m{n}" for n in range(15)]), 1.0)
    assert found.mean == pytest.approx((0 * 1 + 1 * 0.5) / 1.5)


def test_specimens_weigh_equally_in_the_worst_tenth() -> None:
    # Ten specimens: the worst has four images, whose mean is what one tenth of the weight shows.
    labels = ["a"] * 4 + [f"m{n}" for n in range(9)]
    values = np.array([1.0, 2.0, 3.0, 4.0, *np.full(9, 30.0)])
    assert worst_tenth(values, resampling(labels), 1.0).mean == pytest.approx(2.5)


def test_images_without_a_score_count_nowhere_and_infinite_ones_give_none() -> None:
    values = np.arange(40.0)
    values[:20] = np.nan
    draws = resampling(LABELS)
    assert worst_tenth(values, draws, 1.0).mean == pytest.approx(20.5)
    assert np.isnan(worst_tenth(np.full(40, np.inf), draws, 1.0).mean)
    assert np.isnan(worst_tenth(np.full(40, np.nan), draws, 1.0).mean)


def lowest_tenth(values: np.ndarray, membership: np.ndarray, drawn: np.ndarray) -> float:
    """Mean of a tenth of the weight of the images of drawn models, the lowest first."""
    weights = (drawn / np.bincount(membership))[membership]
    order = np.argsort(values)
    ends = np.cumsum(weights[order])
    taken = np.clip(0.1 * ends[-1] - ends + weights[order], 0, weights[order])
    return float(taken @ values[order] / taken.sum())


def test_the_worst_tenth_of_each_draw_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(2)
    draws = resampling([f"m{n}" for n in rng.integers(0, 12, 60)], resamples=40)
    values = rng.normal(30, 3, 60)
    found = worst_tenth(values, draws, 1.0)
    means = [lowest_tenth(values, draws.membership, drawn) for drawn in draws.weights]
    expected = bootstrap_interval(found.mean, np.array(means), draws.models)
    assert found == alike(expected)


@pytest.mark.slow
def test_the_interval_of_the_worst_tenth_covers_a_new_sample() -> None:
    rng = np.random.default_rng(3)
    draws = resampling([f"m{n}" for n in range(100)], resamples=400)
    # Mean of the lowest tenth of a normal distribution: -phi(z) / 0.1 at its quantile.
    truth = -1.755
    inside = sum(worst_tenth(rng.normal(size=100), draws, 1.0).includes(truth) for _ in range(100))
    assert inside >= 85


def test_the_worst_group_and_its_difference_to_the_reference() -> None:
    draws = resampling(LABELS)
    first = np.arange(40) < 20
    groups = [group("first", first), group("second", ~first)]
    reference = np.where(first, 30.0, 20.0) + 0.01 * np.arange(40)
    values = reference + np.where(first, -1.0, 3.0)
    rows = np.array([values, reference])
    found, its_own = find_worst_cases(rows, 1, groups, draws, 1.0)
    assert found.group is not None
    assert found.group.name == "second"
    assert found.group.value == alike(interval(np.where(first, np.nan, values), draws))
    assert found.group.specimens == 20
    assert found.difference == alike(difference(values, reference, draws))
    assert (its_own.difference, its_own.group_difference) == (None, None)
    assert found.group_difference is not None
    assert found.group_difference.name == "first"
    assert found.group_difference.value.mean == pytest.approx(-1.0)
    # Of an error, the highest is the worst.
    lower, _ = find_worst_cases(rows, 1, groups, draws, -1.0)
    assert lower.group is not None
    assert lower.group_difference is not None
    assert (lower.group.name, lower.group_difference.name) == ("first", "second")


def test_without_groups_or_reference_there_is_none() -> None:
    (found,) = find_worst_cases(np.arange(40.0)[None], None, [], resampling(LABELS), 1.0)
    assert (found.group, found.difference, found.group_difference) == (None, None, None)
