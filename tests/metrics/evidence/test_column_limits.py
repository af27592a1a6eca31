"""Limits against simulated single columns: an observer and a fit that reach them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.optimize

from tembench.metrics.evidence.column_limits import (
    detectability,
    detection_error,
    fitted_psnr_db,
    gaussian_column,
    position_bound_px,
)

DOSE = 0.45
SHAPE = (64, 64)
CENTRE = (31.3, 32.1)
SIGMA_PX = 8.0
FLAT = np.full(SHAPE, DOSE)


def column(height: float, xy: tuple[float, float] = CENTRE) -> np.ndarray:
    return gaussian_column(SHAPE, xy, height=height, sigma_px=SIGMA_PX)


@pytest.mark.parametrize("height", [0.02, -0.02])
def test_a_faint_gaussian_has_the_closed_forms(height: float) -> None:
    signal = column(height)
    assert detectability(signal, FLAT) == pytest.approx(
        abs(height) * SIGMA_PX * math.sqrt(math.pi / DOSE), rel=0.02
    )
    bound = math.sqrt(2 * DOSE / math.pi) / abs(height)
    assert position_bound_px(signal, FLAT) == pytest.approx((bound, bound), rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("height", [0.03, 0.06, 0.12, -0.06])
def test_a_matched_filter_errs_as_often_as_the_ideal_observer(height: float) -> None:
    signal, draw, trials = column(height), np.random.default_rng(3), 4000
    weights = signal / (FLAT + signal / 2)
    scores = [
        np.array([np.vdot(weights, draw.poisson(rate)) for _ in range(trials)])
        for rate in (FLAT, FLAT + signal)
    ]
    between = np.vdot(weights, FLAT + signal / 2)
    wrong = (np.mean(scores[0] > between) + np.mean(scores[1] <= between)) / 2
    expected = detection_error(detectability(signal, FLAT))
    error = math.sqrt(expected * (1 - expected) / (2 * trials))
    assert wrong == pytest.approx(expected, abs=3 * error)


@pytest.mark.slow
def test_no_blur_before_the_decision_errs_less_often() -> None:
    # Discs, points and other Gaussians are weights of other observers.
    signal, draw = column(0.06), np.random.default_rng(4)
    expected = detection_error(detectability(signal, FLAT))
    counts = [draw.poisson(rate, (3000, *SHAPE)) for rate in (FLAT, FLAT + signal)]
    for width in (3.0, 5.0, 14.0):
        weights = gaussian_column(SHAPE, CENTRE, height=1.0, sigma_px=width)
        scores = [np.tensordot(one, weights, axes=2) for one in counts]
        between = np.vdot(weights, FLAT + signal / 2)
        wrong = (np.mean(scores[0] > between) + np.mean(scores[1] <= between)) / 2
        assert wrong > expected - 3 * math.sqrt(expected / 6000)


@pytest.mark.slow
@pytest.mark.parametrize("height", [0.3, 0.8])
def test_the_most_likely_place_scatters_as_much_as_the_bound(height: float) -> None:
    signal, draw, trials = column(height), np.random.default_rng(5), 200
    found = []
    for _ in range(trials):
        counts = draw.poisson(FLAT + signal)

        def loss(xy: np.ndarray, counts: np.ndarray = counts) -> float:
            rate = FLAT + column(height, (xy[0], xy[1]))
            return float(rate.sum() - np.vdot(counts, np.log(rate)))

        found.append(scipy.optimize.minimize(loss, CENTRE, method="Nelder-Mead").x)
    # The scatter of a standard deviation from so many trials.
    error = 1 / math.sqrt(2 * trials)
    scatter = np.std(found, axis=0)
    assert scatter == pytest.approx(position_bound_px(signal, FLAT), rel=3 * error + 0.03)
    np.testing.assert_allclose(np.mean(found, axis=0), CENTRE, atol=4 * scatter.max() / 17)


def test_a_tilted_background_and_a_long_column_have_a_bound_of_their_own() -> None:
    signal = column(0.1)
    stretched = gaussian_column((64, 128), (63.0, 32.0), height=0.1, sigma_px=SIGMA_PX)
    stretched = stretched.reshape(64, 64, 2).mean(axis=2)
    across, down = position_bound_px(stretched, FLAT)
    assert across < down
    assert position_bound_px(signal, 4 * FLAT)[0] > 1.8 * position_bound_px(signal, FLAT)[0]


@pytest.mark.parametrize("number", [4, 16])
def test_a_fit_of_amplitudes_has_the_psnr(number: int) -> None:
    # Blocks of pixels, each with an amplitude of its own.
    side, draw = int(math.sqrt(number)), np.random.default_rng(6)
    errors = []
    for _ in range(300):
        size = 64 // side
        means = draw.poisson(FLAT).reshape(side, size, side, size).mean(axis=(1, 3))
        errors.append(np.mean((np.kron(means, np.ones((size, size))) - FLAT) ** 2))
    expected = fitted_psnr_db(number, pixels=FLAT.size, dose_e_per_px=DOSE)
    assert -10 * math.log10(np.mean(errors)) == pytest.approx(expected, abs=0.5)


def test_twice_the_dose_is_three_decibel_of_the_error_in_parts_of_the_dose() -> None:
    low, high = (fitted_psnr_db(190, pixels=640_000, dose_e_per_px=dose) for dose in (0.45, 0.9))
    assert high - low == pytest.approx(-10 * math.log10(2))
