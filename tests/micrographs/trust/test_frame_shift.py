"""Displacement of frames."""

from __future__ import annotations

import numpy as np
import pytest
from toy_subjects import PIXEL_SIZE_A, lattice

from tembench.micrographs.trust.frame_shift import frame_shift_A


@pytest.mark.parametrize("moved_px", [(0, 0), (3, 0), (-2, 4)])
def test_a_shift_is_measured(moved_px: tuple[int, int]) -> None:
    generator = np.random.default_rng(0)
    clean = lattice(160)
    frames = generator.poisson(20 * np.roll(clean, moved_px, axis=(0, 1)))
    y, x = frame_shift_A(generator.poisson(4 * clean), frames, PIXEL_SIZE_A)
    assert np.hypot(y / PIXEL_SIZE_A - moved_px[0], x / PIXEL_SIZE_A - moved_px[1]) < 1.5


def test_noise_has_none() -> None:
    generator = np.random.default_rng(1)
    for _ in range(10):
        counts, frames = generator.poisson(1.0, (2, 128, 128))
        assert frame_shift_A(counts, frames, PIXEL_SIZE_A) == (0.0, 0.0)
