"""Saturated pixels, and counts that are not."""

from __future__ import annotations

import numpy as np
import pytest

from tembench.micrographs.electrons.outliers import find_outliers
from tembench.micrographs.electrons.saturation import saturation_warning

GENERATOR = np.random.default_rng(8)


@pytest.mark.parametrize("dose", [0.05, 0.45, 2.0, 30.0, 3e4])
def test_counts_are_not_saturated(dose: float) -> None:
    for scale in (1.0, 7.3):
        assert saturation_warning(GENERATOR.poisson(dose, (256, 256)) * scale) is None


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_values_that_end_at_a_limit_are(dtype: type) -> None:
    counts = np.minimum(np.random.default_rng(9).poisson(236, (256, 256)), 255).astype(dtype)
    percent = 100 * np.mean(counts == 255)
    assert percent > 10
    (warning,) = find_outliers(counts).warnings(counts, replaced=False)
    assert f"saturated: {percent:.2g} % of the pixels have the largest value, 255" in warning
    # A detector that counts at most one electron per pixel.
    assert saturation_warning(GENERATOR.poisson(2.0, (256, 256)) > 0) is not None


def test_hot_pixels_are_not_saturation() -> None:
    counts = GENERATOR.poisson(2.0, (256, 256)).astype(np.uint16)
    counts[40:46, 50:57] = 60_000
    (warning,) = find_outliers(counts).warnings(counts, replaced=False)
    assert warning.startswith("outlying pixels: 42 hot")
