"""Blobs: those of scikit-image's ``blob_log`` at one size, the strongest of near ones kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from skimage.feature import blob_log

from tembench.metrics.blobs import find_blobs
from tembench.metrics.filters import blob_response

SIGMA_PX = 8.0


def clean(size: int = 200) -> np.ndarray:
    """A lattice of columns with strengths of their own, cut by the edge of the image."""
    rng = np.random.default_rng(2)
    y, x = np.mgrid[:size, :size]
    image = np.full((size, size), 0.45)
    for cy in np.arange(12.3, size + 20, 38):
        for cx in np.arange(5.7, size + 20, 33):
            strength = rng.uniform(0.01, 0.15)
            image += strength * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 7.5**2))
    return image


def noisy(size: int = 200) -> np.ndarray:
    return np.random.default_rng(3).poisson(clean(size)).astype(np.float64)


@pytest.mark.parametrize("make", [clean, noisy])
@pytest.mark.parametrize("threshold", [0.02, 0.0145])
def test_peaks_are_those_of_blob_log(make: Callable[[], np.ndarray], threshold: float) -> None:
    image = make()
    # An overlap of 1 lets blobs be as near as they are.
    expected = blob_log(
        image, min_sigma=SIGMA_PX, max_sigma=SIGMA_PX, num_sigma=1, threshold=threshold, overlap=1
    )
    found = find_blobs(blob_response(image, SIGMA_PX), threshold, separation_px=0.0)
    assert len(found) >= 10
    # Sub-pixel centres lie at most half a pixel from the peak.
    pixels = {
        (int(y), int(x))
        for y, x, _ in expected
        if np.abs(found.xy_px - (x, y)).max(axis=1).min() <= 0.5
    }
    assert len(pixels) == len(expected) == len(found)


@pytest.mark.parametrize("centre", [(30.0, 30.0), (30.3, 29.6), (30.49, 30.5), (29.75, 30.1)])
def test_centres_lie_between_pixels(centre: tuple[float, float]) -> None:
    y, x = np.mgrid[:61, :61]
    image = 0.45 + 0.1 * np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * 6.0**2))
    blobs = find_blobs(blob_response(image, SIGMA_PX), 0.0145, separation_px=10.0)
    assert blobs.xy_px == pytest.approx(np.array([centre]), abs=0.02)


@pytest.mark.slow
def test_blobs_at_the_edge_stay_in_the_image() -> None:
    image = np.zeros((20, 30))
    image[0, 0] = image[-1, -1] = image[10, 0] = 1.0
    blobs = find_blobs(image, 0.5, separation_px=1.0)
    assert {tuple(xy) for xy in blobs.xy_px.tolist()} == {(0, 0), (29, 19), (0, 10)}


def response_of(*peaks: tuple[int, int, float]) -> np.ndarray:
    response = np.zeros((40, 40))
    for x, y, height in peaks:
        response[y, x] = height
    return response


def test_the_strongest_of_near_blobs_is_kept() -> None:
    response = response_of((10, 10, 1.0), (14, 10, 2.0), (30, 30, 0.5))
    blobs = find_blobs(response, 0.1, separation_px=5.0)
    assert blobs.xy_px.tolist() == [[14, 10], [30, 30]]
    assert blobs.response.tolist() == [2.0, 0.5]


def test_a_blob_that_was_removed_removes_no_other() -> None:
    response = response_of((10, 10, 3.0), (14, 10, 2.0), (18, 10, 1.0))
    assert find_blobs(response, 0.1, separation_px=5.0).x_px.tolist() == [10, 18]


def test_blobs_just_at_the_separation_both_stay() -> None:
    response = response_of((10, 10, 2.0), (15, 10, 1.0))
    assert len(find_blobs(response, 0.1, separation_px=5.0)) == 2
    assert len(find_blobs(response, 0.1, separation_px=5.01)) == 1


def test_of_equals_the_first_is_kept_and_the_threshold_is_not_reached() -> None:
    response = response_of((10, 10, 1.0), (12, 10, 1.0))
    assert find_blobs(response, 0.1, separation_px=5.0).x_px.tolist() == [10]
    assert len(find_blobs(response, 1.0, separation_px=5.0)) == 0


@pytest.mark.parametrize("value", [0.0, 0.45, 100.0, -100.0, 1e30, -1e30])
def test_a_constant_image_has_no_blob(value: float) -> None:
    # Not even where the kernel, which does not quite sum to zero, responds above the threshold.
    blobs = find_blobs(blob_response(np.full((50, 60), value), SIGMA_PX), 0.0145, 10.0)
    assert len(blobs) == 0
    assert blobs.xy_px.shape == (0, 2)


@pytest.mark.parametrize("value", [1.0, np.nan])
def test_plateaus_and_nan(value: float) -> None:
    # A plateau is one blob if it is smaller than the separation; NaN is never a peak.
    response = np.zeros((20, 20))
    response[5:8, 5:8] = value
    assert len(find_blobs(response, 0.5, separation_px=5.0)) == (value == 1.0)


def test_noise_has_no_more_blobs_than_find_room() -> None:
    image = np.random.default_rng(4).poisson(0.45, (800, 800))
    separation = 10.0
    blobs = find_blobs(blob_response(image, 2.0), 0.0145, separation)
    # Discs of half the separation do not overlap, and no packing covers more than 0.907.
    room = 0.907 * (800 + separation) ** 2 / (np.pi * separation**2 / 4)
    assert 1000 < len(blobs) < room
    chosen = blobs.chosen(blobs.x_px < 400)
    assert 0 < len(chosen) < len(blobs)
    assert (np.diff(blobs.response) <= 0).all()
