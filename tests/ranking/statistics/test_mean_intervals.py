"""Intervals over models: closed forms, coverage by simulation, and invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import ndtri, stdtrit

from tembench.ranking.statistics import (
    CONFIDENCE,
    Resampling,
    difference,
    interval,
    intervals,
    resampling,
    stretch,
)


def labels(models: int, per_model: int) -> list[str]:
    return [f"m{model}" for model in range(models) for _ in range(per_model)]


def test_constant_scores_have_no_width() -> None:
    found = interval(np.full(12, 30.0), resampling(labels(4, 3)))
    assert (found.mean, found.low, found.high) == (30.0, 30.0, 30.0)


def test_models_weigh_equally_however_many_images_they_have() -> None:
    draws = resampling(["a", "a", "a", "b"])
    assert interval(np.array([1.0, 1.0, 1.0, 5.0]), draws).mean == 3.0


def test_images_without_the_metric_count_nowhere() -> None:
    values = np.array([1.0, np.nan, 3.0, np.nan, np.nan, 6.0, 8.0])
    labelled = ["a", "a", "a", "b", "b", "c", "d"]
    found = interval(values, resampling(labelled))
    known = ~np.isnan(values)
    alone = interval(values[known], resampling(labelled).among(known))
    assert found == alone
    assert (found.mean, found.models) == (pytest.approx(16 / 3), 3)
    nothing = interval(np.full(7, np.nan), resampling(labelled))
    assert np.isnan([nothing.mean, nothing.low, nothing.high]).all()
    assert nothing.models == 0


def test_a_difference_is_of_the_images_that_both_have() -> None:
    first, second = np.array([1.0, 2.0, np.nan, 5.0]), np.array([0.0, np.nan, 3.0, 1.0])
    found = difference(first, second, resampling(["a", "a", "b", "c"]))
    assert (found.mean, found.models) == (2.5, 2)


def test_only_models_matter_not_images_inside_them() -> None:
    rng = np.random.default_rng(0)
    per_model = rng.normal(size=10)
    inside = rng.normal(size=(10, 6))
    inside -= inside.mean(axis=1, keepdims=True)
    draws = resampling(labels(10, 6))
    spread = interval((per_model[:, None] + 5 * inside).ravel(), draws)
    still = interval(np.repeat(per_model, 6), draws)
    assert (spread.low, spread.high) == pytest.approx((still.low, still.high))


@pytest.mark.slow
def test_many_models_agree_with_the_normal_interval() -> None:
    values = np.random.default_rng(1).normal(30, 2, 400)
    found = interval(values, resampling(labels(400, 1), resamples=8000))
    half = stdtrit(399, 0.975) * values.std(ddof=1) / 20
    assert found.high - found.mean == pytest.approx(half, rel=0.08)
    assert found.mean - found.low == pytest.approx(half, rel=0.08)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("models", "at_least", "at_most"), [(2, 0.90, 0.96), (5, 0.90, 0.97), (12, 0.92, 0.975)]
)
def test_coverage(models: int, at_least: float, at_most: float) -> None:
    """The true mean is inside in about 95 of 100 repetitions, even with two models."""
    rng = np.random.default_rng(7)
    draws = resampling(labels(models, 4), resamples=500)
    inside = 0
    for _ in range(800):
        values = rng.normal(size=models).repeat(4) + 0.3 * rng.normal(size=4 * models)
        inside += interval(values, draws).includes(0.0)
    assert at_least <= inside / 800 <= at_most


def test_a_plain_percentile_interval_would_not_cover() -> None:
    """Why the interval is stretched: without, two models cover half of the time."""
    rng = np.random.default_rng(7)
    draws = resampling(labels(2, 1), resamples=500)
    inside = 0
    for _ in range(400):
        values = rng.normal(size=2)
        low, high = np.quantile(draws.weights @ values / 2, [0.025, 0.975])
        inside += low <= 0 <= high
    assert inside / 400 < 0.6


def test_few_models_are_distinguished_less_easily() -> None:
    rng = np.random.default_rng(2)
    widths = []
    for models in (2, 4, 8, 32):
        values = ndtri((np.arange(models) + 0.5) / models)
        rng.shuffle(values)
        found = interval(values, resampling(labels(models, 1)))
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)


def test_one_model_gives_no_interval() -> None:
    draws = resampling(["only"] * 5)
    found = interval(np.arange(5.0), draws)
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_infinite_scores() -> None:
    draws = resampling(labels(3, 2))
    perfect = np.full(6, np.inf)
    finite = np.arange(6.0)
    assert interval(perfect, draws).low == np.inf
    assert difference(perfect, perfect, draws).mean == 0.0
    assert difference(perfect, finite, draws).low == np.inf
    assert difference(finite, perfect, draws).high == -np.inf
    once = np.array([np.inf, 1, 2, 3, 4, 5])
    assert (interval(once, draws).low, interval(once, draws).high) == (-np.inf, np.inf)
    # Each perfect where the other is not: nobody can say which is better.
    other = once[::-1]
    assert (difference(once, other, draws).low, difference(once, other, draws).high) == (
        -np.inf,
        np.inf,
    )


def test_pairing_sees_what_single_intervals_hide() -> None:
    """A small gain on every model is certain, although the intervals overlap."""
    rng = np.random.default_rng(4)
    base = 30 + 3 * rng.normal(size=8).repeat(3)
    better = base + 0.2 + 0.02 * rng.normal(size=24)
    draws = resampling(labels(8, 3))
    assert interval(better, draws).low < interval(base, draws).high
    assert difference(better, base, draws).low > 0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_interval_moves_with_the_scores(seed: int, shift: float, scale: float) -> None:
    values = np.random.default_rng(seed).normal(size=12)
    draws = resampling(labels(4, 3), resamples=300)
    first, second = interval(values, draws), interval(scale * values + shift, draws)
    assert first.low <= first.mean <= first.high
    assert (second.low, second.mean, second.high) == pytest.approx(
        (scale * first.low + shift, scale * first.mean + shift, scale * first.high + shift)
    )


def by_definition(values: np.ndarray, draws: Resampling) -> tuple[float, float, float]:
    """Mean and bounds of one row, draw by draw."""
    known = ~np.isnan(values)
    models = np.unique(draws.membership[known])
    own = np.array([values[known & (draws.membership == model)].mean() for model in models])
    drawn = draws.weights[:, models]
    drawn = drawn[drawn.any(axis=1)]
    ends = np.quantile([np.average(own, weights=draw) for draw in drawn], [0.025, 0.975])
    mean = own.mean()
    low, high = mean + stretch(len(models), CONFIDENCE) * (ends - mean)
    return mean, low, high


@pytest.mark.slow
def test_many_rows_at_once_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(8)
    draws = resampling([f"m{i // 2 if i % 3 else 0}" for i in range(60)], resamples=400)
    rows = rng.normal(30, 3, (700, 60)) + rng.normal(0, 5, 60)
    rows[::3, rng.random(60) < 0.6] = np.nan
    rows[1::7, 20:] = np.nan
    rows[5] = 30.0
    found = intervals(rows, draws)
    for row, value in zip(rows[:40], found, strict=False):
        expected = by_definition(row, draws)
        assert (value.mean, value.low, value.high) == pytest.approx(expected, rel=1e-12)
    assert (found[5].low, found[5].high) == (30.0, 30.0)
    for row, value in zip(rows[600:], found[600:], strict=True):
        alone = interval(row, draws)
        assert (value.low, value.high) == pytest.approx((alone.low, alone.high), rel=1e-12)
