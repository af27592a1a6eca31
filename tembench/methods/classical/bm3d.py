"""BM3D denoiser: on binned and Anscombe-stabilised counts, or those of single pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.methods.classical.block_matching import bm3d
from tembench.methods.counts.anscombe import denoise_image
from tembench.methods.counts.bin_side import BinSide
from tembench.methods.protocol import Denoiser, NoisyImage


@dataclass(frozen=True)
class BM3D:
    """BM3D of stabilised counts, with an adjustable noise level.

    Parameters
    ----------
    bins : int or BinSide
        Block size over which counts are summed, px, 1 for single pixels; or in angstrom.
    strength : float
        Assumed standard deviation of the stabilised noise.
    settings : mapping
        Passed on to `bm3d`.
    """

    bins: int | BinSide
    strength: float
    settings: Mapping[str, Any]

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        return denoise_image(image, self.bins, self.estimate, correlated=True)

    def estimate(
        self,
        values: np.ndarray,
        power: np.ndarray | None = None,
        guide: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the estimate of stabilised values (y, x); `power` and `guide` as for `bm3d`."""
        return bm3d(values, self.strength, power=power, guide=guide, **self.settings)


@dataclass(frozen=True)
class GuidedBM3D:
    """Mean of another method's result and of BM3D's second step, which that result guides.

    A network knows what images look like, and blurs what it has not learned well enough; the filter
    takes from the counts what groups of patches that are alike in the network's result have in
    common.

    Parameters
    ----------
    base : Denoiser
        The other method.
    bm3d : BM3D
        The filter.
    """

    base: Denoiser
    bm3d: BM3D

    @property
    def network(self) -> Any:
        """Network of the other method, if it has one."""
        return getattr(self.base, "network", None)

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        guide = self.base.denoise(image)
        filtered = denoise_image(
            image, self.bm3d.bins, self.bm3d.estimate, correlated=True, guide=guide
        )
        return (guide + filtered) / 2
