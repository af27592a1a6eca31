"""BM3D on binned and Anscombe-stabilised counts, or on single pixels'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.methods.classical.block_matching import bm3d
from tembench.methods.counts.anscombe import denoise_stabilised
from tembench.methods.protocol import NoisyImage


@dataclass(frozen=True)
class BM3D:
    """BM3D with a factor on the noise level that stabilisation promises.

    Parameters
    ----------
    binning : int
        Block size over which counts are summed, px; 1 works on single pixels.
    strength : float
        Assumed standard deviation of the stabilised noise.
    settings : mapping
        Passed on to `bm3d`.
    """

    binning: int
    strength: float
    settings: Mapping[str, Any]

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        return denoise_stabilised(
            image.counts,
            self.binning,
            lambda values: bm3d(values, self.strength, **self.settings),
        )


def build(parameters: Mapping[str, Any]) -> BM3D:
    """Return BM3D as ``method.toml`` sets it."""
    settings = dict(parameters)
    binning, strength = settings.pop("binning"), settings.pop("strength")
    settings["matches"] = (settings.pop("matches_first"), settings.pop("matches_second"))
    return BM3D(binning, strength, settings)
