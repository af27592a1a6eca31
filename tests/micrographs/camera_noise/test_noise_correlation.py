"""Correlation of noise: silent on counts, found where electrons reach their neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from recordings import doubled, electrons, scintillated
from scipy import ndimage

from tembench.micrographs.camera_noise.noise_correlation import (
    LAGS,
    NoiseCorrelation,
    measure_correlation,
)


def measured(*frames: np.ndarray) -> NoiseCorrelation:
    found = measure_correlation(frames)
    assert found is not None
    return found


@pytest.mark.slow
@pytest.mark.parametrize("dose", [0.1, 0.45, 2.0, 20.0])
def test_counts_of_a_lattice_are_white_within_the_error(dose: float) -> None:
    found = [measured(electrons(dose, seed)) for seed in range(8)]
    scores = [one.neighbours / one.standard_error for one in found]
    assert not any(one.correlated for one in found)
    assert abs(np.mean(scores)) < 3 / np.sqrt(8)
    assert np.std(scores) == pytest.approx(1, abs=0.7)


@pytest.mark.slow
def test_the_error_falls_with_the_number_of_pixels() -> None:
    one, four = electrons(0.45), electrons(0.45, side=512)
    error = measured(one).standard_error
    assert error / measured(four).standard_error == pytest.approx(2, rel=0.15)
    frames = [electrons(0.45, seed) for seed in range(4)]
    assert error / measured(*frames).standard_error == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("spread_px", [0.5, 0.9])
def test_a_point_spread_is_found_with_its_width(spread_px: float) -> None:
    found = measured(scintillated(0.45, spread_px=spread_px))
    assert found.correlated
    assert found.spreads
    assert found.doubled is None
    # A blur of whole pixels is a little narrower than one within them.
    assert 0.55 * spread_px < found.spread_px < spread_px
    assert "point spread" in found.described()
    assert found.reach_px > 1


def test_electrons_counted_twice_are_found_with_their_share() -> None:
    found = measured(doubled(electrons(0.45, side=512), 0.1))
    assert found.correlated
    assert found.along_x == pytest.approx(0.1 / 1.1, abs=4 * found.axis_error)
    assert found.along_y == pytest.approx(0, abs=4 * found.axis_error)
    assert found.doubled == pytest.approx(0.1, abs=0.04)
    assert "counted twice" in found.described()


def test_sharpened_noise_is_correlated_but_does_not_spread() -> None:
    counts = electrons(0.45).astype(float)
    found = measured(counts - 0.3 * ndimage.laplace(counts))
    assert found.correlated
    assert not found.spreads
    assert "sharpening" in found.described()


def test_the_autocorrelation_is_that_of_the_noise_and_not_of_the_lattice() -> None:
    white = measured(electrons(2.0)).autocorrelation
    assert white.shape == (2 * LAGS + 1, 2 * LAGS + 1)
    assert white[LAGS, LAGS] == pytest.approx(1)
    assert np.abs(np.delete(white.ravel(), white.size // 2)).max() < 0.05
    blurred = measured(scintillated(2.0)).autocorrelation[LAGS, LAGS:]
    assert (np.diff(blurred) < 0).all()


@pytest.mark.slow
def test_power_hidden_from_second_differences_is_recovered() -> None:
    """They see a thirtieth of the noise of this scintillator."""
    values = scintillated(0.45, side=512)
    differences = values
    for axis in (0, 1):
        differences = ndimage.correlate1d(differences, [1.0, -2.0, 1.0], axis=axis)
    seen = np.mean(differences**2) / 36 / values.mean()
    assert seen < 0.05
    assert seen * measured(values).hidden_power == pytest.approx(1 + 1 / 30, rel=0.15)


def test_small_and_noiseless_images_have_no_correlation() -> None:
    assert measure_correlation([electrons(0.45, side=60)]) is None
    assert measure_correlation([np.full((80, 80), 3)]) is None
