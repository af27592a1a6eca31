from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tembench.methods.counts.anscombe import (
    anscombe,
    denoise_image,
    denoise_stabilised,
    expected_anscombe,
    inverse_anscombe,
)
from tembench.methods.counts.bin_side import BinSide
from tembench.methods.counts.binning import bin_counts
from tembench.methods.protocol import NoisyImage


def expectation(mean: float) -> float:
    """E[2 sqrt(n + 3/8)], summed independently of the module."""
    counts = np.arange(int(mean + 20 * np.sqrt(mean) + 40))
    return float(np.sum(stats.poisson.pmf(counts, mean) * 2 * np.sqrt(counts + 0.375)))


@pytest.mark.parametrize("mean", [0.1, 0.24, 0.45, 0.75, 1.0, 3.3, 12.0, 28.8, 50.0, 200.0])
def test_the_inverse_is_unbiased(mean):
    assert inverse_anscombe(np.array([expectation(mean)]))[0] == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize("mean", [255.0, 257.0, 400.0, 5000.0])
def test_the_inverse_continues_beyond_its_table(mean):
    assert inverse_anscombe(np.array([expectation(mean)]))[0] == pytest.approx(mean, rel=1e-6)


def test_values_below_those_of_zero_counts_give_zero():
    least = anscombe(np.zeros(1))[0]
    np.testing.assert_allclose(inverse_anscombe(np.array([0.0, -3.0, least])), 0, atol=1e-6)


@pytest.mark.parametrize("mean", [0.01, 0.7, 5.0, 200.0, 1000.0])
def test_the_expectation_of_a_mean_is_what_the_inverse_undoes(mean):
    assert expected_anscombe(np.array([mean]))[0] == pytest.approx(expectation(mean), rel=1e-4)
    assert inverse_anscombe(expected_anscombe(np.array([mean])))[0] == pytest.approx(mean, rel=1e-3)


def test_the_inverse_rises():
    values = inverse_anscombe(np.linspace(1, 60, 5000))
    assert np.all(np.diff(values) >= 0)


def test_the_mean_of_a_flat_field_survives_a_perfect_denoiser():
    # Averaging everything is a denoiser whose output is E[anscombe], up to the draw's own error.
    counts = np.random.default_rng(0).poisson(0.45, (800, 800)).astype(np.uint8)
    for binning in (1, 8):
        out = denoise_stabilised(counts, binning, lambda v: np.full_like(v, v.mean()))
        assert out.mean() == pytest.approx(counts.mean(), rel=3e-3)


@pytest.mark.parametrize("binning", [1, 8])
def test_the_mean_of_a_detectors_values_is_kept(binning):
    draw = np.random.default_rng(2)
    recorded = 2.0 * draw.poisson(0.225, (160, 160)) + draw.normal(0, 0.3, (160, 160))
    out = denoise_stabilised(
        recorded.astype(np.float32), binning, lambda v: np.full_like(v, v.mean())
    )
    assert out.dtype == np.float32
    assert out.mean() == pytest.approx(recorded.mean(), rel=1e-3)


def test_binned_counts_have_unit_variance_and_single_ones_do_not():
    counts = np.random.default_rng(1).poisson(0.45, (800, 800))
    assert anscombe(bin_counts(counts, 8)).std() == pytest.approx(1.0, abs=0.02)
    assert anscombe(counts).std() == pytest.approx(0.657, abs=0.01)


def seen(counts: np.ndarray) -> NoisyImage:
    return NoisyImage(counts=counts, pixel_size_A=0.1, dose_e_per_px=1.0)


def test_bins_in_pixels_are_those_of_counts_alone():
    counts = np.random.default_rng(3).poisson(2, (64, 80)).astype(np.uint8)
    np.testing.assert_array_equal(
        denoise_image(seen(counts), 4, np.sqrt), denoise_stabilised(counts, 4, np.sqrt)
    )


def test_bins_in_angstrom_are_averaged_over_two_positions():
    counts = np.random.default_rng(4).poisson(2, (66, 80)).astype(np.uint8)
    shapes = []

    def denoise(values):
        shapes.append(values.shape)
        return values

    out = denoise_image(seen(counts), BinSide(0.4, 0.0), denoise)
    assert shapes == [(17, 20), (17, 21)]
    assert out.shape == counts.shape
    assert out.dtype == np.float32
    assert out.mean() == pytest.approx(counts.mean(), rel=0.02)
    one = denoise_stabilised(counts, 4, lambda values: values)
    assert np.var(out) < np.var(one)


@pytest.mark.parametrize("noise", ["lost", "read"])
def test_noise_of_a_camera_is_of_unit_variance_when_stabilised(noise):
    draw = np.random.default_rng(5)
    counts = draw.poisson(2.0, (256, 256)) / 0.6
    if noise == "read":
        counts = counts + draw.normal(0, 1.5, counts.shape)
    deviations = []

    def denoise(values, power=None):
        assert power.mean() == pytest.approx(1)
        deviations.append(values.std())
        return np.full_like(values, values.mean())

    image = seen(counts.astype(np.float32))
    out = denoise_image(image, BinSide(0.4, 0.0), denoise, correlated=True)
    np.testing.assert_allclose(deviations, 1, atol=0.05)
    assert out.mean() == pytest.approx(counts.mean(), rel=1e-3)
