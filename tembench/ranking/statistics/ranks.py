"""Ranks: rows that are demonstrably different, and the ranks and ranges that follow.

Two rows are compared specimen by specimen, on the images that both have, by Student's t of the
differences. With many rows, some of the many pairs differ by chance alone: thirty equally good
methods have 435. Pairs are therefore told apart as a family (Holm): all that Student's test
distinguishes at 5 % over the number of pairs, then, since only the others can still be mistaken for
different, those at 5 % over the number of the others, and so on. In about 95 of 100 tests equally
good methods then share a rank, however many they are. ``benchmarks/rank_rule.py`` simulates this
rule and its alternatives; docs/results/rank-rule.md has the figures, also of scores that a few
specimens decide, which no rule can distinguish from others.

References
----------
S. Holm, Scandinavian Journal of Statistics 6, 65-70 (1979): the family of tests.
M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm, The Review of Economic Studies 91, 476-518
(2024), doi 10.1093/restud/rdad006: ranges of ranks from all pairwise comparisons.
"""

from __future__ import annotations

import numpy as np

from tembench.ranking.statistics import CONFIDENCE, Resampling, alike, paired_gaps

# Rounding of means of some hundred numbers is below 1e-13 of them, and of sums of squares as well.
_ROUNDING, _SQUARE_ROUNDING = 1e-10, 1e-14


def demonstrably_better(
    rows: np.ndarray, draws: Resampling, *, confidence: float = CONFIDENCE
) -> np.ndarray:
    """Compare all rows in pairs, as one family.

    Parameters
    ----------
    rows : array (rows, images)
        Scores, higher is better; NaN for images that a row does not have.
    draws : Resampling
        Of the images.
    confidence : float
        Probability that no row is found better than one that is as good.

    Returns
    -------
    array of bool (rows, rows)
        Whether the first of two rows is demonstrably better than the second.
    """
    from scipy.special import stdtrit

    statistics, models = paired_statistics(rows, draws)
    open_pairs = np.triu(~np.isnan(statistics), 1)
    better = np.zeros(statistics.shape, dtype=bool)
    while pairs := np.count_nonzero(open_pairs):
        freedom = np.maximum(np.arange(draws.models + 1) - 1, 1)
        critical = -stdtrit(freedom, (1 - confidence) / 2 / pairs)
        found = open_pairs & (np.abs(statistics) > critical[models])
        if not found.any():
            break
        better |= (found | found.T) & (statistics > 0)
        open_pairs &= ~found
    return better


def shared_ranks(better: np.ndarray) -> list[int]:
    """Rank rows so that those that cannot be told apart share a rank.

    Parameters
    ----------
    better : array of bool (rows, rows)
        From `demonstrably_better`; rows in the order of their means, best first.

    Returns
    -------
    list of int
        From the first row to the last, a row that is demonstrably worse than the first of the rank
        above begins a new rank, whose number is its place: 1, 1, 3, 3, 5.
    """
    ranks: list[int] = []
    for place in range(len(better)):
        begins = not ranks or better[ranks[-1] - 1, place]
        ranks.append(place + 1 if begins else ranks[-1])
    return ranks


def rank_ranges(better: np.ndarray) -> list[tuple[int, int]]:
    """Best and worst rank that each row may have, as far as the comparisons tell.

    Parameters
    ----------
    better : array of bool (rows, rows)
        From `demonstrably_better`; rows in the order of their means, best first.

    Returns
    -------
    list of tuple of int
        1 + the number of rows that are demonstrably better, or the row's rank if that is less; and
        the number of rows less those that are demonstrably worse.
    """
    best = np.minimum(1 + np.count_nonzero(better, axis=0), shared_ranks(better))
    worst = len(better) - np.count_nonzero(better, axis=1)
    return list(zip(best.tolist(), worst.tolist(), strict=True))


def paired_statistics(rows: np.ndarray, draws: Resampling) -> tuple[np.ndarray, np.ndarray]:
    """Student's t of the differences between all rows, specimen by specimen.

    Parameters
    ----------
    rows : array (rows, images)
        Scores; NaN for images that a row does not have.
    draws : Resampling
        Of the images.

    Returns
    -------
    statistics : array (rows, rows)
        t of the first row minus the second, over the specimens of the images that both have; 0 for
        equal rows, infinite where all differences are equal. NaN where there is no test: for a
        single specimen, and for differences of which some are infinite.
    models : array of int (rows, rows)
        Number of those specimens.
    """
    rows = np.asarray(rows, dtype=np.float64)
    statistics = np.full((len(rows), len(rows)), np.nan)
    models = np.zeros(statistics.shape, dtype=int)
    known = ~np.isnan(rows)
    groups = alike(known)
    for ours, first in groups:
        for theirs, second in groups:
            common = ours & theirs
            if common.any():
                among, pairs = draws.among(common), np.ix_(first, second)
                models[pairs] = among.models
                statistics[pairs] = _students(
                    rows[np.ix_(first, common)], rows[np.ix_(second, common)], among
                )
    return statistics, models


def _students(theirs: np.ndarray, ours: np.ndarray, draws: Resampling) -> np.ndarray:
    """Student's t of each of `theirs` minus each of `ours`, which all have the same images."""
    if draws.models == 1:
        return np.full((len(theirs), len(ours)), np.nan)
    # A specimen that is hard for all rows cancels in their differences, so it need not be squared.
    common = np.where(np.isfinite(ours[0]), ours[0], 0.0)
    finite = [np.isfinite(side).all(axis=1) for side in (theirs, ours)]
    first, second = (
        draws.of_models(np.where(whole[:, None], side - common, 0.0))
        for whole, side in zip(finite, (theirs, ours), strict=True)
    )
    gaps = first.mean(axis=1)[:, None] - second.mean(axis=1)
    first -= first.mean(axis=1, keepdims=True)
    second -= second.mean(axis=1, keepdims=True)
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)
    varying = np.maximum(squares - 2 * (first @ second.T), _SQUARE_ROUNDING * squares)
    largest = [
        np.abs(np.where(np.isfinite(side), side, 0.0)).max(axis=1) for side in (theirs, ours)
    ]
    gaps[np.abs(gaps) <= _ROUNDING * (largest[0][:, None] + largest[1])] = 0.0
    statistics = _ratio(gaps, varying, draws.models)
    # Infinite scores are compared image by image: equal ones cancel.
    for number in np.flatnonzero(~finite[0]):
        statistics[number] = _image_by_image(paired_gaps(theirs[number], ours), draws)
    for number in np.flatnonzero(~finite[1]):
        statistics[:, number] = _image_by_image(paired_gaps(theirs, ours[number]), draws)
    return statistics


def _ratio(gaps: np.ndarray, squares: np.ndarray, models: int) -> np.ndarray:
    """Student's t from means and sums of squared deviations; of a difference of 0 it is 0."""
    error = np.sqrt(squares / (models * (models - 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gaps == 0, 0.0, gaps / error)


def _image_by_image(gaps: np.ndarray, draws: Resampling) -> np.ndarray:
    """Student's t of rows of differences, (rows, images): infinite where all of them are."""
    finite = np.isfinite(gaps).all(axis=1)
    own = draws.of_models(np.where(finite[:, None], gaps, 0.0))
    means = own.mean(axis=1)
    found = _ratio(means, ((own - means[:, None]) ** 2).sum(axis=1), draws.models)
    alike = (gaps == gaps[:, :1]).all(axis=1)
    return np.where(finite, found, np.where(alike, gaps[:, 0], np.nan))
