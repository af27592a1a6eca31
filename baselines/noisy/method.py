"""Control that returns its input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tembench.methods import NoisyImage


class Identity:
    """Returns its input, as electrons per pixel."""

    def denoise(self, image: NoisyImage) -> np.ndarray:
        """Return `image.counts` as float32."""
        return image.counts.astype(np.float32)


def build(parameters: Mapping[str, Any]) -> Identity:
    """Return the identity; it has no parameters."""
    return Identity()
