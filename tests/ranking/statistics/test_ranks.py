"""Ranks: pairs by Student's test and Holm's family, shared ranks, and ranges of ranks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from tembench.ranking.statistics import (
    Resampling,
    demonstrably_better,
    rank_ranges,
    resampling,
    shared_ranks,
)
from tembench.ranking.statistics.ranks import paired_statistics


def holm(p_values: np.ndarray, share: float) -> np.ndarray:
    """Which hypotheses Holm's procedure rejects, as in his paper: by sorted p values."""
    rejected = np.zeros(len(p_values), dtype=bool)
    for number, index in enumerate(np.argsort(p_values, kind="stable")):
        if not p_values[index] <= share / (len(p_values) - number):
            break
        rejected[index] = True
    return rejected


def by_definition(rows: np.ndarray, draws: Resampling) -> np.ndarray:
    """Pairs told apart by scipy's t test of the differences over models."""
    pairs = [(i, j) for i in range(len(rows)) for j in range(i)]
    found = []
    for i, j in pairs:
        with np.errstate(invalid="ignore"):
            gaps = np.where(rows[i] == rows[j], 0.0, rows[i] - rows[j])
        known = ~np.isnan(rows[i] + np.where(np.isinf(rows[j]), 0.0, rows[j]))
        own = draws.among(known).of_models(gaps[known])
        endless = not np.isfinite(gaps[known]).all()
        if len(own) == 1 or (endless and len(set(gaps[known])) > 1):
            found.append((np.nan, 0.0))
        elif endless or np.ptp(own) < 1e-9:
            found.append((float(gaps[known][0] == 0), gaps[known][0]))
        else:
            found.append((float(stats.ttest_1samp(own, 0.0).pvalue), own.mean()))
    p_values, means = np.array(found).T
    tested = ~np.isnan(p_values)
    better = np.zeros((len(rows), len(rows)), dtype=bool)
    for (i, j), told, mean in zip(
        np.array(pairs)[tested], holm(p_values[tested], 0.05), means[tested], strict=True
    ):
        better[i, j], better[j, i] = told and mean > 0, told and mean < 0
    return better


def rows_of(seed: int, models: int, number: int = 9) -> tuple[np.ndarray, Resampling]:
    """Rows with shared and own scatter: some equal, some infinite, some on a subset."""
    rng = np.random.default_rng(seed)
    images = 40
    names = [f"m{i % models if i % 3 else 0}" for i in range(images)]
    shared = 30 + rng.normal(0, 3, images)
    rows = [
        shared + rng.normal(0, 0.3) + rng.normal(0, rng.choice([0.01, 0.3, 1.0]), images)
        for _ in range(number)
    ]
    rows += [rows[0].copy(), rows[1] + 0.2, np.full(images, np.inf), np.full(images, -np.inf)]
    rows += [np.where(np.arange(images) == 5, np.inf, row) for row in (rows[2], rows[2] + 0.5)]
    for row in (rows[3], rows[4]):
        row[::2] = np.nan
    return np.array(rows), resampling(names, resamples=10)


@pytest.mark.slow
@pytest.mark.parametrize("models", [1, 2, 3, 14])
@pytest.mark.parametrize("seed", [0, 1])
def test_pairs_are_told_apart_as_defined(seed: int, models: int) -> None:
    rows, draws = rows_of(seed, models)
    found = demonstrably_better(rows, draws)
    assert (found == by_definition(rows, draws)).all()
    assert found.any() == (models > 1)


@pytest.mark.slow
def test_images_without_the_metric_count_nowhere() -> None:
    rows, draws = rows_of(3, 14)
    rows[:, np.random.default_rng(0).random(40) < 0.4] = np.nan
    assert (demonstrably_better(rows, draws) == by_definition(rows, draws)).all()


def test_rounding_tells_nothing_apart() -> None:
    rows, draws = rows_of(0, 14)
    equal = np.array([rows[0], rows[0] + 1e-13, rows[0] * (1 + 1e-15)])
    assert not demonstrably_better(equal, draws).any()
    assert demonstrably_better(np.array([rows[0] + 1e-3, rows[0]]), draws)[0, 1]


