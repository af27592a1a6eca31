"""Recorded images against the analytic noise power, DQE and variance of their camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from abtem.mtf import default_mtf_func

from tembench.core.errors import RecipeError
from tembench.recipe import Camera
from tembench.simulation.imaging.camera import (
    detective_quantum_efficiency,
    modulation_transfer,
    noise_power,
    noise_variance,
    record_with_camera,
)

IDEAL = Camera(kind="ideal", dqe=1.0, mtf=(1, 0, 1, 1), gain=1.0, offset=0.0, read_noise=0.0)
COUNTING = replace(IDEAL, kind="counting", dqe=0.75, mtf=(1.0, 0.05, 0.3, 2.5))
SCINTILLATOR = Camera(
    kind="integrating", dqe=0.6, mtf=(1.0, 0.1, 0.06, 1.5), gain=20.0, offset=100.0, read_noise=8.0
)
DIRECT = replace(SCINTILLATOR, dqe=0.9, mtf=(1.0, 0.0, 0.3, 2.0), read_noise=1.0)
CAMERAS = {"ideal": IDEAL, "counting": COUNTING, "scintillator": SCINTILLATOR, "direct": DIRECT}
each_camera = pytest.mark.parametrize("name", CAMERAS)
SIZE = 128


def recorded(camera: Camera[float], image: np.ndarray, number: int, seed: int = 5) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.stack([record_with_camera(image, camera, generator) for _ in range(number)])


def flats(camera: Camera[float], dose: float, number: int = 24) -> np.ndarray:
    flat = np.full((SIZE, SIZE), dose, dtype=np.float32)
    return recorded(camera, flat, number).astype(float)


@each_camera
@pytest.mark.parametrize("dose", [0.4, 20.0])
def test_flat_images_have_the_power_the_variance_and_the_mean_of_their_camera(
    name: str, dose: float
) -> None:
    camera, noise = CAMERAS[name], flats(CAMERAS[name], dose) - dose
    power = np.mean(np.abs(np.fft.fft2(noise)) ** 2, axis=0) / SIZE**2
    axis = np.fft.fftfreq(SIZE)
    k = np.hypot(axis[:, None], axis)
    expected = noise_power(camera, k, dose)
    for low in np.arange(0.01, 0.70, 0.03):
        ring = (k >= low) & (k < low + 0.03)
        # A ring of n independent frequencies in 24 images scatters by 1 / sqrt(12 n).
        within = 5 / np.sqrt(12 * ring.sum()) + 0.005
        assert power[ring].mean() == pytest.approx(expected[ring].mean(), rel=within)
    assert noise.var() == pytest.approx(noise_variance(camera, dose), rel=0.02)
    scatter = np.sqrt(float(noise_power(camera, np.zeros(()), dose)) / noise.size)
    assert abs(noise.mean()) < 4 * scatter


@each_camera
def test_neighbours_correlate_as_the_noise_power_says(name: str) -> None:
    noise = flats(CAMERAS[name], 1.0) - 1.0
    axis = np.fft.fftfreq(256)
    covariance = np.fft.ifft2(noise_power(CAMERAS[name], np.hypot(axis[:, None], axis), 1.0)).real
    for dy, dx in ((0, 1), (1, 0), (1, 1), (0, 3)):
        found = np.mean(noise[:, : SIZE - dy, : SIZE - dx] * noise[:, dy:, dx:])
        assert found / covariance[0, 0] == pytest.approx(
            covariance[dy, dx] / covariance[0, 0], abs=0.01
        )


def test_only_an_integrating_camera_correlates_its_noise() -> None:
    for name, white in (("counting", True), ("direct", False)):
        noise = flats(CAMERAS[name], 1.0, 10) - 1.0
        correlation = np.mean(noise[:, :, 1:] * noise[:, :, :-1]) / noise.var()
        assert (abs(correlation) < 0.02) == white


@pytest.mark.parametrize("name", ["counting", "scintillator", "direct"])
def test_a_grating_is_transferred_by_the_mtf(name: str) -> None:
    camera, k = CAMERAS[name], 24 / SIZE
    # Symmetric about the edges, so that its mirror image goes on with it.
    grating = np.cos(2 * np.pi * k * (np.arange(SIZE) + 0.5)) + np.zeros((SIZE, 1))
    images = recorded(camera, (40 + 30 * grating).astype(np.float32), 20)
    amplitude = 2 * np.mean(images * grating)
    transfer = float(modulation_transfer(camera, np.array(k)))
    assert amplitude == pytest.approx(30 * transfer, abs=0.15)
    assert images.mean() == pytest.approx(40, abs=0.15)


def test_the_mtf_is_that_of_abtem_normalised() -> None:
    k = np.linspace(0, 0.7, 50)
    camera = replace(COUNTING, mtf=(0.9, 0.1, 0.25, -2.3))
    np.testing.assert_allclose(
        modulation_transfer(camera, k), default_mtf_func(k, 0.9, 0.1, 0.25, -2.3) / 0.9
    )
    np.testing.assert_array_equal(modulation_transfer(IDEAL, k), 1)
    whole = modulation_transfer(camera, np.array([0, 1]))
    np.testing.assert_allclose(whole, modulation_transfer(camera, np.array([0.0, 1.0])))


def test_detective_quantum_efficiency_of_each_kind() -> None:
    k = np.linspace(0, 0.5, 11)
    np.testing.assert_allclose(detective_quantum_efficiency(IDEAL, k, 0.3), 1)
    transfer = modulation_transfer(COUNTING, k)
    np.testing.assert_allclose(detective_quantum_efficiency(COUNTING, k, 0.3), 0.75 * transfer**2)
    quiet = replace(SCINTILLATOR, read_noise=0.0, gain=1000.0)
    np.testing.assert_allclose(detective_quantum_efficiency(quiet, k, 5.0), 0.6, rtol=1e-4)
    noisy = detective_quantum_efficiency(SCINTILLATOR, k, 0.3)
    assert np.all(np.diff(noisy) < 0)
    # At frequency 0: 0.3 / (0.3 / 0.6 + (8^2 + 1 / 12) / 20^2)
    assert noisy[0] == pytest.approx(0.3 / (0.5 + (64 + 1 / 12) / 400))


def test_counting_gives_whole_counts_over_the_dqe() -> None:
    values = recorded(COUNTING, np.full((64, 64), 0.7, dtype=np.float32), 1) * COUNTING.dqe
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, np.rint(values), atol=1e-6)
    assert values.min() == 0


def test_integrating_gives_whole_digital_counts_and_dark_values_below_zero() -> None:
    dark = recorded(SCINTILLATOR, np.zeros((64, 64), dtype=np.float32), 1)
    digital = dark * SCINTILLATOR.gain + SCINTILLATOR.offset
    np.testing.assert_allclose(digital, np.rint(digital), atol=1e-3)
    assert dark.min() < 0
    assert dark.std() == pytest.approx(np.sqrt(64 + 1 / 12) / 20, rel=0.05)


def test_digital_counts_are_clipped_at_both_ends() -> None:
    without_offset = replace(SCINTILLATOR, offset=0.0)
    assert recorded(without_offset, np.zeros((64, 64), dtype=np.float32), 1).min() == 0
    high_gain = replace(SCINTILLATOR, gain=6000.0)
    bright = recorded(high_gain, np.full((64, 64), 10.8, dtype=np.float32), 1)
    assert bright.max() == np.float32((65535 - 100) / 6000)


def test_an_expected_signal_beyond_the_range_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"at most 65535 digital counts.*got 80100"):
        recorded(SCINTILLATOR, np.full((8, 8), 4000, dtype=np.float32), 1)


@pytest.mark.parametrize("mtf", [(0, 1, 0.5, 2), (1, 0, 0, 2), (1, 0, -0.2, 2)])
def test_a_transfer_function_that_is_none_is_refused(mtf: tuple[float, ...]) -> None:
    with pytest.raises(RecipeError, match=r"detector mtf.*expected c0 and c2 above 0"):
        modulation_transfer(replace(COUNTING, mtf=mtf), np.array([0.0, 0.2]))


@pytest.mark.parametrize(
    ("dose", "dtype"), [(0.5, np.uint8), (0, np.uint8), (1000, np.uint16), (1e5, np.uint32)]
)
def test_ideal_counts_take_the_smallest_type_that_holds_them(dose: float, dtype: type) -> None:
    counts = recorded(IDEAL, np.full((32, 32), dose, dtype=np.float32), 1)
    assert counts.dtype == dtype
    assert counts.mean() == pytest.approx(dose, rel=0.1)


@each_camera
def test_a_recorded_image_follows_from_the_generator_alone(name: str) -> None:
    image = np.random.default_rng(0).random((40, 64), dtype=np.float32)
    before = image.copy()
    first, again, other = (recorded(CAMERAS[name], image, 1, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)
    np.testing.assert_array_equal(image, before)
