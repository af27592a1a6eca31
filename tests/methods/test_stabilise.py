from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from tembench.methods.stabilise import (
    anscombe,
    bin_counts,
    denoise_stabilised,
    inverse_anscombe,
    unbin,
)


def expectation(mean: float) -> float:
    """E[2 sqrt(n + 3/8)], summed independently of the module."""
    counts = np.arange(int(mean + 20 * np.sqrt(mean) + 40))
    return float(np.sum(stats.poisson.pmf(counts, mean) * 2 * np.sqrt(counts + 0.375)))


@pytest.mark.parametrize("mean", [0.1, 0.24, 0.45, 0.75, 1.0, 3.3, 12.0, 28.8, 50.0, 200.0])
def test_the_inverse_is_unbiased(mean):
    assert inverse_anscombe(np.array([expectation(mean)]))[0] == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize("mean", [255.0, 257.0, 400.0, 5000.0])
def test_the_inverse_goes_on_beyond_its_table(mean):
    assert inverse_anscombe(np.array([expectation(mean)]))[0] == pytest.approx(mean, rel=1e-6)


def test_below_the_least_count_is_nothing():
    least = anscombe(np.zeros(1))[0]
    np.testing.assert_allclose(inverse_anscombe(np.array([0.0, -3.0, least])), 0, atol=1e-6)


def test_the_inverse_rises():
    values = inverse_anscombe(np.linspace(1, 60, 5000))
    assert np.all(np.diff(values) >= 0)


def test_the_mean_of_a_flat_field_survives_a_perfect_denoiser():
    # Averaging everything is a denoiser whose output is E[anscombe], up to the draw's own error.
    counts = np.random.default_rng(0).poisson(0.45, (800, 800)).astype(np.uint8)
    for binning in (1, 8):
        out = denoise_stabilised(counts, binning, lambda v: np.full_like(v, v.mean()))
        assert out.mean() == pytest.approx(counts.mean(), rel=3e-3)


def test_binned_counts_have_unit_variance_and_single_ones_do_not():
    counts = np.random.default_rng(1).poisson(0.45, (800, 800))
    assert anscombe(bin_counts(counts, 8)).std() == pytest.approx(1.0, abs=0.02)
    assert anscombe(counts).std() == pytest.approx(0.657, abs=0.01)


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
def test_unbinning_keeps_the_place(binning):
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