def test_a_small_gain_on_every_model_is_certain() -> None:
    """Although the intervals of both overlap."""
    rng = np.random.default_rng(4)
    base = 30 + 3 * rng.normal(size=8).repeat(3)
    better = base + 0.2 + 0.02 * rng.normal(size=24)
    draws = resampling([f"m{model}" for model in range(8) for _ in range(3)], resamples=10)
    assert shared_ranks(demonstrably_better(np.array([better, base]), draws)) == [1, 2]


def test_infinite_scores() -> None:
    draws = resampling(["a", "a", "b", "b", "c", "c"], resamples=10)
    perfect, finite = np.full(6, np.inf), np.arange(6.0)
    assert demonstrably_better(np.array([perfect, finite]), draws).tolist() == [[0, 1], [0, 0]]
    # Each perfect where the other is not: nobody can say which is better.
    once = np.array([np.inf, 1, 2, 3, 4, 5])
    assert not demonstrably_better(np.array([once, once[::-1]]), draws).any()
    assert np.isnan(paired_statistics(np.array([once, once[::-1]]), draws)[0][0, 1])


def test_one_model_tells_nothing_apart() -> None:
    rows = np.array([np.full(5, 30.0), np.arange(5.0)])
    better = demonstrably_better(rows, resampling(["only"] * 5, resamples=10))
    assert shared_ranks(better) == [1, 1]
    assert rank_ranges(better) == [(1, 2), (1, 2)]
    assert demonstrably_better(rows[:0], resampling(["only"] * 5, resamples=10)).shape == (0, 0)


def test_a_rank_begins_below_a_row_that_is_better_and_first_of_its_rank() -> None:
    # 0 is better than 2 and 3; 1, of its rank, than 4 as well; and 3 than 4, which 2 is not.
    better = np.zeros((5, 5), dtype=bool)
    better[0, 2:4] = better[1, 2:5] = better[3, 4] = True
    assert shared_ranks(better) == [1, 1, 3, 3, 3]
    assert rank_ranges(better) == [(1, 3), (1, 2), (3, 5), (3, 4), (3, 5)]
    better[0, 2:] = better[2, 4] = True
    assert shared_ranks(better) == [1, 1, 3, 3, 5]


def test_a_range_of_ranks_includes_the_rank() -> None:
    # The first row scatters so much that it is not told from the others, which are told apart.
    better = np.zeros((3, 3), dtype=bool)
    better[1, 2] = True
    assert shared_ranks(better) == [1, 1, 1]
    assert rank_ranges(better) == [(1, 3), (1, 2), (1, 3)]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_ranks_follow_the_order_and_are_in_their_ranges(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(7, 12)) * rng.uniform(0.1, 1, (7, 1)) + rng.uniform(0, 1, (7, 1))
    rows = rows[np.argsort(-rows.mean(axis=1))]
    draws = resampling([f"m{i}" for i in range(12)], resamples=10)
    better = demonstrably_better(rows, draws)
    ranks, ranges = shared_ranks(better), rank_ranges(better)
    for place, (rank, (low, high)) in enumerate(zip(ranks, ranges, strict=True), 1):
        assert low <= rank <= place <= high
        assert rank == place or (ranks[place - 2] == rank and not better[rank - 1, place - 1])
    for i, j in zip(*np.nonzero(better), strict=True):
        assert i < j
        assert ranges[i][1] < len(rows)
    order = rng.permutation(7)
    assert (demonstrably_better(rows[order], draws) == better[np.ix_(order, order)]).all()


@pytest.mark.slow
@pytest.mark.parametrize("models", [3, 20])
def test_equally_good_rows_are_rarely_told_apart(models: int) -> None:
    """In 5 of 100 tests at most, where pairs on their own are in most tests."""
    rng = np.random.default_rng(1)
    draws = resampling([f"m{i}" for i in range(models)], resamples=10)
    family, pairs = 0, 0
    for _ in range(400):
        rows = rng.normal(size=(10, models)) + 3 * rng.normal(size=models)
        family += bool(demonstrably_better(rows, draws).any())
        statistics, _ = paired_statistics(rows, draws)
        pairs += bool((statistics > stats.t.ppf(0.975, models - 1)).any())
    assert family <= 0.07 * 400
    assert pairs >= 0.5 * 400
