"""Other frames: drift is followed by whole pixels, frames that differ are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from selection_images import noisy

from tembench.micrographs.selection.other_frames import copies_of


def particle(side_px: int, down: float = 0, across: float = 0) -> np.ndarray:
    """A lattice inside a disc that is not in the middle; e/px."""
    y, x = np.mgrid[:side_px, :side_px].astype(float)
    y, x = y - down, x - across
    waves = np.cos(2 * np.pi * x / 28) + np.cos(2 * np.pi * y / 28)
    inside = np.hypot(y - 0.4 * side_px, x - 0.55 * side_px) < 0.25 * side_px
    return 2 + 0.5 * ndimage.gaussian_filter(np.where(inside, 1 + waves, 0.0), 3)


@pytest.mark.slow
def test_drift_is_undone_by_whole_pixels() -> None:
    image = noisy(8 * particle(256), 0)
    moves = [(5, -7), (-4, 6), (10, -14), (-9, 12)]
    frames = [noisy(8 * particle(256, *move), seed) for seed, move in enumerate(moves, 1)]
    copies = copies_of(image, frames)
    assert not copies.refusal
    assert copies.largest_shift_px == 14
    assert copies.mean.shape == (256 - 19, 256 - 26)
    clean = 8 * particle(256)[copies.part]
    # The mean of four frames has a quarter of their noise.
    assert np.mean((copies.mean - clean) ** 2) < 1.05 * clean.mean() / 4


@pytest.mark.slow
def test_noise_alone_is_not_taken_for_drift() -> None:
    flat = np.full((256, 256), 2.0)
    copies = copies_of(noisy(flat, 0), [noisy(flat, seed) for seed in range(1, 9)])
    assert copies.largest_shift_px == 0
    assert copies.frames == 8


@pytest.mark.slow
def test_the_dose_of_each_frame_is_allowed_for() -> None:
    image = noisy(particle(256), 0)
    frames = [replace(noisy(2 * particle(256), seed), dose_e_per_px=2 * image.dose_e_per_px)
              for seed in (1, 2)]  # fmt: skip
    assert copies_of(image, frames).mean.mean() == np.float32(
        np.mean([frame.counts for frame in frames]) / 2
    )


@pytest.mark.slow
def test_frames_of_a_scene_that_changes_are_refused() -> None:
    image = noisy(particle(256), 0)
    turned = np.rot90(particle(256))
    shares = (0.1, 0.2, 0.7, 1.0)
    frames = [
        noisy((1 - share) * particle(256) + share * turned, seed)
        for seed, share in enumerate(shares, 1)
    ]
    assert "the scene changes" in copies_of(image, frames).refusal


@pytest.mark.slow
def test_too_few_frames_and_too_much_drift_are_refused() -> None:
    image = noisy(particle(256), 0)
    assert "fewer than two" in copies_of(image, [noisy(particle(256), 1)]).refusal
    small = [noisy(particle(128), seed) for seed in (1, 2)]
    assert "fewer than two" in copies_of(image, small).refusal
    far = [noisy(particle(256, 70, 0), seed) for seed in (1, 2)]
    assert "shifted by 70 px" in copies_of(image, far).refusal
