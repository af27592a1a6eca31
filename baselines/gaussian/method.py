"""Gaussian smoothing of the counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from tembench.methods import BinSide, NoisyImage


@dataclass(frozen=True)
class Gaussian:
    """A Gaussian filter of one width.

    Parameters
    ----------
    sigma : float or BinSide
        Standard deviation, px; or in angstrom, larger where electrons are few.
    """

    sigma: float | BinSide

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the smoothed counts; the mean is kept, so nothing needs undoing."""
        counts = image.counts.astype(np.float32)
        sigma_px = self.sigma.of(image) if isinstance(self.sigma, BinSide) else self.sigma
        # Values of a camera may be negative.
        return np.maximum(ndimage.gaussian_filter(counts, sigma_px, mode="reflect"), 0)


def build(parameters: Mapping[str, Any]) -> Gaussian:
    """Return the filter of the width ``sigma_px``, or ``sigma_A`` and ``sigma_growth``."""
    if "sigma_px" in parameters:
        return Gaussian(sigma=parameters["sigma_px"])
    return Gaussian(sigma=BinSide(parameters["sigma_A"], parameters["sigma_growth"]))
