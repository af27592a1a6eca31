"""PURE-LET of binned counts, which are Poisson counts as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.methods import NoisyImage, bin_counts, unbin

from .purelet import purelet


@dataclass(frozen=True)
class PureLet:
    """Interscale Haar thresholding that minimises an unbiased estimate of the risk.

    Parameters
    ----------
    binning : int
        Block size over which counts are summed, px; 1 works on single pixels.
    levels : int
        Number of levels. The noise of the coarsest means remains.
    """

    binning: int
    levels: int

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        rows, columns = image.counts.shape
        means = purelet(bin_counts(image.counts, self.binning), self.levels)
        return np.maximum(unbin(means, self.binning, (rows, columns)), 0)


def build(parameters: Mapping[str, Any]) -> PureLet:
    """Return PURE-LET with the parameters of ``method.toml``."""
    return PureLet(**parameters)
