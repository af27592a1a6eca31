"""Stability of a table's ranks between random halves of its specimens.

The specimens are split into two halves at random, the methods are ranked by their means in each,
and Spearman's coefficient of both lists of ranks is taken; that is repeated. The halves are
disjoint, so this asks how far the ranks would be the same on another test of half the size.

References
----------
C. Spearman, The American Journal of Psychology 15, 72-101 (1904): correlation of ranks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import seed_sequence
from tembench.ranking.statistics import CONFIDENCE, Interval, resampling

if TYPE_CHECKING:
    import pandas as pd

    from tembench.ranking import Table

SPLITS_IN_HALVES = 1000
# Among two methods the coefficient is 1 or -1.
_FEWEST_METHODS, _FEWEST_SPECIMENS = 3, 4
# Exact images have an infinite PSNR; only their order matters.
_INFINITE = 1e9


@dataclass(frozen=True, kw_only=True)
class RankStability:
    """Agreement of the ranks in random halves of the specimens.

    Attributes
    ----------
    methods, specimens, splits : int
        Numbers of ranked methods, of specimens, and of random splits in halves.
    spearman : Interval
        Mean of Spearman's coefficient over the splits, and the quantiles that 95 % lie between.
    same_first : float
        Share of the splits in which the same method is first in both halves.
    """

    methods: int
    specimens: int
    splits: int
    spearman: Interval
    same_first: float


def rank_stability(table: Table, *, splits: int = SPLITS_IN_HALVES) -> RankStability | None:
    """Correlate the ranks in random halves of the specimens of a table.

    Parameters
    ----------
    table : Table
        The table; controls, rows of the subset and methods that see a series are left out.
    splits : int
        Number of random splits; always the same ones for a table.

    Returns
    -------
    RankStability or None
        None for fewer than three methods or four specimens.
    """
    metric = table.ranked_by
    scores = list(ranked_scores(table).values())
    if len(scores) < _FEWEST_METHODS or table.models < _FEWEST_SPECIMENS:
        return None
    specimens = resampling(list(scores[0]["model"]), resamples=1)
    with np.errstate(invalid="ignore"):
        values = specimens.of_models(np.stack([one[metric.name].to_numpy() for one in scores]))
    values = np.clip(values, -_INFINITE, _INFINITE)
    return halves_agreement(values if metric.direction == "higher" else -values, splits)


def ranked_scores(table: Table) -> dict[str, pd.DataFrame]:
    """Scores of the rows of a table that compete on the same single images, by their names."""
    return {
        row.submission.name: row.submission.scores
        for row in table.rows
        if not (row.is_control or row.on_subset)
        and row.submission.description.method.input != "series"
        and table.ranked_by.name in row.submission.scores
    }


def specimen_means(scores: pd.DataFrame, metric: str) -> pd.Series:
    """Mean of a metric over the images of each specimen, in the order of their names; or NaN."""
    return scores.groupby("model", sort=True)[metric].mean()


def halves_agreement(values: np.ndarray, splits: int = SPLITS_IN_HALVES) -> RankStability:
    """Agreement of the ranks in random halves.

    Parameters
    ----------
    values : ndarray, shape (methods, specimens)
        Means of each method over the images of each specimen, higher is better; NaN without any.
    splits : int
        Number of random splits.
    """
    methods, specimens = values.shape
    generator = np.random.default_rng(seed_sequence(0, "split halves"))
    order = generator.permuted(np.tile(np.arange(specimens), (splits, 1)), axis=1)
    first = order < specimens // 2
    # With an odd number of specimens, one is in neither half.
    halves = [_half_means(values, half) for half in (first, _other_half(order, specimens))]
    coefficients = spearman(*halves)
    tails = (1 - CONFIDENCE) / 2
    low, high = np.quantile(coefficients, [tails, 1 - tails])
    leaders = [np.argmax(half, axis=0) for half in halves]
    return RankStability(
        methods=methods,
        specimens=specimens,
        splits=splits,
        spearman=Interval(mean=float(coefficients.mean()), low=float(low), high=float(high)),
        same_first=float((leaders[0] == leaders[1]).mean()),
    )


def _other_half(order: np.ndarray, specimens: int) -> np.ndarray:
    return (order >= specimens // 2) & (order < 2 * (specimens // 2))


def _half_means(values: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Mean of each method over the specimens of each half that have a value, (methods, splits)."""
    known = ~np.isnan(values)
    counts = known.astype(float) @ half.T
    sums = np.where(known, values, 0.0) @ half.T.astype(float)
    return np.divide(sums, counts, out=np.full(counts.shape, -np.inf), where=counts > 0)


def spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's coefficient of each column of two arrays, ties sharing their mean rank.

    Parameters
    ----------
    first, second : ndarray, shape (methods, columns)
        Values to rank.

    Returns
    -------
    ndarray, shape (columns,)
        From -1 to 1; 1 where all values of both are tied, 0 where those of one are.

    Examples
    --------
    >>> import numpy as np
    >>> spearman(np.array([[3.0], [2.0], [1.0]]), np.array([[30.0], [10.0], [20.0]]))
    array([0.5])
    """
    one, other = (ranks - ranks.mean(axis=0) for ranks in map(_mean_ranks, (first, second)))
    lengths = np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    alike = (np.abs(one - other) == 0).all(axis=0).astype(float)
    return np.divide((one * other).sum(axis=0), lengths, out=alike, where=lengths > 0)


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each value in its column, from 1; ties share their mean rank."""
    order = np.argsort(values, axis=0)
    ascending = np.take_along_axis(values, order, axis=0)
    place = np.arange(len(values))[:, None]
    differs = ascending[1:] != ascending[:-1]
    edge = np.ones((1, values.shape[1]), dtype=bool)
    first = np.maximum.accumulate(np.where(np.concatenate([edge, differs]), place, 0))
    ends = np.where(np.concatenate([differs, edge]), place, len(values))
    last = np.minimum.accumulate(ends[::-1])[::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=0)
    return ranks


def stability_text(found: RankStability, specimens: str = "specimens") -> str:
    """One sentence on the agreement of the ranks, for beside a table.

    Parameters
    ----------
    found : RankStability
        From `rank_stability`.
    specimens : str
        The word for them; those of a closed recipe are atomic models.
    """
    value = found.spearman
    return (
        f"Rank stability: between random halves of the {found.specimens} {specimens} the ranks of "
        f"{found.methods} methods correlate at {value.mean:.3f} (Spearman; {value.low:.3f} to "
        f"{value.high:.3f} in 95 % of {found.splits:,} splits), and the same method is first in "
        f"both halves in {found.same_first:.0%}."
    )
