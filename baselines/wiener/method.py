"""Adaptive Wiener filter: shrinks towards the local mean where the local variance is low."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from tembench.methods import BinSide, NoisyImage, bins_of, denoise_image


@dataclass(frozen=True)
class LocalWiener:
    """Wiener filter with the local mean and variance of a square window.

    Parameters
    ----------
    bins : int or BinSide
        Block size over which counts are summed, px, 1 for single pixels; or in angstrom.
    window : int
        Side of the window, blocks; odd.
    strength : float
        Assumed standard deviation of the stabilised noise.
    """

    bins: int | BinSide
    window: int
    strength: float

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        return denoise_image(image, self.bins, self._filter)

    def _filter(self, values: np.ndarray) -> np.ndarray:
        mean = ndimage.uniform_filter(values, self.window, mode="reflect")
        square = ndimage.uniform_filter(values**2, self.window, mode="reflect")
        variance = np.maximum(square - mean**2, 1e-6)
        gain = np.maximum(1 - self.strength**2 / variance, 0)
        return mean + gain * (values - mean)


def build(parameters: Mapping[str, Any]) -> LocalWiener:
    """Return the filter with the parameters of ``method.toml``."""
    bins, others = bins_of(parameters)
    return LocalWiener(bins, **others)
