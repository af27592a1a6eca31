"""Gaussian smoothing of the counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from tembench.methods import NoisyImage


@dataclass(frozen=True)
class Gaussian:
    """A Gaussian filter of one width.

    Parameters
    ----------
    sigma_px : float
        Standard deviation, px.
    """

    sigma_px: float

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the smoothed counts; the mean is kept, so nothing needs undoing."""
        counts = image.counts.astype(np.float32)
        return ndimage.gaussian_filter(counts, self.sigma_px, mode="reflect")


def build(parameters: Mapping[str, Any]) -> Gaussian:
    """Return the filter of ``parameters["sigma_px"]``."""
    return Gaussian(sigma_px=parameters["sigma_px"])
