from __future__ import annotations

import numpy as np
import pytest
from scipy import fft

from tembench.methods.counts.binning import bin_counts
from tembench.methods.counts.noise_spectrum import NoiseSpectrum, noise_spectrum

SHAPE = (256, 320)


def spread(counts: np.ndarray, width: float) -> np.ndarray:
    """Counts whose spectrum a camera multiplies by a Gaussian of a width in cycles per pixel."""
    square = fft.fftfreq(SHAPE[0])[:, None] ** 2 + fft.rfftfreq(SHAPE[1]) ** 2
    return fft.irfft2(fft.rfft2(counts) * np.exp(-square / (2 * width**2)), s=SHAPE)


def electrons(seed=1, mean=2.0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, SHAPE).astype(np.float64)


def test_integers_are_counted_electrons():
    assert noise_spectrum(electrons().astype(np.uint8), 0.1) == NoiseSpectrum()
    assert NoiseSpectrum().power(np.array([0.0, 0.3])).tolist() == [1, 1]


def test_lost_electrons_and_read_noise_raise_the_power():
    read = np.random.default_rng(2).normal(0, 1.5, SHAPE)
    found = noise_spectrum((electrons(mean=2.0) / 0.8 + read).astype(np.float32), 0.1)
    expected = 1 / 0.8 + 1.5**2 / 2.5
    np.testing.assert_allclose(found.power(np.array([0, 0.2, 0.45])), expected, rtol=0.07)


def test_a_lattice_does_not_count_as_noise():
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    clean = 4 + np.cos(0.35 * x + 0.2 * y) + np.cos(0.4 * y)
    counts = np.random.default_rng(3).poisson(clean).astype(np.float32)
    found = noise_spectrum(counts, 0.1)
    np.testing.assert_allclose(found.power(np.array([0, 0.1, 0.4])), 1, rtol=0.07)


@pytest.mark.parametrize("width", [0.2, 0.4])
def test_spread_noise_falls_with_frequency(width):
    found = noise_spectrum(spread(electrons(), width).astype(np.float32), 0.1)
    frequency = np.array([0.0, 0.1, 0.2, 0.4])
    np.testing.assert_allclose(
        found.power(frequency), np.exp(-((frequency / width) ** 2)), rtol=0.15
    )


@pytest.mark.parametrize("binning", [1, 2, 5])
def test_binned_power_is_that_of_binned_images(binning):
    assert NoiseSpectrum().binned(binning) == pytest.approx(1)
    values = spread(electrons(), 0.2)
    power = noise_spectrum(values.astype(np.float32), 0.1).binned(binning)
    assert power.shape == (32, 32)
    sums = bin_counts(values, binning)
    # Parseval: the mean power is the variance.
    assert power.mean() == pytest.approx(sums.var() / sums.mean(), rel=0.1)
    if binning < 5:
        assert power[0, 0] > 1.2 * power[16, 16]


@pytest.mark.parametrize("values", [np.zeros((64, 64)), np.ones((5, 200)), -np.ones((64, 64))])
def test_images_that_show_no_noise_count_as_counted(values):
    assert noise_spectrum(values.astype(np.float32), 0.1) == NoiseSpectrum()


def test_a_constant_image_has_little_noise_and_no_error():
    power = noise_spectrum(np.full((64, 64), 3, np.float32), 0.1).power(np.array(0.2))
    assert 0 < power < 1e-3
