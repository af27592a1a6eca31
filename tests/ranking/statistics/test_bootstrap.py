"""Means over models and draws of models, checked against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.ranking.statistics import alike, resampling

LABELS = ["b", "a", "b", "c", "a", "b", "d"]


def labels(models: int, per_model: int) -> list[str]:
    return [f"m{model}" for model in range(models) for _ in range(per_model)]


def test_means_of_models_whatever_the_order_of_their_images() -> None:
    values = np.array([1.0, 2.0, 3.0, 7.0, 4.0, 8.0, np.nan])
    draws = resampling(LABELS)
    assert draws.of_models(values) == pytest.approx([3.0, 4.0, 7.0, np.nan], nan_ok=True)
    assert draws.have_a_value(values).tolist() == [True, True, True, False]
    assert draws.mean(values) == pytest.approx((3 + 4 + 7) / 3)
    assert np.isnan(draws.mean(np.full(7, np.nan)))
    rows = np.stack([values, values + 1, np.arange(7.0)])
    assert draws.mean(rows) == pytest.approx([float(draws.mean(row)) for row in rows])


def test_infinite_scores_have_infinite_means() -> None:
    draws = resampling(LABELS)
    values = np.arange(7.0)
    values[3] = np.inf
    assert draws.mean(values) == np.inf
    values[2] = -np.inf
    assert np.isnan(draws.mean(values))


def test_draws_among_some_images() -> None:
    draws = resampling(LABELS, resamples=50)
    images = np.array([True, False, True, True, False, False, False])
    among = draws.among(images)
    assert among.membership.tolist() == [0, 0, 1]
    kept = draws.weights[:, [1, 2]]
    assert (among.weights == kept[kept.any(axis=1)]).all()
    assert draws.among(np.ones(7, dtype=bool)) is draws


def test_rows_with_the_same_values_are_found_together() -> None:
    known = np.array([[1, 0, 1], [1, 1, 1], [1, 0, 1]], dtype=bool)
    found = [(mask.tolist(), numbers.tolist()) for mask, numbers in alike(known)]
    assert found == [([True, False, True], [0, 2]), ([True, True, True], [1])]


def test_the_draws_are_the_same_every_time() -> None:
    first, second = resampling(labels(5, 2)), resampling(labels(5, 2))
    assert (first.weights == second.weights).all()
    assert (first.weights.sum(axis=1) == 5).all()
    assert not (first.weights == resampling(labels(5, 2), seed=1).weights).all()
