"""Non-local PCA of stabilised counts, sorted by the estimate of BM3D."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.methods import BM3D, BinSide, NoisyImage, bins_of, denoise_image

from .components import nonlocal_components

# Longer patches take long, and have few others like them; shorter ones hold no column.
_SHORTEST, _LONGEST = 4, 24


@dataclass(frozen=True, kw_only=True)
class NonLocalPCA:
    """Principal components of patches of the whole image.

    Attributes
    ----------
    bins : int or BinSide
        Block size over which counts are summed, px; or in angstrom.
    strength : float
        Assumed standard deviation of the stabilised noise.
    patch_A : float
        Side of the patches, angstrom.
    groups : tuple of int
        See `nonlocal_components`.
    """

    bins: int | BinSide
    strength: float
    patch_A: float
    groups: tuple[int, ...]

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        binning = self.bins.pixels(image) if isinstance(self.bins, BinSide) else self.bins
        side = round(self.patch_A / (binning * image.pixel_size_A))
        bm3d = BM3D(self.bins, self.strength, {"stride": 3})

        def denoise(values: np.ndarray, power: np.ndarray | None = None) -> np.ndarray:
            estimate = bm3d.estimate(values, power)
            patch = min(max(side, _SHORTEST), _LONGEST, *values.shape)
            return nonlocal_components(values, estimate, patch, self.groups, self.strength)

        return denoise_image(image, self.bins, denoise, correlated=True)


def build(parameters: Mapping[str, Any]) -> NonLocalPCA:
    """Return the denoiser with the parameters of ``method.toml``."""
    bins, others = bins_of(parameters)
    return NonLocalPCA(bins=bins, **{**others, "groups": tuple(others["groups"])})
