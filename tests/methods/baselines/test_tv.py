from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tembench.methods.counts.binning import bin_counts
from tembench.methods.method import load_method
from tembench.methods.protocol import NoisyImage


def variation(image: np.ndarray) -> float:
    return float(np.abs(np.diff(image, axis=0)).sum() + np.abs(np.diff(image, axis=1)).sum())


@pytest.mark.slow
def test_a_step_stays_where_a_gaussian_of_any_width_loses_it(noisy_image):
    clean = np.full((160, 160), 0.3, np.float32)
    clean[:, 80:] = 0.6
    image = noisy_image(clean)

    def error(result: np.ndarray) -> float:
        return float(np.mean((result - clean) ** 2))

    counts = image.counts.astype(np.float32)
    gaussian = min(error(ndimage.gaussian_filter(counts, sigma)) for sigma in range(3, 14))
    # Measured: 0.42 of it.
    assert error(load_method("tv").build(binning=4, strength=2.0).denoise(image)) < 0.6 * gaussian


def test_more_strength_leaves_less_variation(noisy_image, lattice):
    image = noisy_image(lattice((128, 128)))
    left = [
        variation(bin_counts(load_method("tv").build(binning=4, strength=s).denoise(image), 4))
        for s in (0.5, 1.0, 2.0)
    ]
    assert left[0] > left[1] > left[2]


def test_brighter_counts_are_no_problem():
    # 50 e/px: the noise is stabilised, so the strength needs no change.
    clean = np.full((96, 96), 50.0)
    counts = np.random.default_rng(1).poisson(clean).astype(np.uint8)
    image = NoisyImage(counts=counts, pixel_size_A=0.0625, dose_e_per_px=50.0)
    out = load_method("tv").build().denoise(image)
    assert abs(out.mean() - 50.0) < 0.5
    assert out.std() < 1.5
