"""Pixels of another size: electrons are kept, noise stays shot noise, edges stay where they are."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.micrographs.electrons import redistribute as placing
from tembench.micrographs.electrons.resampling import (
    place_electrons,
    resample,
    shape_at,
    share_out,
)

RATIOS = [0.4, 0.78125, 1.25, 2.3]


def smooth(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Slow in units of an old pixel."""
    return 5 + 2 * np.sin(y[:, None] / 9) * np.cos(x[None] / 11)


@pytest.mark.parametrize("ratio", RATIOS)
def test_placed_electrons_are_independent_poisson_counts(ratio: float) -> None:
    draw = np.random.default_rng(1)
    counts = draw.poisson(0.7, (500, 400))
    placed = place_electrons(counts, ratio, draw)
    assert placed.shape == shape_at(counts.shape, ratio)
    lost = counts.sum() - placed.sum()
    assert 0 <= lost <= 2 * (500 + 400) * 0.7 / ratio + 100
    mean = 0.7 / ratio**2
    # Five standard deviations of each estimate.
    off = 5 / np.sqrt(placed.size)
    assert placed.mean() == pytest.approx(mean, abs=off * np.sqrt(mean))
    assert placed.var() / mean == pytest.approx(1, abs=off * np.sqrt(2 + 1 / mean))
    centred = placed - placed.mean()
    for a, b in ((centred[1:], centred[:-1]), (centred[:, 1:], centred[:, :-1])):
        assert abs(np.mean(a * b)) < off * mean


def test_shared_out_counts_would_not_be() -> None:
    counts = np.random.default_rng(1).poisson(0.7, (500, 400))
    shared = share_out(counts, 0.78125)
    assert shared.var() / shared.mean() < 0.8


@pytest.mark.parametrize("ratio", RATIOS)
def test_electrons_go_where_they_were(ratio: float) -> None:
    draw = np.random.default_rng(3)
    counts = np.zeros((120, 140), np.uint16)
    counts[draw.integers(20, 90, 300), draw.integers(20, 110, 300)] = 100
    total = counts.sum()
    centre = [counts.sum(1 - axis) @ (np.arange(counts.shape[axis]) + 0.5) for axis in (0, 1)]
    for image in (place_electrons(counts, ratio, draw), share_out(counts, ratio)):
        assert image.sum() == pytest.approx(total, rel=1e-5)
        for axis in (0, 1):
            places = (np.arange(image.shape[axis]) + 0.5) / ratio
            moved = (image.sum(1 - axis) @ places - centre[axis]) / total
            assert abs(moved) < 0.1 / ratio


def test_the_number_of_electrons_placed_at_once_changes_nothing_but_the_draw(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = np.random.default_rng(1).poisson(3.0, (64, 50))
    monkeypatch.setattr(placing, "_MOST", 100)
    placed = place_electrons(counts, 0.5, np.random.default_rng(2))
    expected = counts.reshape(32, 2, 25, 2).sum((1, 3))
    np.testing.assert_array_equal(placed, expected)


@pytest.mark.parametrize("ratio", [0.5, *RATIOS])
def test_a_smooth_image_resampled_back_and_forth_is_unchanged(ratio: float) -> None:
    y, x = np.arange(150) + 0.5, np.arange(131) + 0.5
    image = smooth(y, x)
    shape = shape_at(image.shape, ratio)
    there = resample(image, ratio, shape)
    ys, xs = ((np.arange(n) + 0.5) / ratio for n in shape)
    assert np.abs(there - smooth(ys, xs))[4:-4, 4:-4].max() < 0.04
    back = resample(there, 1 / ratio, (150, 131))
    assert back.shape == image.shape
    assert np.abs(back - image)[6:-6, 6:-6].max() < 0.06
    # A shift of a quarter of a pixel would be seen.
    assert np.abs(smooth(y + 0.25 / ratio, x) - image).max() > 0.02 / ratio


def test_a_flat_image_stays_flat_to_its_edge() -> None:
    for ratio in RATIOS:
        there = resample(np.full((41, 57), 0.45), ratio, shape_at((41, 57), ratio))
        np.testing.assert_allclose(there, 0.45, rtol=1e-6)
        np.testing.assert_allclose(resample(there, 1 / ratio, (41, 57)), 0.45, rtol=1e-6)
