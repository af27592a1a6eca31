from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from tembench.methods.counts.binning import bin_counts, unbin, upsample_centres


@pytest.mark.slow
@given(
    counts=arrays(
        np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.integers(0, 6)
    ),
    binning=st.integers(1, 12),
)
@settings(max_examples=60, deadline=None)
def test_bins_are_sums(counts, binning):
    sums = bin_counts(counts, binning)
    rows, columns = counts.shape
    assert sums.shape == (-(-rows // binning), -(-columns // binning))
    inside = sums[: rows // binning, : columns // binning]
    whole = counts[: rows // binning * binning, : columns // binning * binning]
    expected = (
        np.add.reduceat(
            np.add.reduceat(whole, np.arange(0, whole.shape[0], binning), 0, dtype=int),
            np.arange(0, whole.shape[1], binning),
            1,
        )
        if whole.size
        else np.zeros(inside.shape)
    )
    np.testing.assert_array_equal(inside, expected)


@pytest.mark.parametrize("binning", [4, 5, 8, 10])
def test_unbinning_keeps_the_position(binning):
    y, x = np.mgrid[:160, :200]
    image = np.exp(-(((y - 71.3) ** 2) + (x - 103.7) ** 2) / (2 * 20.0**2))
    back = unbin(bin_counts(image, binning), binning, (160, 200)).astype(np.float64)
    for axis, place in ((y, 71.3), (x, 103.7)):
        # The Gaussian is cut off at 3.5 standard deviations, alike for both.
        before = (axis * image).sum() / image.sum()
        assert (axis * back).sum() / back.sum() == pytest.approx(before, abs=0.02)
        assert before == pytest.approx(place, abs=0.2)


def test_unbinning_undoes_the_average_over_the_block():
    x = np.arange(240) * 2 * np.pi / 48
    image = np.cos(x)[None, :] + np.zeros((80, 1))
    back = unbin(bin_counts(image, 8), 8, image.shape)[:, 40:200]
    np.testing.assert_allclose(back, image[:, 40:200], atol=4e-3)


def test_unbinning_gives_the_bins_back():
    sums = np.random.default_rng(2).uniform(0.9, 1.1, (9, 11))
    again = bin_counts(unbin(sums, 16, (144, 176)), 16)
    np.testing.assert_allclose(again, sums, atol=2e-3)


@pytest.mark.parametrize("shape", [(64, 64), (67, 93), (61, 64)])
def test_any_size_comes_back(shape):
    flat = unbin(bin_counts(np.ones(shape), 8), 8, shape)
    assert flat.shape == shape
    assert flat.dtype == np.float32
    np.testing.assert_allclose(flat, 1, atol=1e-5)


def test_interpolation_from_the_centres_is_exact_enough() -> None:
    # Finer than the (111) planes of Pt, 2.30 A apart, at 0.0625 A/px.
    y, x = np.meshgrid(np.arange(200.0), np.arange(184.0), indexing="ij")

    def wave(y: np.ndarray, x: np.ndarray) -> np.ndarray:
        period = 2.1 / 0.0625
        return 0.45 * (1 + 0.4 * np.sin(2 * np.pi * (x + 0.3 * y) / period))

    for binning in (4, 8):
        rows, columns = np.meshgrid(
            (np.arange(200 // binning) + 0.5) * binning - 0.5,
            (np.arange(184 // binning) + 0.5) * binning - 0.5,
            indexing="ij",
        )
        back = upsample_centres(wave(rows, columns), binning, (200, 184))
        inside = (back - wave(y, x))[16:-16, 16:-16]
        assert -10 * np.log10(np.square(inside).mean()) > 45
