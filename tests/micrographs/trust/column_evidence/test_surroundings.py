"""Electrons of a column against those of its surroundings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from tembench.micrographs.trust.column_evidence.surroundings import (
    disc_and_ring,
    frames_noise,
    log_ratio,
    p_value,
    scores,
)

PIXEL_SIZE_A = 0.1
PLACES = np.array([[30.0, 30.0], [60.0, 40.0], [1.0, 0.0]])


def bright(contrast: float) -> np.ndarray:
    image = np.full((100, 100), 2.0)
    y, x = np.mgrid[:100, :100]
    for at_x, at_y in PLACES:
        image[np.hypot(x - at_x, y - at_y) <= 7.1] *= 1 + contrast
    return image


def test_contrast_is_that_of_disc_over_ring_also_at_the_edge() -> None:
    assert disc_and_ring(bright(0.3), PLACES, PIXEL_SIZE_A).contrast == pytest.approx(0.3, abs=0.02)
    assert disc_and_ring(np.ones((100, 100)), PLACES, PIXEL_SIZE_A).contrast == pytest.approx(0)


def test_p_values_are_binomial() -> None:
    counts = disc_and_ring(np.random.default_rng(0).poisson(bright(0.0)), PLACES, PIXEL_SIZE_A)
    due = binom.sf(counts.disc - 1, counts.total, counts.share)
    np.testing.assert_allclose(p_value(counts, np.ones(3)), due)
    both = p_value(counts, np.ones(3)) + p_value(counts, -np.ones(3))
    assert (both > 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("contrast", [0.2, -0.2])
def test_ratio_and_score_tell_columns_from_none(contrast: float) -> None:
    generator = np.random.default_rng(1)
    shown = disc_and_ring(bright(contrast), PLACES, PIXEL_SIZE_A)
    ratios, z = {}, {}
    for there in (contrast, 0.0):
        draws = [
            disc_and_ring(generator.poisson(bright(there)), PLACES, PIXEL_SIZE_A)
            for _ in range(200)
        ]
        ratios[there] = np.array([log_ratio(one, shown)[:2] for one in draws])
        z[there] = np.array([scores(one, shown) for one in draws])[:, :, :2]
    # Each ratio is unlikely under the other hypothesis (Markov's inequality).
    assert (ratios[contrast] < -np.log(20)).mean() <= 0.05
    assert (ratios[0.0] > np.log(20)).mean() <= 0.05
    score, expected = z[contrast].mean(axis=(0, 2))
    assert score == pytest.approx(expected, abs=0.2)
    assert z[0.0][:, 0].std() == pytest.approx(1, abs=0.1)


def test_noise_of_frames_that_count_electrons_twice_is_larger() -> None:
    generator = np.random.default_rng(2)
    clean = np.full((256, 256), 2.0)
    counted, twice = [], []
    for _ in range(5):
        counts, frames = generator.poisson(clean), generator.poisson(3 * clean)
        counted.append(frames_noise(counts, frames, PIXEL_SIZE_A))
        doubled = [image + np.roll(image, 1, axis=1) for image in (counts, frames)]
        twice.append(frames_noise(doubled[0], doubled[1], PIXEL_SIZE_A))
    assert np.mean(counted) == pytest.approx(1, abs=0.2)
    assert np.mean(twice) == pytest.approx(2, abs=0.4)
