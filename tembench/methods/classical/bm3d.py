"""BM3D as a method: on binned and Anscombe-stabilised counts, or those of single pixels."""

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


def build(parameters: Mapping[str, Any]) -> BM3D:
    """Return BM3D with the parameters of ``method.toml``."""
    settings = dict(parameters)
    binning, strength = settings.pop("binning"), settings.pop("strength")
    settings["matches"] = (settings.pop("matches_first"), settings.pop("matches_second"))
    return BM3D(binning, strength, settings)
