"""Smoothing and blob response: those of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tembench.metrics.filters import blob_response, smoothed

SHAPES = [(1, 1), (1, 9), (7, 3), (31, 64), (101, 53)]


def image(shape: tuple[int, int]) -> np.ndarray:
    return 0.45 + np.random.default_rng(0).normal(0, 0.2, shape)


# At 8 px the kernel reaches 32 px to either side: most of these images are smaller.
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sigma_px", [0.6, 1.25, 8.0])
def test_equal_to_scipy(shape: tuple[int, int], sigma_px: float) -> None:
    given = image(shape)
    expected = ndimage.gaussian_filter(given, sigma_px)
    np.testing.assert_allclose(smoothed(given, sigma_px), expected, rtol=0, atol=1e-6)
    expected = -(sigma_px**2) * ndimage.gaussian_laplace(given, sigma_px)
    np.testing.assert_allclose(blob_response(given, sigma_px), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_the_type_does_not_matter(dtype: type) -> None:
    counts = np.random.default_rng(1).poisson(2.0, (40, 30)).astype(dtype)
    for function in (smoothed, blob_response):
        found = function(counts, 2.0)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, function(counts.astype(np.float64), 2.0))


def test_views_of_any_layout_are_read_rightly() -> None:
    given = image((40, 60))
    turned = blob_response(given.T, 3.0).T
    np.testing.assert_allclose(turned, blob_response(given, 3.0), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(
        smoothed(given[::2, ::-3], 1.5), smoothed(given[::2, ::-3].copy(), 1.5)
    )


def test_the_image_given_is_left_as_it_is() -> None:
    given = image((20, 20))
    before = given.copy()
    smoothed(given, 2.0)
    blob_response(given, 2.0)
    np.testing.assert_array_equal(given, before)


def test_a_constant_hardly_responds() -> None:
    # Scipy's kernel, cut at four standard deviations, does not sum to zero.
    response = blob_response(np.full((50, 50), 0.45), 8.0)
    assert np.ptp(response) == 0
    assert np.abs(response).max() < 0.0145 / 10


def test_bright_blobs_respond_positively() -> None:
    y, x = np.mgrid[:61, :61] - 30
    blob = np.exp(-(x**2 + y**2) / (2 * 4.0**2))
    # Closed form: for a Gaussian blob of the filter's own size the peak is half its height.
    assert blob_response(0.45 + blob, 4.0)[30, 30] == pytest.approx(0.5, abs=1e-3)
    assert blob_response(0.45 - blob, 4.0)[30, 30] == pytest.approx(-0.5, abs=1e-3)
