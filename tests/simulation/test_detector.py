"""Drift, dose and detector against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.recipe import Condition, Detector
from tembench.simulation.detector import NOISE_STEP_E, draw_counts, drifted, expose, record

PIXEL_A = 0.25
FLAT = np.full((200, 200), 0.45, dtype=np.float32)


def condition(dose: float = 0.45, drift: tuple[float, float] = (0.0, 0.0)) -> Condition:
    return Condition(dose_e_per_px=dose, drift_A=drift, detector=None)


def detector(dqe: float = 1.0, mtf_nyquist: float = 1.0, read_noise_e: float = 0.0) -> Detector:
    return Detector(dqe=dqe, mtf_nyquist=mtf_nyquist, read_noise_e=read_noise_e)


def test_a_condition_that_changes_nothing_returns_the_same_array() -> None:
    assert expose(FLAT, condition(), 0.45, PIXEL_A) is FLAT


def test_dose_scales() -> None:
    np.testing.assert_allclose(expose(FLAT, condition(dose=5.0), 0.45, PIXEL_A), 5.0, rtol=1e-6)


@pytest.mark.parametrize("way", [0.8, 3.0])
def test_drift_along_x_dampens_a_lattice_by_its_sinc(way: float) -> None:
    k = 20 / (200 * PIXEL_A)
    x = np.arange(200) * PIXEL_A
    lattice = (0.45 + 0.1 * np.cos(2 * np.pi * k * x) + np.zeros((200, 1))).astype(np.float32)
    found = expose(lattice, condition(drift=(way, 0.0)), 0.45, PIXEL_A)
    expected = 0.45 + np.sinc(k * way) * (lattice - 0.45)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_oblique_drift_smears_a_spot_along_its_way_and_leaves_its_place() -> None:
    y, x = np.mgrid[:200, :200] * PIXEL_A
    spot = np.exp(-((x - 25) ** 2 + (y - 20) ** 2) / 2).astype(np.float32)
    way = np.array([1.5, 3.0])
    moved = drifted(np.stack([spot, 2 * spot]), (way[0], way[1]), PIXEL_A)
    np.testing.assert_allclose(moved[1], 2 * moved[0], atol=1e-6)
    weights = moved[0] / moved[0].sum()
    centre = np.array([(weights * x).sum(), (weights * y).sum()])
    np.testing.assert_allclose(centre, (25, 20), atol=1e-3)
    offsets = np.stack([x - centre[0], y - centre[1]])
    covariance = np.einsum("iyx,jyx,yx->ij", offsets, offsets, weights)
    # An even way of length d has the variance d^2 / 12.
    np.testing.assert_allclose(covariance, np.eye(2) + np.outer(way, way) / 12, atol=5e-3)


def test_drift_lets_nothing_wrap_around_vertically() -> None:
    image = FLAT.copy()
    image[150:] = 0.6
    moved = drifted(image, (0.0, 2.0), PIXEL_A)
    np.testing.assert_allclose(moved[:50], 0.45, atol=2e-3)
    np.testing.assert_allclose(moved[-10:], 0.6, atol=2e-3)


def test_without_a_detector_every_electron_is_counted() -> None:
    np.testing.assert_array_equal(record(FLAT, None, 7, 3, 1), draw_counts(FLAT, 7, 3, 1))


@pytest.mark.parametrize("dqe", [0.25, 0.5])
def test_lost_electrons_keep_the_mean_and_raise_the_variance(dqe: float) -> None:
    found = record(FLAT, detector(dqe=dqe), 7, 0)
    assert found.mean() == pytest.approx(0.45, rel=0.03)
    assert found.var() == pytest.approx(0.45 / dqe, rel=0.05)
    assert set(np.unique(found * dqe)) <= set(range(20))


def test_spread_counts_colour_the_noise_by_the_square_of_the_transfer() -> None:
    noise = record(FLAT, detector(mtf_nyquist=0.2), 7, 0) - 0.45
    power = np.abs(np.fft.fft2(noise)) ** 2 / noise.size / 0.45
    fy, fx = np.fft.fftfreq(200)[:, None], np.fft.fftfreq(200)
    f2 = (fy**2 + fx**2) / 0.25
    for low, high in ((0.0, 0.2), (0.4, 0.6), (0.9, 1.1)):
        ring = (f2 > low) & (f2 < high)
        assert power[ring].mean() == pytest.approx((0.2 ** (2 * f2[ring])).mean(), rel=0.06)
    assert noise.mean() == pytest.approx(0, abs=0.01)


def test_a_spread_electron_is_still_one() -> None:
    counts = draw_counts(FLAT, 7, 0).sum(dtype=float)
    spread = record(FLAT, detector(mtf_nyquist=0.1), 7, 0).sum(dtype=float)
    assert spread == pytest.approx(counts, rel=1e-3)


def test_read_noise_is_gaussian_and_may_be_negative() -> None:
    dark = record(0 * FLAT, detector(read_noise_e=0.3), 7, 0)
    assert dark.std() == pytest.approx(0.3, rel=0.02)
    assert dark.mean() == pytest.approx(0.0, abs=0.01)
    assert dark.min() < 0


def test_recorded_values_are_whole_steps_and_depend_on_the_seed_alone() -> None:
    camera = detector(dqe=0.5, mtf_nyquist=0.2, read_noise_e=0.2)
    found = record(FLAT, camera, 7, 3, 1)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found / NOISE_STEP_E, np.rint(found / NOISE_STEP_E))
    np.testing.assert_array_equal(found, record(FLAT, camera, 7, 3, 1))
    for other in (record(FLAT, camera, 7, 3, 2), record(FLAT, camera, 7, 4, 1)):
        residuals = np.corrcoef(found.ravel(), other.ravel())
        assert abs(residuals[0, 1]) < 0.03


def test_values_beyond_the_range_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        record(300 + FLAT, detector(dqe=0.9), 7, 0)
