"""One-to-one matching against brute force, and what counts make of it."""

from __future__ import annotations

import doctest
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from tembench.metrics import matching
from tembench.metrics.matching import ColumnCounts, match

RADIUS = 1.0
SEEDS = st.integers(0, 10**6)
SIZES = st.integers(0, 5)


def points(number: int, seed: int, side: float = 2.5) -> np.ndarray:
    return np.random.default_rng([seed, number]).uniform(0, side, (number, 2))


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.hypot(*(first[:, None] - second[None, :]).transpose(2, 0, 1))


def best(first: np.ndarray, second: np.ndarray) -> tuple[int, float]:
    """Most pairs, and the smallest total distance of so many, by trying all pairings."""
    away = distances(first, second)
    for pairs in range(min(away.shape), 0, -1):
        totals = [
            sum(away[i, j] for i, j in zip(chosen, order, strict=True))
            for chosen in combinations(range(len(first)), pairs)
            for order in permutations(range(len(second)), pairs)
            if all(away[i, j] <= RADIUS for i, j in zip(chosen, order, strict=True))
        ]
        if totals:
            return pairs, min(totals)
    return 0, 0.0


def result(first: np.ndarray, second: np.ndarray) -> tuple[int, float]:
    i, j = match(first, second, RADIUS)
    return len(i), float(distances(first, second)[i, j].sum())


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(n=SIZES, m=SIZES, seed=SEEDS)
def test_most_pairs_then_the_smallest_total_distance(n: int, m: int, seed: int) -> None:
    first, second = points(n, seed), points(m, seed + 1)
    i, j = match(first, second, RADIUS)
    assert len(set(i.tolist())) == len(set(j.tolist())) == len(i) == len(j)
    assert (np.diff(i) > 0).all()
    assert (distances(first, second)[i, j] <= RADIUS).all()
    assert result(first, second) == pytest.approx(best(first, second), abs=1e-12)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(n=st.integers(0, 40), m=st.integers(0, 40), seed=SEEDS)
def test_exchanging_or_permuting_the_sets_changes_no_pair(n: int, m: int, seed: int) -> None:
    first, second = points(n, seed, 6.0), points(m, seed + 1, 6.0)
    assert result(second, first) == pytest.approx(result(first, second))
    rng = np.random.default_rng(seed)
    p, q = rng.permutation(n), rng.permutation(m)
    i, j = match(first, second, RADIUS)
    k, m = match(first[p], second[q], RADIUS)
    pairs = set(zip(i.tolist(), j.tolist(), strict=True))
    assert set(zip(p[k].tolist(), q[m].tolist(), strict=True)) == pairs


def test_a_chain_gives_its_nearest_pairs_up_for_more_pairs() -> None:
    first = np.array([[0.0, 0.0], [1.0, 0.0]])
    second = np.array([[0.9, 0.0], [1.9, 0.0]])
    # Taking the nearest first (1.0 and 0.9) would leave the others 1.9 apart.
    i, j = match(first, second, RADIUS)
    assert (i.tolist(), j.tolist()) == ([0, 1], [0, 1])


def test_points_that_coincide_are_paired_and_so_are_points_at_the_radius() -> None:
    same = points(7, 3, 20.0)
    i, j = match(same, same, RADIUS)
    assert i.tolist() == j.tolist() == list(range(7))
    at_radius = np.array([[0.0, 0.0]]), np.array([[0.0, 1.0]])
    assert len(match(*at_radius, 1.0)[0]) == 1
    assert len(match(*at_radius, 0.999)[0]) == 0


def test_two_points_at_one_place_are_one_pair() -> None:
    twice = np.zeros((2, 2))
    assert len(match(twice, np.zeros((1, 2)), RADIUS)[0]) == 1
    assert len(match(twice, twice, RADIUS)[0]) == 2


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0)])
def test_empty_sets(n: int, m: int) -> None:
    i, j = match(points(n, 0), points(m, 1), RADIUS)
    assert i.shape == j.shape == (0,)
    assert np.zeros(4)[i].size == 0  # fit to index with


# --- counts ---


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1", "jaccard"),
    [
        ((14, 1, 1), 14 / 15, 14 / 15, 14 / 15, 14 / 16),
        ((10, 0, 10), 0.5, 1.0, 2 / 3, 0.5),
        ((5, 15, 0), 1.0, 0.25, 0.4, 0.25),
        ((8, 0, 0), 1.0, 1.0, 1.0, 1.0),
        # Nothing to find.
        ((0, 0, 0), 1.0, 1.0, 1.0, 1.0),
        ((0, 0, 3), 0.0, 1.0, 0.0, 0.0),
        # Nothing found.
        ((0, 3, 0), 0.0, 0.0, 0.0, 0.0),
        ((0, 3, 3), 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_scores(
    counts: tuple[int, int, int], precision: float, recall: float, f1: float, jaccard: float
) -> None:
    scores = ColumnCounts(**dict(zip(("matched", "missed", "invented"), counts, strict=True)))
    assert scores.precision == pytest.approx(precision)
    assert scores.recall == pytest.approx(recall)
    assert scores.f1 == pytest.approx(f1)
    assert scores.jaccard == pytest.approx(jaccard)


@pytest.mark.slow
@given(matched=st.integers(0, 50), missed=st.integers(0, 50), invented=st.integers(0, 50))
def test_relations_between_the_scores(matched: int, missed: int, invented: int) -> None:
    now = ColumnCounts(matched=matched, missed=missed, invented=invented)
    more = ColumnCounts(matched=matched, missed=missed, invented=invented + 1)
    for name in ("precision", "f1", "jaccard"):
        assert 0 <= getattr(more, name) <= getattr(now, name) <= 1
        if matched:
            assert getattr(more, name) < getattr(now, name)
    assert more.recall == now.recall
    assert now.jaccard == pytest.approx(now.f1 / (2 - now.f1))
    assume(now.precision + now.recall > 0)
    harmonic = 2 * now.precision * now.recall / (now.precision + now.recall)
    assert now.f1 == pytest.approx(harmonic)
    # Missing and inventing weigh the same.
    turned = ColumnCounts(matched=matched, missed=invented, invented=missed)
    assert (turned.f1, turned.jaccard) == (now.f1, now.jaccard)


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(matching) == (0, 2)
