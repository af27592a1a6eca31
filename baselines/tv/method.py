"""Total variation on binned and Anscombe-stabilised counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tembench.methods import BinSide, NoisyImage, bins_of, denoise_image

# Strict enough that the result does not depend on where the iterations stop.
_CHANGE = 1e-5
_MOST_ITERATIONS = 500


@dataclass(frozen=True)
class TotalVariation:
    """Total-variation denoising by Chambolle's algorithm (scikit-image).

    Parameters
    ----------
    bins : int or BinSide
        Block size over which counts are summed, px, 1 for single pixels; or in angstrom.
    strength : float
        Weight of the total variation relative to half the squared distance, in units of the
        noise's standard deviation.
    """

    bins: int | BinSide
    strength: float

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return the denoised image, e/px."""
        return denoise_image(image, self.bins, self._filter)

    def _filter(self, values: np.ndarray) -> np.ndarray:
        from skimage.restoration import denoise_tv_chambolle

        return denoise_tv_chambolle(
            values, weight=self.strength, eps=_CHANGE, max_num_iter=_MOST_ITERATIONS
        )


def build(parameters: Mapping[str, Any]) -> TotalVariation:
    """Return the denoiser with the parameters of ``method.toml``."""
    bins, others = bins_of(parameters)
    return TotalVariation(bins, **others)
