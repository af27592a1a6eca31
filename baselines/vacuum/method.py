"""Control that returns the dose in vacuum at every pixel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tembench.methods import NoisyImage


class Vacuum:
    """Constant image at the dose in vacuum."""

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return `image.dose_e_per_px` at every pixel, float32."""
        return np.full(image.counts.shape, image.dose_e_per_px, dtype=np.float32)


def build(parameters: Mapping[str, Any]) -> Vacuum:
    """Return the constant; it has no parameters."""
    return Vacuum()
