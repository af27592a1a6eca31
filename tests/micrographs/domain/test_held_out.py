"""Held-out electrons: each at most once, the rest kept; and the parts of a large image."""

from __future__ import annotations

import numpy as np

from tembench.methods import NoisyImage
from tembench.micrographs.domain.held_out import folds, parts_of

COUNTS = np.random.default_rng(0).poisson(2.0, (96, 80)).astype(np.uint8)
IMAGE = NoisyImage(counts=COUNTS, pixel_size_A=0.1, dose_e_per_px=2.0)


def test_each_electron_is_held_out_once() -> None:
    made = list(folds(IMAGE, 0.1, 10))
    assert len(made) == 10
    assert np.array_equal(np.sum([rest for _, rest in made], axis=0), COUNTS)
    for kept, rest in made:
        assert np.array_equal(kept.counts + rest, COUNTS)
        assert kept.counts.dtype == np.uint8
        assert kept.dose_e_per_px == 1.8


def test_each_fold_has_its_share() -> None:
    for _, rest in folds(IMAGE, 0.1, 8):
        # Binomial: a standard deviation of 0.0024.
        assert abs(rest.sum() / COUNTS.sum() - 0.1) < 0.01


def test_images_have_draws_of_their_own() -> None:
    first, second = (next(folds(IMAGE, 0.1, 8, number))[1] for number in (0, 1))
    again = next(folds(IMAGE, 0.1, 8, 0))[1]
    assert not np.array_equal(first, second)
    assert np.array_equal(first, again)


def test_parts_are_the_richest_and_the_plainest() -> None:
    counts = np.random.default_rng(0).poisson(2.0, (200, 1000)).astype(np.uint16)
    counts[:, 640:720] += 4 * (np.arange(80) // 8 % 2).astype(np.uint16)
    rich, plain = parts_of(counts, 80, 1.0, 0.0)
    assert rich.shape == plain.shape == (80, 80)
    assert rich.mean() > 3
    assert plain.mean() < 2.5


def test_a_small_image_is_one_part() -> None:
    [part] = parts_of(COUNTS, 96, 1.0, 0.5, 0.0)
    assert part is COUNTS
