"""Ranking: the number of demonstrably better rows for each of hundreds of rows.

The definition is `statistics.difference`, pair by pair. Nearly all pairs are decided without it:
the bootstrap means of a difference are the differences of the bootstrap means, so those of each row
are computed once, and a pair takes counting how many differences are below a threshold. The
definition decides where rounding might matter and where scores are infinite.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tembench.ranking.statistics import CONFIDENCE, Resampling, difference, stretch

# Rounding of means of some hundred numbers is below 1e-13 of them.
_ROUNDING = 1e-10
# Pairs at a time: 4000 draws of each are 4 MB.
_BLOCK = 128


def shared_ranks(scores: Sequence[np.ndarray], draws: Resampling) -> list[int]:
    """Rank rows by how many others are demonstrably better.

    Parameters
    ----------
    scores : sequence of array (images,)
        Scores of each row, higher is better; NaN for images that a row does not have. Two rows
        are compared on the images that both have.
    draws : Resampling
        From `resampling`.

    Returns
    -------
    list of int
        1 + the number of rows that are demonstrably better: those whose paired 95 % interval of
        the difference is wholly above zero. Rank 3 means that two methods are demonstrably better,
        rank 1 that none is. Two rows of the same rank may still differ, and two of different
        ranks may not. There is no correction for the number of pairs.
    """
    return [1 + better for better in count_better(scores, draws)]


def count_better(scores: Sequence[np.ndarray], draws: Resampling) -> list[int]:
    """Count the rows that are demonstrably better than each.

    Parameters
    ----------
    scores : sequence of array (images,)
        One per row, higher is better; NaN for images that a row does not have.
    draws : Resampling
        Of the images.

    Returns
    -------
    list of int
        The number of other rows whose paired interval of the difference is wholly above zero.
    """
    groups: dict[bytes, list[int]] = {}
    for number, row in enumerate(scores):
        groups.setdefault((~np.isnan(row)).tobytes(), []).append(number)
    better = np.zeros(len(scores), dtype=int)
    for first in groups.values():
        for second in groups.values():
            common = ~(np.isnan(scores[first[0]]) | np.isnan(scores[second[0]]))
            among = draws.among(common)
            theirs = [scores[i][common] for i in first]
            ours = [scores[i][common] for i in second]
            better[second] += _better(theirs, ours, among)
    return better.tolist()


def _better(theirs: list[np.ndarray], ours: list[np.ndarray], draws: Resampling) -> np.ndarray:
    """Number of `theirs` that are better than each of `ours`, on the same images."""
    others, mine = _Means(theirs, draws), _Means(ours, draws)
    known = others.finite[:, None] & mine.finite[None, :]
    verdict = np.zeros(known.shape, dtype=int)
    if draws.models == 1:
        verdict[known] = -1  # no interval at all, (-inf, inf)
    else:
        _decide(verdict, known, others, mine, stretch(draws.models))
    for i, j in zip(*np.nonzero(verdict == 0), strict=True):
        verdict[i, j] = 1 if difference(theirs[i], ours[j], draws).low > 0 else -1
    return np.count_nonzero(verdict == 1, axis=0)


class _Means:
    """Means of rows over all images and in each bootstrap draw."""

    def __init__(self, rows: list[np.ndarray], draws: Resampling) -> None:
        self.finite = np.array([bool(np.isfinite(row).all()) for row in rows])
        tamed = [np.where(np.isfinite(row), row, 0.0) for row in rows]
        self.means = np.array([draws.mean(row) for row in tamed])
        self.size = np.array([float(np.abs(row).max()) for row in tamed])
        self.draws = np.stack([draws.means(row) for row in tamed])
        self.centres = self.draws.mean(axis=1)


def _decide(
    verdict: np.ndarray, known: np.ndarray, others: _Means, mine: _Means, factor: float
) -> None:
    """Write 1 where a row of `others` is better than one of `mine`, -1 where not; 0 if unsure."""
    # low = mean + factor * (quantile - mean) > 0  <=>  quantile > mean * (1 - 1 / factor)
    threshold = (others.means[:, None] - mine.means[None, :]) * (1 - 1 / factor)
    margin = _ROUNDING * (others.size[:, None] + mine.size[None, :])
    above = others.centres[:, None] - mine.centres[None, :] - threshold
    deviation = _deviation(others, mine)
    # Cantelli's inequality bounds the distance of a quantile of the draws from their mean.
    least, most = _order_statistics(others.draws.shape[1])
    share = least / others.draws.shape[1]
    verdict[known & (above > np.sqrt((1 - share) / share) * deviation + margin)] = 1
    share = (most + 1) / others.draws.shape[1]
    verdict[known & (above < -np.sqrt(share / (1 - share)) * deviation - margin)] = -1
    for j in range(len(mine.draws)):
        unsure = np.flatnonzero(known[:, j] & (verdict[:, j] == 0))
        for some in np.array_split(unsure, -(-len(unsure) // _BLOCK)) if len(unsure) else ():
            gaps = others.draws[some] - mine.draws[j]
            low, high = (threshold[some, j] + sign * margin[some, j] for sign in (-1, 1))
            verdict[some[np.count_nonzero(gaps <= high[:, None], axis=1) <= least], j] = 1
            verdict[some[np.count_nonzero(gaps <= low[:, None], axis=1) > most], j] = -1


def _deviation(others: _Means, mine: _Means) -> np.ndarray:
    """Standard deviation of the draws of each difference, rounded up."""
    first, second = (means.draws - means.centres[:, None] for means in (others, mine))
    one, two = (np.einsum("ij,ij->i", draws, draws) for draws in (first, second))
    squares = one[:, None] + two[None, :] - 2 * (first @ second.T)
    rounding = 1e-12 * (one[:, None] + two[None, :])
    return np.sqrt((np.maximum(squares, 0.0) + rounding) / first.shape[1])


def _order_statistics(draws: int) -> tuple[int, int]:
    """The two order statistics, counted from 0, that enclose the lower quantile."""
    position = (1 - CONFIDENCE) / 2 * (draws - 1)
    return int(np.floor(position)), int(np.ceil(position))
