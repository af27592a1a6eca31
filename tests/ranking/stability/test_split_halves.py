"""Rank stability between halves: sure where methods differ, none where they do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from synthetic import scores_of, submission_of as submission

from tembench.ranking.stability.split_halves import (
    halves_agreement,
    rank_stability,
    ranked_scores,
    spearman,
    specimen_means,
    stability_text,
)
from tembench.ranking.submission import Submission
from tembench.ranking.table import table_of_submissions


def submission_of(name: str, scores: pd.DataFrame, **more: str) -> Submission:
    """A submission whose scores do not tell which clean images they are from."""
    return submission(name, scores, lacking=("mse", "skill"), **more)


def means(gap: float, methods: int = 6, specimens: int = 60) -> np.ndarray:
    """Scores of methods that are apart by a gap, with the same specimens hard for all."""
    rng = np.random.default_rng(5)
    hard, own = rng.normal(size=specimens), rng.normal(size=(methods, specimens))
    return gap * np.arange(methods)[:, None] + 3 * hard + own


def test_spearman_is_scipys_also_with_ties() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 5, (2, 9, 40)).astype(float)
    expected = [spearmanr(one[:, i], other[:, i]).statistic for i in range(40)]
    assert spearman(one, other) == pytest.approx(expected)


def test_spearman_of_tied_methods() -> None:
    tied, sorted_ = np.zeros((4, 1)), np.arange(4.0)[:, None]
    assert spearman(tied, tied).tolist() == [1.0]
    assert spearman(tied, sorted_).tolist() == [0.0]
    assert spearman(sorted_, -sorted_).tolist() == [-1.0]


def test_clear_differences_have_stable_ranks() -> None:
    found = halves_agreement(means(3.0), 200)
    assert found.spearman.mean == found.spearman.low == 1.0
    assert found.same_first == 1.0


def test_equal_methods_have_none() -> None:
    found = halves_agreement(means(0.0), 400)
    # Where the ranks of the whole are chance, disjoint halves even contradict each other.
    assert found.spearman.mean < 0.3
    assert found.spearman.low < -0.4
    assert found.same_first < 0.5


def test_the_halves_are_disjoint_and_of_one_size() -> None:
    """A method that only one of five specimens decides is first in one half at most."""
    values = np.zeros((3, 5))
    values[0, 2], values[1] = 10.0, 1.0
    found = halves_agreement(values, 300)
    assert found.same_first < 0.4  # the fifth specimen is in neither half in 20 %


def test_undefined_scores_count_nowhere() -> None:
    full, gappy = means(1.0), means(1.0)
    gappy[:, ::7] = np.nan
    assert halves_agreement(full[:, np.arange(60) % 7 > 0], 50).spearman.mean == pytest.approx(
        halves_agreement(gappy, 50).spearman.mean, abs=0.05
    )


def test_specimens_weigh_equally() -> None:
    scores = scores_of(5)  # alpha has two images
    found = specimen_means(scores, "psnr_db")
    assert found["alpha"] == pytest.approx(scores["psnr_db"][[0, 4]].mean())
    assert list(found.index) == sorted(set(scores["model"]))


def test_the_ranked_rows_of_a_table_take_part() -> None:
    names = ("one", "two", "three", "four")
    table = table_of_submissions(
        [
            *(submission_of(name, scores_of(40, seed)) for seed, name in enumerate(names)),
            submission_of("vacuum", scores_of(40, 9), kind="control"),
            submission_of("series", scores_of(40, 8), given="series"),
        ]
    )
    assert sorted(ranked_scores(table)) == sorted(names)
    found = rank_stability(table, splits=100)
    assert found is not None
    assert (found.methods, found.specimens, found.splits) == (4, 4, 100)
    assert found == rank_stability(table, splits=100)
    text = stability_text(found)
    assert "of the 4 specimens the ranks of 4 methods correlate at" in text
    assert f"{found.spearman.mean:.3f} (Spearman" in text


def test_two_methods_have_no_stability() -> None:
    table = table_of_submissions([submission_of(n, scores_of(40, s)) for s, n in enumerate("ab")])
    assert rank_stability(table) is None
