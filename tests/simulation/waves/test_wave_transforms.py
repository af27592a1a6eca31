"""Transforms within a band against NumPy's."""

from __future__ import annotations

import numpy as np

from tembench.simulation.waves.wave_transforms import (
    cross_atoms,
    cross_distance,
    half_to_real,
    intensity_of,
    real_to_half,
    to_spectrum,
    to_wave,
)

HALF, SHAPE = 12, (30, 36)
KEPT = np.r_[0:HALF, SHAPE[1] - HALF + 1 : SHAPE[1]]


def random_wave(seed: int) -> np.ndarray:
    parts = np.random.default_rng(seed).standard_normal((2, *SHAPE))
    return (parts[0] + 1j * parts[1]).astype(np.complex64)


def test_the_kept_frequencies_are_those_of_the_whole_transform() -> None:
    wave = random_wave(1)
    expected = np.fft.fft2(wave)[:, KEPT]
    np.testing.assert_allclose(to_spectrum(wave.copy(), HALF), expected, rtol=1e-4, atol=1e-4)


def test_a_band_limited_wave_comes_back() -> None:
    whole = np.fft.fft2(random_wave(2))
    narrow = np.zeros_like(whole)
    narrow[:, KEPT] = whole[:, KEPT]
    back = to_wave(whole[:, KEPT].astype(np.complex64), SHAPE[1])
    np.testing.assert_allclose(back, np.fft.ifft2(narrow), atol=1e-5)


def test_real_values_come_back_within_the_band() -> None:
    values = random_wave(3).real.copy()
    whole = np.fft.fft2(values)
    narrow = np.zeros_like(whole)
    narrow[:, KEPT] = whole[:, KEPT]
    half = real_to_half(values, HALF)
    np.testing.assert_allclose(half, whole[:, :HALF], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(half_to_real(half, SHAPE[1]), np.fft.ifft2(narrow).real, atol=1e-5)


def test_products() -> None:
    wave, scattered = random_wave(4), random_wave(5)
    expected = wave * (1 + scattered)
    cross_atoms(wave, scattered.real.copy(), scattered.imag.copy())
    np.testing.assert_allclose(wave, expected, rtol=1e-5, atol=1e-5)
    assert abs(intensity_of(wave) / np.sum(np.abs(wave) ** 2) - 1) < 1e-5
    spectrum, band = random_wave(6), np.random.default_rng(7).random(SHAPE).astype(np.float32)
    along_y, along_x = random_wave(8)[:, 0].copy(), random_wave(9)[0].copy()
    expected = spectrum * along_y[:, None] * along_x * band
    cross_distance(spectrum, along_y, along_x, band)
    np.testing.assert_allclose(spectrum, expected, rtol=1e-5, atol=1e-5)
