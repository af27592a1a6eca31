"""Ranks of many rows equal those of the definition, without evaluating it for every pair."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.ranking.statistics import Resampling, difference, ranks, resampling
from tembench.ranking.statistics.ranks import count_better


def by_definition(scores: list[np.ndarray], draws: Resampling) -> list[int]:
    def is_better(first: np.ndarray, second: np.ndarray) -> bool:
        common = ~(np.isnan(first) | np.isnan(second))
        return difference(first[common], second[common], draws.among(common)).low > 0

    return [sum(is_better(other, row) for other in scores) for row in scores]


def rows(seed: int, models: int, number: int = 14) -> tuple[list[np.ndarray], Resampling]:
    """Rows with shared and own scatter, some equal, some infinite, some on a subset."""
    rng = np.random.default_rng(seed)
    images = 40
    names = [f"m{i % models if i % 3 else 0}" for i in range(images)]
    shared = 30 + rng.normal(0, 3, images)
    scores = [
        shared + rng.normal(0, 0.3) + rng.normal(0, rng.choice([0.01, 0.3, 1.0]), images)
        for _ in range(number)
    ]
    scores += [scores[0].copy(), scores[0] + 1e-13, scores[1] + 0.2, np.full(images, np.inf)]
    scores.append(np.where(np.arange(images) == 5, np.inf, scores[2]))
    for row in (scores[3], scores[4]):
        row[::2] = np.nan
    return scores, resampling(names)


@pytest.mark.slow
def test_ranks_of_a_metric_that_some_images_lack_are_those_of_the_definition() -> None:
    scores, draws = rows(3, 14)
    lacking = np.random.default_rng(0).random(40) < 0.4
    scores = [np.where(lacking, np.nan, row) for row in scores]
    assert count_better(scores, draws) == by_definition(scores, draws)


@pytest.mark.slow
@pytest.mark.parametrize("models", [1, 2, 3, 14])
@pytest.mark.parametrize("seed", [0, 1])
def test_ranks_are_those_of_the_definition(seed: int, models: int) -> None:
    scores, draws = rows(seed, models)
    assert count_better(scores, draws) == by_definition(scores, draws)


def test_few_pairs_take_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    names = [f"m{i % 14}" for i in range(200)]
    scores = [30 + rng.normal(0, 3) + rng.normal(0, 1, 200) for _ in range(100)]
    asked = []

    def counted(*arguments: object) -> object:
        asked.append(arguments)
        return difference(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ranks, "difference", counted)
    count_better(scores, resampling(names))
    # A row and itself differ by nothing, which rounding alone could decide.
    assert len(asked) <= 110
