"""MP-PCA on binned and Anscombe-stabilised counts of a focal series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.methods import NoisyImage, anscombe, bin_series, inverse_anscombe, series_of, unbin

from .mppca import mppca


@dataclass(frozen=True, kw_only=True)
class SeriesPCA:
    """MP-PCA of stabilised counts, with an adjustable noise level.

    Attributes
    ----------
    binning : int
        Block size over which counts are summed, px.
    strength : float
        Assumed standard deviation of the stabilised noise.
    block, block_alone : int
        Side of the block of bins in a row, for a series and for an image on its own.
    window, stride : int
        See `mppca`.
    """

    binning: int
    strength: float
    block: int
    block_alone: int
    window: int
    stride: int

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        series = series_of(image)
        values = mppca(
            anscombe(bin_series(series.counts, self.binning)),
            series.position,
            self.strength,
            block=self.block_alone if len(series.counts) == 1 else self.block,
            window=self.window,
            stride=self.stride,
        )
        height, width = image.counts.shape
        return np.maximum(unbin(inverse_anscombe(values), self.binning, (height, width)), 0)


def build(parameters: Mapping[str, Any]) -> SeriesPCA:
    """Return MP-PCA with the parameters of ``method.toml``."""
    return SeriesPCA(**parameters)
