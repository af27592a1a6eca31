"""Cache of noisy images as binned counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from methods_fakes import refusal
from training_fakes import counts

from tembench.core.errors import MethodError
from tembench.methods.counts.binning import bin_counts
from tembench.methods.protocol import TrainingData
from tembench.methods.training.samples.count_cache import cache_image, read_counts

CPU = torch.device("cpu")


def test_the_cache_contains_binned_counts(noisy_data: TrainingData) -> None:
    cache = read_counts(noisy_data.noisy, binning=4, most=0, device=CPU)
    assert (len(cache), cache.shape) == (5, (15, 17))
    np.testing.assert_array_equal(cache.bins(2), bin_counts(counts(2), 4))
    odd = read_counts(noisy_data.noisy, binning=3, most=0, device=CPU)
    np.testing.assert_array_equal(odd.bins(1), bin_counts(counts(1)[:, :66], 3))
    assert len(read_counts(noisy_data.noisy, binning=4, most=3, device=CPU)) == 3
    assert cache.digest() != odd.digest()


def test_crops_begin_at_half_bins() -> None:
    # The row's number in each pixel: the first bin of a crop gives its position.
    rows = np.repeat(np.arange(40, dtype=np.uint8)[:, None], 40, axis=1)
    cache = read_counts([rows], binning=4, most=0, device=CPU)
    _, pieces = cache.random_crops(np.random.default_rng(0), 200, 3)
    first_rows = {float(value) / 16 - 1.5 for value in pieces[:, 0, 0]}
    assert first_rows == set(range(0, 29, 2))


def test_values_of_a_detector_are_rounded_in_bins() -> None:
    recorded = counts(3).astype(np.float32) + 0.3
    recorded[:4, :4] = -1
    cache = cache_image(recorded, 4, CPU)
    wanted = np.rint(bin_counts(recorded, 4))
    wanted[0, 0] = 0
    np.testing.assert_array_equal(cache.bins(0), wanted)
    np.testing.assert_array_equal(cache_image(counts(3), 4, CPU).bins(0), bin_counts(counts(3), 4))


def test_unusable_training_images_are_refused(noisy_data: TrainingData) -> None:
    def cache(images: Any) -> str:
        return refusal(MethodError, read_counts, images, binning=4, most=0, device=CPU)

    assert "no noisy image" in cache(None)
    assert "no noisy image" in cache([])
    assert "smaller than one bin" in cache([counts(0, (3, 60))])
    assert "not integer counts" in cache([counts(0).astype(np.float32)])
