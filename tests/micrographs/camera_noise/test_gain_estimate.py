"""Gain, offset and read noise from an image: right within their intervals, or not determinate."""

from __future__ import annotations

import numpy as np
import pytest
from recordings import GAIN, OFFSET, electrons, expected, recorded, scintillated

from tembench.micrographs.camera_noise.gain_estimate import GainEstimate, estimate_gain
from tembench.micrographs.camera_noise.noise_correlation import measure_correlation


def right(found: GainEstimate, gain: float = GAIN, offset: float = OFFSET) -> bool:
    """Return whether both are within twice the distance to the ends of their intervals."""
    ends = (found.gain_interval, found.offset_interval)
    return found.determinate and all(
        abs(value - true) <= 2 * max(value - low, high - value)
        for value, true, (low, high) in zip(
            (found.gain, found.offset), (gain, offset), ends, strict=True
        )
    )


@pytest.mark.slow
@pytest.mark.parametrize("dose", [0.1, 0.45, 2.0])
@pytest.mark.parametrize("read_e", [0.0, 0.3])
@pytest.mark.parametrize("offset", [0.0, OFFSET])
def test_one_image_determines_gain_offset_and_read_noise(
    dose: float, read_e: float, offset: float
) -> None:
    found = estimate_gain([recorded(dose, offset=offset, read_e=read_e, side=512)])
    assert right(found, offset=offset)
    assert found.gain == pytest.approx(GAIN, rel=0.1)
    assert (found.read_noise_e or 0) == pytest.approx(read_e, abs=0.15)
    assert found.assumption


@pytest.mark.slow
def test_an_offset_that_is_given_makes_the_gain_precise() -> None:
    image = recorded(0.45, read_e=0.3)
    free, held = estimate_gain([image]), estimate_gain([image], offset=OFFSET)
    assert right(held)
    assert held.offset_interval == (OFFSET, OFFSET)
    assert held.read_noise_e == pytest.approx(0.3, abs=0.03)
    assert np.ptp(held.gain_interval) < np.ptp(free.gain_interval)


@pytest.mark.slow
def test_frames_of_a_drifting_movie_are_more_precise_than_one() -> None:
    still = expected(0.45)
    frames = [
        OFFSET + GAIN * np.random.default_rng(i).poisson(np.roll(still, (i, 2 * i), (0, 1)))
        for i in range(16)
    ]
    movie, one = estimate_gain(frames), estimate_gain(frames[:1])
    assert right(movie)
    assert np.ptp(movie.gain_interval) < 0.5 * np.ptp(one.gain_interval)


@pytest.mark.slow
def test_intervals_contain_the_truth() -> None:
    """Of 60 images at least 50: nineteen of twenty are promised."""
    inside = 0
    for seed in range(60):
        low, high = estimate_gain([recorded(0.45, seed, side=128)], offset=OFFSET).gain_interval
        inside += low <= GAIN <= high
    assert inside >= 50


def test_electrons_of_unequal_signal_have_no_offset() -> None:
    """Their skewness alone would suggest one; pixels without electrons are 0."""
    counts = electrons(0.45)
    signal = np.random.default_rng(3).gamma(2.0 * np.maximum(counts, 1), 0.5) * (counts > 0)
    found = estimate_gain([GAIN * signal])
    assert found.offset == 0
    # The variance of a signal of that spread is one and a half times as large.
    assert found.gain == pytest.approx(1.5 * GAIN, rel=0.05)


@pytest.mark.slow
def test_noise_that_neighbours_share_is_extrapolated_to_low_frequencies() -> None:
    values = GAIN * scintillated(0.45, side=512)
    plain = estimate_gain([values], offset=0.0)
    found = estimate_gain([values], offset=0.0, correlation=measure_correlation([values]))
    assert plain.gain < 0.1 * GAIN
    assert right(found, offset=0.0)
    assert found.gain == pytest.approx(GAIN, rel=0.2)


def test_noise_that_does_not_grow_with_the_mean_determines_nothing() -> None:
    brightness = np.sqrt(electrons(20.0).astype(float))
    assert not estimate_gain([brightness]).determinate
