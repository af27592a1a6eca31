"""BM3D denoiser: on binned and Anscombe-stabilised counts, or those of single pixels."""

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
    """BM3D of stabilised counts, with an adjustable noise level.

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
